"""The view of the checkouts: three counters, two queues, a way out."""

from __future__ import annotations

from heatwall.simulator.scene_camera import FloorCamera
from heatwall.simulator.scene_decor import belt, panelled, plain, plant, sign, wall
from heatwall.simulator.scene_goods import shelf
from heatwall.simulator.store import Board, Layout, Line, Route, Solid, Stop, Zone

_BACK_M = 14.4
_WALL_M = 7.0
_COUNTERS = (-3.6, -0.2, 3.2)
_NEAR_M, _FAR_M = 5.9, 8.4


def _counter(x: float, number: int) -> tuple[Solid, ...]:
    """A counter with belt, till, sweets at its head, a lit number above."""
    wood, dark = panelled("wood"), plain("frame", 1.1)
    return (
        Solid((x, x + 0.95), (_NEAR_M, _FAR_M), (0, 0.88), wood, wood, belt),
        Solid((x + 0.62, x + 0.95), (6.3, 6.7), (0.88, 1.3), dark, dark, dark),
        Solid((x + 0.05, x + 0.9), (_FAR_M + 0.02, _FAR_M + 0.4), (0, 1.25), wood, shelf, wood),
        Solid((x + 0.44, x + 0.5), (7.3, 7.36), (0.88, 2.2), dark, dark, dark),
        Solid(
            (x + 0.2, x + 0.74),
            (7.28, 7.4),
            (2.2, 2.68),
            sign(str(number), "second"),
            dark,
            dark,
            has_bays=False,
        ),
    )


def _goods(x: float) -> tuple[Solid, ...]:
    """A few things on a belt."""
    spots = ((0.28, 7.5, 0.16, "accent"), (0.5, 7.72, 0.24, "second"), (0.3, 7.95, 0.12, "wall"))
    return tuple(
        Solid(
            (x + left, x + left + 0.15),
            (near, near + 0.16),
            (0.88, 0.88 + tall),
            plain(role),
            plain(role, 0.85),
            plain(role, 1.15),
            is_occluder=False,
        )
        for left, near, tall, role in spots
    )


def checkout() -> Layout:
    """Return the layout of the checkouts."""
    dark = plain("frame", 1.2)
    return Layout(
        camera=FloorCamera(3.2, 21.0, 0.0, 76.0, 1280, 720),
        back_m=_BACK_M,
        walls_m=(-_WALL_M, _WALL_M),
        back=wall,
        solids=(
            *(solid for i, x in enumerate(_COUNTERS, 1) for solid in _counter(x, i)),
            *(solid for x in _COUNTERS[:2] for solid in _goods(x)),
            Solid((-6.2, -3.4), (12.7, 13.4), (0, 2.15), shelf, shelf, dark),
            Solid((-2.1, 2.2), (12.9, 13.6), (0, 2.15), shelf, shelf, dark),
            Solid((3.5, 6.2), (12.7, 13.4), (0, 2.15), shelf, shelf, dark),
            Solid(
                (-1.6, 1.6),
                (14.25, 14.35),
                (2.4, 3.0),
                sign("CHECKOUT"),
                dark,
                dark,
                False,
                False,
            ),
        ),
        boards=(
            Board(-6.2, 6.6, (0, 1.3), 0.9, plant),
            Board(5.9, 5.6, (0, 1.3), 0.9, plant),
            Board(6.4, 10.0, (0, 1.4), 0.95, plant),
        ),
        routes=(
            Route(_queue(_COUNTERS[0]), is_queue=True, cart_share=0.45),
            Route(_queue(_COUNTERS[1]), is_queue=True, cart_share=0.3),
            Route(_passing(), 1.0, 0.3),
            Route(_searching(), 1.2),
        ),
        staff=(
            ((_COUNTERS[0] + 1.4, 6.75), (_COUNTERS[0], 6.9)),
            ((_COUNTERS[1] + 1.4, 6.75), (_COUNTERS[1], 6.9)),
        ),
        lines=(Line("exit", (-6.0, 5.2), (6.0, 5.2), "above"),),
        zones=(
            Zone("queue", ((-5.1, 8.6), (-3.7, 8.6), (-3.7, 12.0), (-5.1, 12.0))),
            Zone("queue-2", ((-1.7, 8.6), (-0.3, 8.6), (-0.3, 12.0), (-1.7, 12.0))),
        ),
        crowd=9.5,
    )


def _from_behind(side: float) -> tuple[Stop, ...]:
    """Out from behind the shelves at the back, through the gap on one side."""
    return (
        Stop((side * 5.4, 13.9), spread_m=0.0),
        Stop((side * 3.1, 13.9), spread_m=0.0),
        Stop((side * 2.75, 12.9), spread_m=0.05),
    )


def _queue(x: float) -> tuple[Stop, ...]:
    """From the shelves into the queue, past the till, out towards the camera."""
    lane = x - 0.62
    return (
        *_from_behind(-1.0),
        Stop(((lane - 2.75) / 2, 12.0), spread_m=0.1),
        Stop((lane, 11.1), (1, 1), None, 0.08, is_slot=True),
        Stop((lane, 9.3), (1, 1), None, 0.08, is_slot=True),
        Stop((lane, 7.0), (1, 1), (x + 1.4, 6.75), 0.05, is_slot=True),
        Stop((lane, 5.3), spread_m=0.05),
        Stop((lane + 0.9, 3.4), spread_m=0.25),
        Stop((lane + 1.6, 0.6)),
    )


def _passing() -> tuple[Stop, ...]:
    """Along the back, before the shelves, from right to left."""
    return (
        *_from_behind(1.0),
        Stop((1.6, 12.2), (2.0, 5.0), (1.6, 13.2), 0.2),
        Stop((-0.9, 12.3), (1.5, 4.0), (-0.9, 13.2), 0.2),
        *reversed(_from_behind(-1.0)),
    )


def _searching() -> tuple[Stop, ...]:
    """In past the closed third lane, to the sweets and the shelf, out again."""
    return (
        Stop((6.0, 0.8)),
        Stop((5.2, 4.4), spread_m=0.3),
        Stop((5.2, 8.6), (2.5, 5.0), (3.8, 8.7), 0.25),
        Stop((5.3, 10.6), spread_m=0.2),
        Stop((4.8, 12.0), (2.0, 5.0), (4.8, 13.0), 0.3),
        Stop((5.7, 10.0), spread_m=0.15),
        Stop((5.6, 5.0), spread_m=0.2),
        Stop((5.0, 0.8)),
    )
