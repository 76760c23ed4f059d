"""Where each track of one camera came from."""

from __future__ import annotations

from collections import deque

from heatwall.values import Tracks

_TRAIL_S = 4.0
"""Long enough to see where somebody comes from, short enough not to clutter a tile."""

_MOST_POINTS = 64
"""Of one trail: four seconds at 16 detections a second."""


class _Trail:
    """Where one track was, and when: apart, since the points are told at every frame."""

    __slots__ = ("points", "times_s")

    def __init__(self) -> None:
        self.points: deque[tuple[float, float]] = deque(maxlen=_MOST_POINTS)
        self.times_s: deque[float] = deque(maxlen=_MOST_POINTS)

    def add(self, time_s: float, x: float, y: float) -> None:
        """Add a point; the oldest goes when there are too many."""
        self.points.append((x, y))
        self.times_s.append(time_s)

    def forget(self, before_s: float) -> None:
        """Drop all that is older."""
        while self.times_s and self.times_s[0] < before_s:
            self.times_s.popleft()
            self.points.popleft()


class Trails:
    """The last seconds of each track's foot point. One thread at a time."""

    def __init__(self) -> None:
        self._trails: dict[int, _Trail] = {}

    def update(self, tracks: Tracks) -> None:
        """Add where the tracks are now, and forget what is too old."""
        for track_id, (x, y) in zip(tracks.track_id.tolist(), tracks.foot.tolist(), strict=True):
            trail = self._trails.get(track_id)
            if trail is None:
                trail = self._trails[track_id] = _Trail()
            trail.add(tracks.time_s, x, y)
        oldest_s = tracks.time_s - _TRAIL_S
        for track_id, trail in list(self._trails.items()):
            trail.forget(oldest_s)
            if not trail.points:
                del self._trails[track_id]

    def of(self, track_id: int) -> tuple[tuple[float, float], ...]:
        """Return a track's foot points from old to new, normalised."""
        trail = self._trails.get(track_id)
        return () if trail is None else tuple(trail.points)

    def clear(self) -> None:
        """Forget all, after a gap."""
        self._trails.clear()
