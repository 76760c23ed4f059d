"""The view of the promotion: an island with stacked offers and a hanging sign."""

from __future__ import annotations

from heatwall.simulator.scene_camera import FloorCamera
from heatwall.simulator.scene_decor import panelled, plain, plant, sign, wall
from heatwall.simulator.scene_goods import produce, shelf, stacks
from heatwall.simulator.store import Board, Layout, Line, Route, Solid, Stop, Zone

_BACK_M = 12.6
_WALL_M = 7.0
_ISLAND = (-1.25, 1.25, 6.9, 8.6)


def _island() -> tuple[Solid, ...]:
    """A stepped table with gift boxes under a hanging sign."""
    left, right, near, far = _ISLAND
    wood, dark = panelled("wood"), plain("frame", 1.2)
    return (
        Solid((left, right), (near, far), (0, 0.62), wood, wood, plain("wood", 1.12)),
        Solid(
            (left + 0.3, right - 0.3), (near + 0.3, far - 0.3), (0.62, 1.02), stacks, stacks, stacks
        ),
        Solid(
            (left + 0.7, right - 0.7),
            (near + 0.55, far - 0.55),
            (1.02, 1.42),
            stacks,
            stacks,
            stacks,
        ),
        Solid(
            (-1.15, 1.15),
            (7.7, 7.78),
            (2.3, 2.95),
            sign("SPECIAL", "accent", "-30%  THIS WEEK"),
            dark,
            dark,
            has_bays=False,
        ),
    )


def _table(x: float, y: float) -> tuple[Solid, ...]:
    """A low table with crates of fruit."""
    wood = panelled("wood")
    return (Solid((x, x + 1.9), (y, y + 1.1), (0, 0.82), wood, wood, produce),)


def promotion() -> Layout:
    """Return the layout of the promotion."""
    dark = plain("frame", 1.2)
    return Layout(
        camera=FloorCamera(3.15, 21.5, 4.0, 76.0, 1280, 720),
        back_m=_BACK_M,
        walls_m=(-11.0, _WALL_M),
        back=wall,
        solids=(
            *_island(),
            *_table(-5.4, 5.6),
            *_table(-5.4, 8.8),
            *_table(4.4, 9.0),
            Solid((-7.6, 6.8), (11.9, 12.5), (0, 2.2), shelf, shelf, dark),
            Solid((6.4, 6.95), (3.6, 11.6), (0, 2.1), dark, shelf, dark),
            Solid(
                (2.2, 5.4),
                (12.5, 12.58),
                (2.5, 3.0),
                sign("FRESH EVERY DAY", "second"),
                dark,
                dark,
                False,
                False,
            ),
        ),
        boards=(
            Board(-6.3, 11.6, (0, 1.5), 1.0, plant),
            Board(5.3, 6.3, (0, 1.35), 0.95, plant),
        ),
        routes=(
            Route(_visit(-1), 1.6, 0.1),
            Route(_visit(1), 1.6, 0.1),
            Route(_front(), 1.4),
            Route(_wall(), 1.0, 0.3),
            Route(_fruit(), 1.0, 0.25),
        ),
        staff=(((1.9, 9.4), (0.6, 7.6)),),
        lines=(Line("way-in", (-4.8, 4.9), (4.8, 4.9), "above"),),
        zones=(Zone("promotion", ((-2.6, 5.6), (2.6, 5.6), (2.6, 9.9), (-2.6, 9.9))),),
        crowd=8.5,
    )


def _visit(side: float) -> tuple[Stop, ...]:
    """To one flank of the island, then round its front and on."""
    return (
        Stop((side * 3.2, 0.7)),
        Stop((side * 2.6, 4.2), spread_m=0.4),
        Stop((side * 1.95, 7.6), (4.0, 9.0), (0, 7.7), 0.3),
        Stop((side * 1.0, 6.25), (3.0, 6.0), (0, 7.6), 0.3),
        Stop((-side * 1.4, 4.6), spread_m=0.4),
        Stop((-side * 2.4, 0.7)),
    )


def _front() -> tuple[Stop, ...]:
    """Straight to the front of the island, then round it to the back."""
    return (
        Stop((0.6, 0.7)),
        Stop((0.2, 6.15), (4.0, 9.0), (0.1, 7.6), 0.35),
        Stop((2.3, 6.4), spread_m=0.2),
        Stop((2.5, 8.2), spread_m=0.2),
        Stop((0.2, 9.7), (3.0, 6.0), (0, 8.0), 0.35),
        Stop((-2.7, 8.8), spread_m=0.2),
        Stop((-2.6, 4.6), spread_m=0.3),
        Stop((-2.0, 0.7)),
    )


def _wall() -> tuple[Stop, ...]:
    """Along the shelves at the back from left to right."""
    return (
        Stop((-10.6, 10.6)),
        Stop((-2.6, 11.0), (2.5, 6.0), (-2.6, 12.2), 0.4),
        Stop((1.8, 11.1), (2.5, 6.0), (1.8, 12.2), 0.4),
        Stop((3.6, 8.4), spread_m=0.2),
        Stop((3.6, 4.6), spread_m=0.3),
        Stop((3.9, 0.7)),
    )


def _fruit() -> tuple[Stop, ...]:
    """Along the fruit tables at the left."""
    return (
        Stop((-2.2, 0.7)),
        Stop((-2.9, 4.6), spread_m=0.2),
        Stop((-3.05, 6.2), (3.0, 6.0), (-4.4, 6.2), 0.12),
        Stop((-3.05, 9.2), (3.0, 6.0), (-4.4, 9.3), 0.12),
        Stop((-3.4, 10.8), spread_m=0.15),
        Stop((-10.6, 11.0)),
    )
