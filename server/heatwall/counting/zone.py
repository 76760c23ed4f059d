"""Counting people in a zone, with how long they stay."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from heatwall.counting.dwell import DwellState, DwellStatistics, DwellSummary
from heatwall.counting.polygon import Polygon
from heatwall.counting.sighting import Sighting, sightings
from heatwall.values import Tracks

_MARGIN_PART = 0.125
"""A margin is at most this part of the zone's extent, so that a small zone has an inside."""


@dataclass(frozen=True, slots=True)
class ZoneEvent:
    """Somebody has entered or left a zone.

    Attributes:
        track_id: Who.
        class_id: Index into the model's class names, the same at entering and leaving.
        time_s: When the foot was on the border, or was seen first or last within, monotonic
            seconds; earlier than the update that says so.
        dwell_s: How long the stay was, for one who left; None for one who entered.
    """

    track_id: int
    class_id: int
    time_s: float
    dwell_s: float | None = None

    @property
    def is_entry(self) -> bool:
        """True for one who entered."""
        return self.dwell_s is None


@dataclass(frozen=True, slots=True)
class ZoneFigures:
    """What is known of a zone now.

    Attributes:
        people: Who is in it, by class id.
        entries: Entries since the last reset, by class id.
        exits: Those who left, by class id; entries less exits are the people in it.
        person_s: Seconds that all have spent in it together.
        finished: The stays that have ended.
        all: The stays that have ended and, with their lengths so far, those that go on.
    """

    people: dict[int, int]
    entries: dict[int, int]
    exits: dict[int, int]
    person_s: float
    finished: DwellSummary
    all: DwellSummary


@dataclass(frozen=True, slots=True)
class ZoneState:
    """What a snapshot keeps of a zone: nobody is in it, as if all had left at their last sighting.

    Attributes:
        entries: By class id.
        exits: By class id.
        dwell: Lengths of the stays.
    """

    entries: dict[int, int] = field(default_factory=dict)
    exits: dict[int, int] = field(default_factory=dict)
    dwell: DwellState = field(default_factory=DwellState)


@dataclass(slots=True)
class _Visitor:
    """Somebody who was seen lately, in the zone or not."""

    class_id: int
    x: float
    y: float
    time_s: float
    is_inside: bool
    """Whether the foot was within the polygon when last seen."""
    since_s: float
    """Since when it is inside, or outside."""
    entered_s: float | None = None
    """When the stay began; None while there is none."""

    @property
    def until_s(self) -> float:
        """The end of the stay, if it ends now."""
        return self.time_s if self.is_inside else self.since_s


class ZoneCounter:
    """Counts the tracks whose foot is in a polygon: people now, entries, exits, lengths of stays.

    A stay begins or ends where the path between two sightings cuts the border, but only once
    the foot has been on its new side for `hold_s` and is clear of the border by the margin that
    `sightings` gives, or has been there for `settle_s` without a break. So who trembles on the
    border neither enters nor leaves. Who is out of sight stays for `keep_s`, and has then left at
    the last sighting. A track first seen inside has been there since it began, where that is
    known. Somebody who runs through a corner between two sightings is not noticed.

    Not thread-safe: one camera, one thread.

    Example:
        Somebody comes from the left, stays in the right half of the picture for ten seconds and
        goes back; the times are those at the border.

        >>> import heatwall
        >>> queue = heatwall.ZoneCounter([(0.5, 0), (1, 0), (1, 1), (0.5, 1)])
        >>> for second in range(15):
        ...     x = 0.7 if 2 <= second < 12 else 0.3
        ...     tracks = heatwall.Tracks.of(float(second), [[x - 0.02, 0.3, x + 0.02, 0.6]], [1])
        ...     for event in queue.update(tracks):
        ...         print(f"{event.time_s:.1f} s:", "entry" if event.is_entry else "exit")
        1.5 s: entry
        11.5 s: exit
        >>> print(f"{queue.figures().all.mean_s:.1f} s, now {queue.figures().people}")
        10.0 s, now {}

    Args:
        polygon: Corners in order, x and y, normalised, at least 3.
        keep_s: How long somebody out of sight is taken to be still there.
        settle_s: How long somebody near the border must be on its new side.
        hold_s: How long anybody must be on the new side: a foot that is hidden for a moment is
            found elsewhere, and is back within a second.

    Raises:
        ValueError: Not a simple polygon in the picture; see `Polygon`.
    """

    def __init__(
        self,
        polygon: Sequence[Sequence[float]],
        keep_s: float = 5.0,
        settle_s: float = 3.0,
        hold_s: float = 1.0,
    ) -> None:
        self._polygon = Polygon(polygon)
        self._most_margin = tuple(_MARGIN_PART * extent for extent in self._polygon.extent)
        self._keep_s = keep_s
        self._settle_s = settle_s
        self._hold_s = hold_s
        self._visitors: dict[int, _Visitor] = {}
        self._time_s = -math.inf
        self._cut_s = -math.inf
        self._entries: Counter[int] = Counter()
        self._exits: Counter[int] = Counter()
        self._dwell = DwellStatistics()

    def update(self, tracks: Tracks) -> list[ZoneEvent]:
        """Take one instant's tracks and return who has been found to have entered or left.

        Time that stands still or goes back is not looked at.
        """
        if not tracks.time_s > self._time_s:
            return []
        self._time_s = tracks.time_s
        found = self._forget(tracks.time_s - self._keep_s)
        for seen in sightings(tracks):
            visitor = self._follow(seen, tracks.time_s)
            is_staying = visitor.entered_s is not None
            if visitor.is_inside == is_staying or not self._is_settled(visitor, seen):
                continue
            if is_staying:
                found.append(self._leave(seen.track_id, visitor))
            else:
                found.append(self._enter(seen.track_id, visitor))
        return found

    def gap(self) -> list[ZoneEvent]:
        """Say that the stream was interrupted: all leave at their last sighting."""
        self._cut_s = self._time_s
        return self._forget(math.inf)

    def reset(self) -> None:
        """Begin again from zero; who is in the zone enters it at the next sighting."""
        self.restore(ZoneState())

    def figures(self) -> ZoneFigures:
        """Return what is known now."""
        staying = self._staying()
        running_s = [visitor.until_s - entered_s for visitor, entered_s in staying]
        return ZoneFigures(
            people=dict(Counter(visitor.class_id for visitor, _ in staying)),
            entries=dict(self._entries),
            exits=dict(self._exits),
            person_s=self._dwell.total_s + sum(running_s),
            finished=self._dwell.summary(),
            all=self._dwell.summary(running_s),
        )

    def state(self) -> ZoneState:
        """Return what a snapshot keeps; stays that go on end in it, but not here."""
        dwell = DwellStatistics()
        dwell.restore(self._dwell.state())
        exits = self._exits.copy()
        for visitor, entered_s in self._staying():
            dwell.add(visitor.until_s - entered_s)
            exits[visitor.class_id] += 1
        return ZoneState(dict(self._entries), dict(exits), dwell.state())

    def restore(self, state: ZoneState) -> None:
        """Go on from a snapshot, with nobody in the zone."""
        self._cut_s = self._time_s
        self._visitors.clear()
        self._entries = Counter(state.entries)
        self._exits = Counter(state.exits)
        self._dwell.restore(state.dwell)

    def _staying(self) -> list[tuple[_Visitor, float]]:
        """Everybody whose stay goes on, with its beginning."""
        return [
            (visitor, visitor.entered_s)
            for visitor in self._visitors.values()
            if visitor.entered_s is not None
        ]

    def _follow(self, seen: Sighting, time_s: float) -> _Visitor:
        is_inside = self._polygon.contains(seen.x, seen.y)
        visitor = self._visitors.get(seen.track_id)
        if visitor is None:
            since_s = self._begun_s(seen, time_s)
            visitor = _Visitor(seen.class_id, seen.x, seen.y, time_s, is_inside, since_s)
            self._visitors[seen.track_id] = visitor
            return visitor
        if is_inside != visitor.is_inside:
            cuts = self._polygon.crossings((visitor.x, visitor.y), (seen.x, seen.y))
            # A concave border can be cut several times: the last cut leads in, the first out.
            share = (cuts[-1] if is_inside else cuts[0]) if cuts else 1.0
            visitor.since_s = visitor.time_s + (time_s - visitor.time_s) * share
            visitor.is_inside = is_inside
        if visitor.entered_s is None:
            visitor.class_id = seen.class_id
        visitor.x, visitor.y, visitor.time_s = seen.x, seen.y, time_s
        return visitor

    def _begun_s(self, seen: Sighting, time_s: float) -> float:
        """Since when a track seen for the first time is where it is.

        A track that began longer ago than somebody out of sight is kept has been forgotten
        here, and where it was in between is not known.
        """
        if seen.begun_s is None or seen.begun_s < time_s - self._keep_s:
            return time_s
        return max(seen.begun_s, self._cut_s)

    def _is_settled(self, visitor: _Visitor, seen: Sighting) -> bool:
        lasted_s = visitor.time_s - visitor.since_s
        if lasted_s < self._hold_s:
            return False
        if lasted_s >= self._settle_s:
            return True
        margins = zip((seen.margin_x, seen.margin_y), self._most_margin, strict=True)
        return self._polygon.is_clear(seen.x, seen.y, *(min(pair) for pair in margins))

    def _enter(self, track_id: int, visitor: _Visitor) -> ZoneEvent:
        visitor.entered_s = visitor.since_s
        self._entries[visitor.class_id] += 1
        return ZoneEvent(track_id, visitor.class_id, visitor.since_s)

    def _leave(self, track_id: int, visitor: _Visitor) -> ZoneEvent:
        dwell_s = visitor.until_s - (visitor.entered_s or 0.0)
        visitor.entered_s = None
        self._exits[visitor.class_id] += 1
        self._dwell.add(dwell_s)
        return ZoneEvent(track_id, visitor.class_id, visitor.until_s, dwell_s)

    def _forget(self, before_s: float) -> list[ZoneEvent]:
        """Drop whoever was last seen before a time; return those who were in the zone."""
        gone = [key for key, visitor in self._visitors.items() if visitor.time_s < before_s]
        dropped = [(key, self._visitors.pop(key)) for key in gone]
        return [
            self._leave(key, visitor) for key, visitor in dropped if visitor.entered_s is not None
        ]
