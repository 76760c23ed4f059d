"""Counting people over a directed line."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from heatwall.counting.segment import distance
from heatwall.counting.sighting import Sighting, sightings
from heatwall.shapes import (
    SIDES,
    Point,
    Side,
    check_inside,
    check_length,
    check_point,
    said_of,
    told,
)
from heatwall.values import Tracks

_INWARD: dict[Side, Point] = {
    "above": (0.0, -1.0),
    "below": (0.0, 1.0),
    "left": (-1.0, 0.0),
    "right": (1.0, 0.0),
}
"""Direction of the inside in the picture, x to the right, y down."""

_HALF_WAY = 0.5
"""Part of the margin that somebody lost from sight must have got past the line to be counted.
Most of those who stand on it and tremble never get there."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """Somebody crossed a line and got clear of it.

    Attributes:
        track_id: Who.
        class_id: Index into the model's class names.
        time_s: When the foot was on the line, monotonic seconds, between two sightings.
        is_inward: True when the crossing ended on the inside.
    """

    track_id: int
    class_id: int
    time_s: float
    is_inward: bool


@dataclass(frozen=True, slots=True)
class LineCounts:
    """How many have crossed a line; what a snapshot keeps of it.

    Attributes:
        inward: Crossings that ended on the inside, by class id.
        outward: The others, by class id.
    """

    inward: dict[int, int] = field(default_factory=dict)
    outward: dict[int, int] = field(default_factory=dict)

    @property
    def total_in(self) -> int:
        """Crossings inwards of all classes."""
        return sum(self.inward.values())

    @property
    def total_out(self) -> int:
        """Crossings outwards of all classes."""
        return sum(self.outward.values())


@dataclass(slots=True)
class _Walk:
    """Somebody's way since last clear of the line; sides are 1 inside, -1 outside, 0 unknown."""

    class_id: int
    x: float
    y: float
    time_s: float
    depth: float
    """Distance from the infinite line, positive inside."""
    clearance: float = 0.0
    """Distance from the segment in margins."""
    settled: int = 0
    """Where the foot was when it was last clear."""
    crossed: int = 0
    """Where the segment's crossings since then have led to, 0 for back again."""
    crossed_s: float = 0.0

    @property
    def side(self) -> int:
        """Where the foot is."""
        return 1 if self.depth >= 0 else -1


class LineCounter:
    """Counts the tracks whose foot crosses a segment, each time, in and out by class.

    A crossing counts when the foot's path has cut the segment and the foot is then clear of it:
    farther than the margin that `sightings` gives. So nobody who trembles on the line is
    counted, and whoever comes back is counted back. A path round the end of the line is not
    counted; one that cuts it and gets clear beyond its end is. Who vanishes just past the line,
    as in a door, is counted when forgotten, if seen clear on the one side before and at least
    half a margin past it now.

    Not thread-safe: one camera, one thread.

    Example:
        Somebody walks down over a line half way down the picture, and back up again.

        >>> import heatwall
        >>> door = heatwall.LineCounter((0.1, 0.5), (0.9, 0.5), "below")
        >>> feet = [0.3, 0.4, 0.6, 0.7, 0.6, 0.4, 0.3]
        >>> for step, y in enumerate(feet):
        ...     tracks = heatwall.Tracks.of(step / 5, [[0.48, y - 0.2, 0.52, y]], [1])
        ...     for crossing in door.update(tracks):
        ...         print(f"{crossing.time_s:.1f} s:", "in" if crossing.is_inward else "out")
        0.3 s: in
        0.9 s: out
        >>> door.counts().total_in, door.counts().total_out
        (1, 1)

    Args:
        start: One end, x and y, normalised.
        end: The other end.
        inside: The side that counts as inside, in the picture: `above`, `below`, `left`, `right`.
        forget_s: Somebody not seen for longer than this is forgotten; the way from the last
            sighting to the next is taken as straight up to there.

    Raises:
        ValueError: No length, an end outside the picture, or an `inside` that the line does
            not tell apart.
    """

    def __init__(
        self, start: Sequence[float], end: Sequence[float], inside: Side, forget_s: float = 5.0
    ) -> None:
        self._start: Point = (float(start[0]), float(start[1]))
        self._end: Point = (float(end[0]), float(end[1]))
        _check(self._start, self._end, inside)
        along = (self._end[0] - self._start[0], self._end[1] - self._start[1])
        length = math.hypot(*along)
        way_in = _INWARD[inside]
        sign = math.copysign(1.0, along[0] * way_in[1] - along[1] * way_in[0])
        self._along = along
        self._length = length
        self._normal = (-along[1] / length * sign, along[0] / length * sign)
        corners = [self._depth(x, y) for x in (0.0, 1.0) for y in (0.0, 1.0)]
        self._room = {1: max(corners), -1: -min(corners)}
        self._forget_s = forget_s
        self._walks: dict[int, _Walk] = {}
        self._time_s = -math.inf
        self._inward: Counter[int] = Counter()
        self._outward: Counter[int] = Counter()

    def update(self, tracks: Tracks) -> list[Crossing]:
        """Take one instant's tracks and return the crossings that count from now on.

        Time that stands still or goes back is not looked at.
        """
        if not tracks.time_s > self._time_s:
            return []
        self._time_s = tracks.time_s
        found = self._forget(tracks.time_s - self._forget_s)
        for sighting in sightings(tracks):
            crossing = self._follow(sighting, tracks.time_s)
            if crossing is not None:
                found.append(crossing)
        return self._count(found)

    def gap(self) -> list[Crossing]:
        """Say that the stream was interrupted: paths are cut. Returns what still counts."""
        return self._count(self._forget(math.inf))

    def reset(self) -> None:
        """Begin again from zero; who is on the way stays on the way."""
        self._inward.clear()
        self._outward.clear()

    def counts(self) -> LineCounts:
        """Return the totals."""
        return LineCounts(dict(self._inward), dict(self._outward))

    def state(self) -> LineCounts:
        """Return what a snapshot keeps."""
        return self.counts()

    def restore(self, state: LineCounts) -> None:
        """Go on from a snapshot; paths before it are cut."""
        self._walks.clear()
        self._inward = Counter(state.inward)
        self._outward = Counter(state.outward)

    def _count(self, crossings: list[Crossing]) -> list[Crossing]:
        for crossing in crossings:
            totals = self._inward if crossing.is_inward else self._outward
            totals[crossing.class_id] += 1
        return crossings

    def _depth(self, x: float, y: float) -> float:
        """How far inside a point is, measured across the infinite line; negative outside."""
        normal_x, normal_y = self._normal
        return (x - self._start[0]) * normal_x + (y - self._start[1]) * normal_y

    def _follow(self, seen: Sighting, time_s: float) -> Crossing | None:
        depth = self._depth(seen.x, seen.y)
        walk = self._walks.get(seen.track_id)
        if walk is None:
            walk = _Walk(seen.class_id, seen.x, seen.y, time_s, depth)
            self._walks[seen.track_id] = walk
        else:
            share = self._cut(walk, seen, depth)
            if share is not None:
                walk.crossed = 0 if walk.crossed == -_side(depth) else _side(depth)
                walk.crossed_s = walk.time_s + (time_s - walk.time_s) * share
            walk.class_id = seen.class_id
            walk.x, walk.y, walk.time_s, walk.depth = seen.x, seen.y, time_s, depth
        walk.clearance = self._clearance(seen, walk.side)
        if walk.clearance < 1:
            return None
        has_crossed = walk.crossed == walk.side and walk.settled != walk.side
        walk.settled, walk.crossed = walk.side, 0
        return _crossing(seen.track_id, walk) if has_crossed else None

    def _cut(self, walk: _Walk, seen: Sighting, depth: float) -> float | None:
        """Return at which share of the path from `walk` to `seen` it cuts the segment."""
        if walk.side == _side(depth):
            return None
        share = walk.depth / (walk.depth - depth)
        x = walk.x + (seen.x - walk.x) * share - self._start[0]
        y = walk.y + (seen.y - walk.y) * share - self._start[1]
        along = (x * self._along[0] + y * self._along[1]) / self._length**2
        return share if 0 <= along <= 1 else None

    def _clearance(self, seen: Sighting, side: int) -> float:
        """Distance of a foot from the segment in margins.

        A margin is at most half of the room between line and border of the picture: boxes are
        cut there, and a foot that gets no farther must still be able to get clear.
        """
        reach = math.hypot(self._normal[0] * seen.margin_x, self._normal[1] * seen.margin_y)
        part = min(1.0, max(self._room[side], 1e-9) / 2 / reach)
        return distance(
            seen.x,
            seen.y,
            self._start,
            self._end,
            seen.margin_x * part,
            seen.margin_y * part,
        )

    def _forget(self, before_s: float) -> list[Crossing]:
        """Drop whoever was last seen before a time; return those who were past the line."""
        gone = [key for key, walk in self._walks.items() if walk.time_s < before_s]
        found = []
        for key in gone:
            walk = self._walks.pop(key)
            is_past = walk.crossed == walk.side == -walk.settled
            if is_past and walk.clearance >= _HALF_WAY:
                found.append(_crossing(key, walk))
        return found


def _side(depth: float) -> int:
    return 1 if depth >= 0 else -1


def _crossing(track_id: int, walk: _Walk) -> Crossing:
    return Crossing(track_id, walk.class_id, walk.crossed_s, walk.side > 0)


def _check(start: Point, end: Point, inside: str) -> None:
    for name, point in (("start", start), ("end", end)):
        with said_of(f"{name} {told(point)}"):
            check_point(point)
    with said_of(f"end {told(end)}", "a point apart from start"):
        check_length(start, end)
    if inside not in SIDES:
        raise ValueError(f"inside is {inside!r}; allowed: {', '.join(SIDES)}")
    with said_of(f"inside {inside!r}"):
        check_inside(start, end, inside)
