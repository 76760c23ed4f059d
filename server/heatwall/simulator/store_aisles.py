"""The view of the aisles: shelves to both sides, cold cabinets at the back."""

from __future__ import annotations

from heatwall.simulator.scene_camera import FloorCamera
from heatwall.simulator.scene_decor import plain, sign, wall
from heatwall.simulator.scene_goods import fridge, shelf
from heatwall.simulator.store import Layout, Line, Route, Solid, Stop, Zone

_BACK_M = 13.2
_WALL_M = 6.6
_GONDOLAS = ((-3.2, -2.1), (2.1, 3.2))
_NEAR_M, _FAR_M = 4.9, 10.6


def _gondola(left: float, right: float) -> Solid:
    """A shelf that can be reached from both sides."""
    return Solid((left, right), (_NEAR_M, _FAR_M), (0, 1.62), shelf, shelf, plain("frame", 1.5))


def _hanging_sign(x: float, text: str, second: str) -> Solid:
    """A sign that hangs over an aisle."""
    edge = plain("frame", 1.2)
    return Solid(
        (x - 0.75, x + 0.75),
        (9.2, 9.25),
        (2.3, 2.8),
        sign(text, second=second),
        edge,
        edge,
        has_bays=False,
    )


def aisles() -> Layout:
    """Return the layout of the aisles."""
    dark = plain("frame", 1.2)
    return Layout(
        camera=FloorCamera(3.25, 21.5, 0.0, 76.0, 1280, 720),
        back_m=_BACK_M,
        walls_m=(-_WALL_M, _WALL_M),
        back=wall,
        solids=(
            Solid((-5.2, 5.2), (12.5, 13.1), (0, 2.25), fridge, plain("frame"), dark),
            *(_gondola(left, right) for left, right in _GONDOLAS),
            Solid((-6.5, -6.0), (4.0, 12.0), (0, 2.1), dark, shelf, dark),
            Solid((6.0, 6.5), (4.0, 12.0), (0, 2.1), dark, shelf, dark),
            _hanging_sign(0.0, "DRINKS", "COFFEE  TEA  JUICE"),
            _hanging_sign(-4.5, "PANTRY", "PASTA  RICE  OILS"),
            _hanging_sign(4.5, "HOME", "CARE  PAPER  PETS"),
        ),
        routes=(
            Route(_browse(-1), 1.4, 0.35),
            Route(_browse(1), 1.4, 0.35),
            Route(_fridges(), 1.0, 0.2),
            Route(_side(-1), 1.0),
            Route(_side(1), 1.0),
            Route(_cross(), 0.7, 0.4),
        ),
        lines=(Line("aisle", (-2.1, 5.6), (2.1, 5.6), "above"),),
        zones=(
            Zone("drinks", ((-2.0, 6.2), (2.0, 6.2), (2.0, 10.0), (-2.0, 10.0))),
            Zone("cold", ((-3.6, 11.1), (3.6, 11.1), (3.6, 12.4), (-3.6, 12.4))),
        ),
        crowd=8.0,
    )


def _browse(side: float) -> tuple[Stop, ...]:
    """Into the middle aisle, two looks at the shelf of one side, on to the cold cabinets."""
    shelf_x = side * 2.6
    return (
        Stop((side * 3.0, 0.8)),
        Stop((side * 1.4, 3.6), spread_m=0.3),
        Stop((side * 1.05, 6.6), (3.0, 6.0), (shelf_x, 6.8), 0.25),
        Stop((side * 1.0, 9.0), (2.5, 6.0), (shelf_x, 9.0), 0.3),
        Stop((side * 1.6, 11.3), spread_m=0.2),
        Stop((side * 4.6, 11.4), spread_m=0.2),
        Stop((side * 4.6, 8.0), spread_m=0.3),
        Stop((side * 4.9, 3.2)),
        Stop((side * 5.2, 0.8)),
    )


def _fridges() -> tuple[Stop, ...]:
    """Along the cold cabinets from right to left, back through the middle."""
    return (
        Stop((5.0, 0.8)),
        Stop((4.6, 4.0), spread_m=0.3),
        Stop((4.5, 10.8), spread_m=0.2),
        Stop((2.4, 11.6), (3.0, 6.0), (2.4, 13.0), 0.2),
        Stop((-1.2, 11.6), (3.0, 6.0), (-1.2, 13.0), 0.4),
        Stop((-0.2, 9.8), spread_m=0.3),
        Stop((0.1, 5.0), spread_m=0.4),
        Stop((0.4, 0.8)),
    )


def _side(side: float) -> tuple[Stop, ...]:
    """Into a side aisle, a long look, back out."""
    return (
        Stop((side * 5.0, 0.8)),
        Stop((side * 4.7, 4.2), spread_m=0.3),
        Stop((side * 4.9, 7.0), (4.0, 8.0), (side * 6.2, 7.0), 0.4),
        Stop((side * 4.2, 8.8), (2.0, 5.0), (side * 2.6, 8.8), 0.25),
        Stop((side * 4.2, 5.0), spread_m=0.2),
        Stop((side * 3.6, 0.8)),
    )


def _cross() -> tuple[Stop, ...]:
    """Past the shelves' heads from left to right."""
    return (
        Stop((-7.0, 3.6)),
        Stop((-3.0, 4.1), spread_m=0.15),
        Stop((1.2, 4.0), (1.5, 4.0), (2.6, 6.0), 0.2),
        Stop((4.0, 3.9), spread_m=0.15),
        Stop((8.0, 3.8)),
    )
