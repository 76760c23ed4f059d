"""Keeping a person's number when the tracker gives it up."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from heatwall.values import Tracks

_FORGET_S = 60.0
"""A tracker's id that was not seen for this long does not come back; none keeps a lost track for
longer."""

_EDGE = 0.01
"""A box within this of the picture's left, right or lower edge is of somebody leaving or coming."""

_COAST_S = 0.6
"""People who are out of sight go on for about this long; then they have stopped or turned."""

_SMOOTH_S = 0.5
"""Time constant of speed and size: a few sightings, so that one bad box does not lead astray."""

_GATE_WIDTHS = (1.0, 1.0)
"""How far from the expected place somebody may appear, across, in widths of the box: at once,
and more for each second out of sight. This, the height and the default time were chosen by
trying some thousand on the demo's clips, tracked at 5 and 15 frames a second: of the ids that
took over a number, 82 % belonged to its person."""

_GATE_HEIGHTS = 0.15
"""The same, down, in heights of the box; people hardly move down the picture unless they did
before, so time does not widen it."""

_MOST_RATIO = 1.5
"""Heights of the same person's boxes differ by no more; shelves hide legs."""


@dataclass(slots=True)
class _Body:
    """One of the tracker's ids, as last seen."""

    class_id: int
    centre: float
    top: float
    bottom: float
    width: float
    height: float
    time_s: float
    number: int = 0
    """Under which it is reported."""
    since_s: float | None = None
    """When it came to its number, if that was not with its own beginning."""
    is_taken: bool = False
    """Whether another id goes on under its number."""
    speed_x: float = 0.0
    """Of the centre, a second."""
    speed_y: float = 0.0
    """Of the bottom, a second."""

    @property
    def is_at_edge(self) -> bool:
        """Whether it may be coming or leaving."""
        half = self.width / 2
        return (
            self.centre - half <= _EDGE
            or self.centre + half >= 1 - _EDGE
            or self.bottom >= 1 - _EDGE
        )


class Relinker:
    """Gives every person of one camera a number, from 1, that outlives the tracker's ids.

    A new id takes over the number of one that vanished a short time ago, away from the picture's
    edges, where that one would now be by its last speed: of the same class and about the same
    size, the nearest pairs first, each once. Nobody takes the number of somebody who is still
    visible, or was when the new id began. An id that comes back after its number was taken gets
    a new one, so that no number is ever in two places. Numbers are not used again, also after
    `gap`.

    Not thread-safe: one camera, one thread.

    Args:
        within_s: Longest time out of sight, seconds; 0 relinks nobody.

    Attributes:
        relinked: How many ids took over a number so far.
    """

    def __init__(self, within_s: float = 2.0) -> None:
        self._within_s = within_s
        self._bodies: dict[int, _Body] = {}
        self._last_number = 0
        self.relinked = 0

    def update(self, tracks: Tracks) -> Tracks:
        """Return the tracks under their persons' numbers, in their order.

        Whoever was relinked is said to have begun then: the number is not new, and where the
        person was in between is not known. A box with NaN is relinked to nobody.
        """
        self._forget(tracks.time_s - _FORGET_S)
        ids = tracks.track_id.tolist()
        newcomers: dict[int, _Body] = {}
        for key, class_id, box in zip(
            ids, tracks.class_id.tolist(), tracks.xyxy.tolist(), strict=True
        ):
            known = self._bodies.get(key)
            seen = _body(class_id, box, tracks.time_s)
            if known is None:
                newcomers[key] = seen
            else:
                self._follow(known, seen)
        if newcomers:
            times_s = [tracks.time_s] * len(ids) if tracks.begun_s is None else tracks.begun_s
            self._relink(newcomers, dict(zip(ids, times_s, strict=True)), tracks.time_s)
            self._bodies |= newcomers
        return self._renumbered(tracks, [self._bodies[key] for key in ids])

    def gap(self) -> None:
        """Say that the stream was interrupted: nobody is known again."""
        self._bodies.clear()

    def _next_number(self) -> int:
        self._last_number += 1
        return self._last_number

    def _follow(self, body: _Body, seen: _Body) -> None:
        """Let a known id be where it is seen."""
        if body.is_taken:
            body.is_taken, body.number, body.since_s = False, self._next_number(), seen.time_s
        dt_s = seen.time_s - body.time_s
        if dt_s <= 0 or not math.isfinite(seen.height):
            body.time_s = max(body.time_s, seen.time_s)
            return
        part = -math.expm1(-dt_s / _SMOOTH_S)
        body.speed_x += ((seen.centre - body.centre) / dt_s - body.speed_x) * part
        body.speed_y += ((seen.bottom - body.bottom) / dt_s - body.speed_y) * part
        body.width += (seen.width - body.width) * part
        body.height += (seen.height - body.height) * part
        body.class_id, body.time_s = seen.class_id, seen.time_s
        body.centre, body.top, body.bottom = seen.centre, seen.top, seen.bottom

    def _relink(self, newcomers: dict[int, _Body], begun_s: dict[int, float], now_s: float) -> None:
        """Give each of the newcomers its number."""
        vanished = [
            (key, lost)
            for key, lost in self._bodies.items()
            if 0 < now_s - lost.time_s <= self._within_s and not (lost.is_taken or lost.is_at_edge)
        ]
        pairs = [
            (_misfit(lost, newcomer, now_s - lost.time_s), key, lost_key)
            for key, newcomer in newcomers.items()
            for lost_key, lost in vanished
            if not begun_s[key] <= lost.time_s
        ]
        for misfit, key, lost_key in sorted(pairs):
            newcomer, lost = newcomers[key], self._bodies[lost_key]
            if misfit > 1 or newcomer.number or lost.is_taken:
                continue
            newcomer.number, newcomer.since_s = lost.number, newcomer.time_s
            lost.is_taken = True
            self.relinked += 1
        for newcomer in newcomers.values():
            newcomer.number = newcomer.number or self._next_number()

    def _renumbered(self, tracks: Tracks, bodies: list[_Body]) -> Tracks:
        begun_s = None
        if tracks.begun_s is not None or any(body.since_s is not None for body in bodies):
            known = [tracks.time_s] * len(bodies) if tracks.begun_s is None else tracks.begun_s
            begun_s = np.array(
                [
                    begun if body.since_s is None else body.since_s
                    for body, begun in zip(bodies, known, strict=True)
                ],
                np.float64,
            )
        return replace(
            tracks,
            track_id=np.array([body.number for body in bodies], np.int32),
            begun_s=begun_s,
        )

    def _forget(self, before_s: float) -> None:
        gone = [key for key, body in self._bodies.items() if body.time_s < before_s]
        for key in gone:
            del self._bodies[key]


def _body(class_id: int, box: list[float], time_s: float) -> _Body:
    left, top, right, bottom = box
    return _Body(class_id, (left + right) / 2, top, bottom, right - left, bottom - top, time_s)


def _misfit(lost: _Body, found: _Body, away_s: float) -> float:
    """Tell how badly two fit to be one person: up to 1 they may; infinite or NaN when never.

    Down, head or feet decide, whichever is nearer: shelves hide feet, and heads cover heads.
    """
    ratio = found.height / lost.height if lost.height > 0 else math.inf
    if (
        found.class_id != lost.class_id
        or found.is_at_edge
        or not 1 / _MOST_RATIO <= ratio <= _MOST_RATIO
    ):
        return math.inf
    coast_s = -math.expm1(-away_s / _COAST_S) * _COAST_S
    apart_x = found.centre - lost.centre - lost.speed_x * coast_s
    moved_y = lost.speed_y * coast_s
    apart_y = min(abs(found.bottom - lost.bottom - moved_y), abs(found.top - lost.top - moved_y))
    gate_x = max(1e-6, lost.width + found.width) / 2 * (_GATE_WIDTHS[0] + _GATE_WIDTHS[1] * away_s)
    gate_y = (lost.height + found.height) / 2 * _GATE_HEIGHTS
    return math.hypot(apart_x / gate_x, apart_y / gate_y)
