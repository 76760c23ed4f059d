"""Where each track of one camera came from."""

from __future__ import annotations

from collections import deque

from heatwall.values import Tracks

_TRAIL_S = 4.0
"""Long enough to see where somebody comes from, short enough not to clutter a tile."""

_MOST_POINTS = 64
"""Of one trail: four seconds at 16 detections a second."""


class Trails:
    """The last seconds of each track's foot point. One thread at a time."""

    def __init__(self) -> None:
        self._points: dict[int, deque[tuple[float, float, float]]] = {}

    def update(self, tracks: Tracks) -> None:
        """Add where the tracks are now, and forget what is too old."""
        for track_id, (x, y) in zip(tracks.track_id.tolist(), tracks.foot.tolist(), strict=True):
            trail = self._points.setdefault(track_id, deque(maxlen=_MOST_POINTS))
            trail.append((tracks.time_s, x, y))
        oldest_s = tracks.time_s - _TRAIL_S
        for track_id, trail in list(self._points.items()):
            while trail and trail[0][0] < oldest_s:
                trail.popleft()
            if not trail:
                del self._points[track_id]

    def of(self, track_id: int) -> tuple[tuple[float, float], ...]:
        """Return a track's foot points from old to new, normalised."""
        return tuple((x, y) for _, x, y in self._points.get(track_id, ()))

    def clear(self) -> None:
        """Forget all, after a gap."""
        self._points.clear()
