"""The view of the entrance: doors to the street, a mat, flowers, a welcome."""

from __future__ import annotations

from heatwall.simulator.scene_camera import FloorCamera
from heatwall.simulator.scene_decor import outside, panelled, plain, plant, sign, storefront
from heatwall.simulator.scene_goods import produce, shelf
from heatwall.simulator.store import Board, Layout, Line, Route, Solid, Stop, Zone

_BACK_M = 12.0
_WALL_M = 7.2
_DOOR = (-1.3, 1.3)


def _flower_stand(x: float, y: float) -> tuple[Solid, ...]:
    """A low stepped stand of crates."""
    wood = panelled("wood")
    return (
        Solid((x, x + 1.7), (y + 0.55, y + 1.1), (0, 0.85), wood, wood, produce),
        Solid((x, x + 1.7), (y, y + 0.55), (0, 0.5), wood, wood, produce),
    )


def entrance() -> Layout:
    """Return the layout of the entrance."""
    wood, dark = panelled("wood"), plain("frame", 1.2)
    gates = tuple(
        Solid((x, x + 0.1), (9.9, 10.6), (0, 1.5), plain("wall", 1.0), plain("wall", 0.95), dark)
        for x in (-1.75, 1.65)
    )
    return Layout(
        camera=FloorCamera(3.1, 21.0, 0.0, 76.0, 1280, 720),
        back_m=_BACK_M,
        walls_m=(-_WALL_M, _WALL_M),
        back=storefront((_DOOR[0] + _WALL_M, _DOOR[1] + _WALL_M), (0.45, 2.45)),
        outside=outside,
        solids=(
            *gates,
            *_flower_stand(3.2, 8.6),
            *_flower_stand(3.5, 5.6),
            Solid((-7.1, -6.5), (4.0, 11.0), (0, 2.0), wood, shelf, plain("frame", 1.3)),
            Solid((6.5, 7.1), (4.0, 11.0), (0, 2.0), wood, shelf, plain("frame", 1.3)),
            Solid((-4.9, -3.3), (8.3, 9.1), (0, 1.05), wood, wood, plain("wood", 1.12)),
            Solid(
                (-1.9, 1.9), (11.75, 11.9), (2.55, 3.1), sign("WELCOME"), dark, dark, False, False
            ),
        ),
        boards=(
            Board(-2.55, 11.4, (0, 1.5), 1.0, plant),
            Board(2.55, 11.4, (0, 1.5), 1.0, plant),
            Board(-5.2, 6.2, (0, 1.25), 0.9, plant, True),
        ),
        rugs=(((-1.5, 10.7), (1.5, 11.95)),),
        routes=(
            Route(_inward(-3.4, 3.0, (0.5, 7.0)), 1.2, 0.25),
            Route(_inward(2.2, 2.4, (-0.3, 7.6)), 1.2, 0.25),
            Route(_outward(-1.7, 2.4), 1.0, 0.2),
            Route(_outward(1.2, 2.4), 0.8, 0.2),
            Route(_flowers(), 1.4),
            Route(_desk(), 1.2),
        ),
        staff=(((-4.2, 9.55), (-3.6, 7.0)),),
        lines=(Line("door", (-2.6, 9.3), (2.6, 9.3), "below"),),
        zones=(
            Zone("flowers", ((1.7, 5.0), (3.3, 5.0), (3.1, 9.9), (1.7, 9.9))),
            Zone("desk", ((-5.2, 6.7), (-2.4, 6.7), (-2.6, 8.3), (-5.2, 8.3))),
        ),
        crowd=8.0,
    )


def _street(side: float) -> tuple[Stop, ...]:
    """From the pavement through the doorway."""
    return (
        Stop((side * 10.5, 14.0), spread_m=0.2),
        Stop((side * 2.2, 13.4), spread_m=0.2),
        Stop((0.45 * side, 11.9), spread_m=0.2),
        Stop((0.35 * side, 10.0), spread_m=0.3),
    )


def _inward(end_x: float, end_y: float, via: tuple[float, float]) -> tuple[Stop, ...]:
    """Straight in, a look around, on into the shop."""
    look = (via[0] * 4, 3.0)
    return (
        *_street(1.0),
        Stop(via, (1.0, 3.0), look, 0.5),
        Stop((end_x, end_y), spread_m=0.4),
        Stop((end_x * 1.3, 0.6)),
    )


def _outward(start_x: float, start_y: float) -> tuple[Stop, ...]:
    """Out of the shop and away along the pavement."""
    return (
        Stop((start_x * 1.4, 0.6)),
        Stop((start_x, start_y), spread_m=0.3),
        Stop((-0.6, 7.5), spread_m=0.4),
        *reversed(_street(-1.0)),
    )


def _flowers() -> tuple[Stop, ...]:
    """In, along the flower stands, on."""
    return (
        *_street(-1.0),
        Stop((2.6, 8.9), (3.0, 7.0), (4.2, 9.0), 0.25),
        Stop((2.7, 6.2), (3.0, 7.0), (4.4, 6.3), 0.3),
        Stop((1.6, 3.0), spread_m=0.4),
        Stop((1.8, 0.6)),
    )


def _desk() -> tuple[Stop, ...]:
    """In, to the information desk, on."""
    return (
        *_street(1.0),
        Stop((-3.8, 7.6), (5.0, 9.0), (-4.1, 9.0), 0.4),
        Stop((-2.0, 5.0), spread_m=0.4),
        Stop((-1.2, 2.2), spread_m=0.3),
        Stop((-1.2, 0.6)),
    )
