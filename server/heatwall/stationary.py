"""Which tracks have stood still for so long that they are furniture."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heatwall.values import Tracks

_LEAVE_S = 1.0
"""Feet must be away for this long before they have left: somebody who walks by in front lifts
the lower edge of a box for a moment."""

_HANDOVER_S = 3.0
"""A new track where another was last seen this lately is the same thing under a new number."""

_REMEMBER_S = 600.0
"""A place that has been still for long enough stays known for this long without any track."""

_MOST_PLACES = 256
"""Remembered at most; the one not seen for longest goes first."""

_ASIDE = 0.5
"""Feet have moved when they are this part of the box's width to one side …"""

_AHEAD = 0.2
"""… or this part of its height up or down, which is half a width for a person upright."""


@dataclass(slots=True)
class _Place:
    """Where something stands, normalised, and since when.

    Attributes:
        x: Of the feet when they came here.
        y: Of the feet when they came here.
        aside: How far to one side is still here.
        ahead: How far up or down is still here.
        since_s: When they came.
        seen_s: When something was here last.
        away_s: Since when its track is elsewhere; None while it is here.
    """

    x: float
    y: float
    aside: float
    ahead: float
    since_s: float
    seen_s: float
    away_s: float | None = None

    def has(self, x: float, y: float) -> bool:
        return abs(x - self.x) <= self.aside and abs(y - self.y) <= self.ahead

    @property
    def lasted_s(self) -> float:
        return self.seen_s - self.since_s


class StillFilter:
    """Tells who has stood still for longer than `after_s`: staff, mannequins, posters.

    All by time, so that it does not depend on the frame rate. What stands still too long is
    remembered by its place, because a tracker gives posters new numbers: a track that begins
    where one has stood too long does not count until it walks off. One that walks there counts,
    until it has itself stood there for too long.

    One camera, one thread. Bounded in number and time.

    Args:
        after_s: Seconds of standing still from which a track does not count, above 0.

    Raises:
        ValueError: `after_s` is not above 0.
    """

    def __init__(self, after_s: float) -> None:
        if not after_s > 0:
            raise ValueError(f"still after {after_s} s; allowed: above 0")
        self._after_s = after_s
        self._tracks: dict[int, _Place] = {}
        self._vacant: list[_Place] = []
        self._time_s = -math.inf

    def __len__(self) -> int:
        """Return the number of places known."""
        return len(self._tracks) + len(self._vacant)

    def mask(self, tracks: Tracks) -> npt.NDArray[np.bool_]:
        """Look at the tracks and return which of them count: bool (n,)."""
        time_s = tracks.time_s
        if time_s < self._time_s - _HANDOVER_S:
            self.clear()  # another clock
        self._time_s = max(self._time_s, time_s)
        ids = tracks.track_id.tolist()
        self._vacate(set(ids))
        counts = np.ones(len(ids), np.bool_)
        for row, (key, box) in enumerate(zip(ids, tracks.xyxy.tolist(), strict=True)):
            if not all(map(math.isfinite, box)):
                continue
            place = self._tracks.get(key) or self._arrive(box)
            self._tracks[key] = place = self._follow(place, box)
            counts[row] = place.lasted_s <= self._after_s
        return counts

    def clear(self) -> None:
        """Forget all."""
        self._tracks.clear()
        self._vacant.clear()
        self._time_s = -math.inf

    def _vacate(self, present: set[int]) -> None:
        """Let go of those that are not there, and forget what is too old."""
        for key in [key for key in self._tracks if key not in present]:
            self._vacant.append(self._tracks.pop(key))
        kept = [one for one in self._vacant if self._is_known(one)]
        if len(kept) > _MOST_PLACES:
            kept = sorted(kept, key=lambda one: one.seen_s)[-_MOST_PLACES:]
        self._vacant = kept

    def _is_known(self, place: _Place) -> bool:
        limit_s = _REMEMBER_S if place.lasted_s > self._after_s else _HANDOVER_S
        return self._time_s - place.seen_s <= limit_s

    def _arrive(self, box: list[float]) -> _Place:
        """Return the place of a new track: one known here, taken over, or a new one."""
        x, y = (box[0] + box[2]) / 2, box[3]
        here = [one for one in self._vacant if one.has(x, y)]
        if not here:
            return self._new_place(box)
        longest = max(here, key=lambda one: one.lasted_s)
        self._vacant.remove(longest)
        return longest

    def _follow(self, place: _Place, box: list[float]) -> _Place:
        """Return where a track stands now: at the place it had, or at a new one."""
        if place.has((box[0] + box[2]) / 2, box[3]):
            place.away_s, place.seen_s = None, self._time_s
            return place
        if place.away_s is None:
            place.away_s = self._time_s
        if self._time_s - place.away_s < _LEAVE_S:
            return place
        self._vacant.append(place)
        return self._new_place(box)

    def _new_place(self, box: list[float]) -> _Place:
        left, top, right, bottom = box
        return _Place(
            x=(left + right) / 2,
            y=bottom,
            aside=_ASIDE * max(right - left, 0.0),
            ahead=_AHEAD * max(bottom - top, 0.0),
            since_s=self._time_s,
            seen_s=self._time_s,
        )
