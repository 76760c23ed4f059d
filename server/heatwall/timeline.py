"""Capture times on the monotonic clock, from a stream's own timestamps."""

from __future__ import annotations

_JUMP_S = 2.0
"""A stamp this far from where it was expected is a jump of the camera's clock, not delay:
networks and decoders that are alive hold frames back for less."""

_DRIFT = 0.002
"""Seconds of correction a second. A camera's crystal is off by at most some 100 ppm, so this
follows it with ease and still takes minutes to be misled by a queue that grows."""

_STEP_S = 0.001
"""Least distance between two frames, so that time never stands still."""


class Timeline:
    """Maps one stream's presentation times to monotonic seconds.

    A frame can be seen late but never early, so the smallest difference between arrival and
    stamp is the best estimate of the offset between the two clocks. It follows downward at
    once and upward slowly. Jumps of the camera's clock start a new estimate; the times handed
    out go on rising through them.
    """

    def __init__(self) -> None:
        self._offset_s: float | None = None
        self._last_arrival_s = 0.0
        self._last_s = float("-inf")
        self.jumps = 0
        """Jumps of the camera's clock seen so far."""

    def capture_s(self, pts_s: float | None, arrival_s: float) -> float:
        """Return the capture time of a frame, monotonic seconds, later than all before it.

        Args:
            pts_s: The stream's own stamp in seconds, from any zero; None when it has none.
            arrival_s: When the frame was decoded, monotonic seconds.
        """
        estimate_s = arrival_s if pts_s is None else pts_s + self._follow(pts_s, arrival_s)
        self._last_s = max(min(estimate_s, arrival_s), self._last_s + _STEP_S)
        return self._last_s

    def _follow(self, pts_s: float, arrival_s: float) -> float:
        seen_s = arrival_s - pts_s
        if self._offset_s is None:
            self._offset_s = seen_s
        elif abs(seen_s - self._offset_s) > _JUMP_S:
            self._offset_s = seen_s
            self.jumps += 1
        elif seen_s < self._offset_s:
            self._offset_s = seen_s
        else:
            slack_s = _DRIFT * max(0.0, arrival_s - self._last_arrival_s)
            self._offset_s += min(slack_s, seen_s - self._offset_s)
        self._last_arrival_s = arrival_s
        return self._offset_s
