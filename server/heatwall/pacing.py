"""Which frames of a faster stream are taken for a slower one."""

from __future__ import annotations


class Pacer:
    """Picks frames so that their rate comes to a wanted one, without beating.

    Args:
        fps: Wanted rate, frames per second, above 0. A stream that is slower passes whole.
        phase: 0 to 1, the share of one interval by which the first pick is put off, so that
            many cameras do not pick in the same instant.
    """

    def __init__(self, fps: float, phase: float = 0.0) -> None:
        self._interval_s = 1.0 / fps
        self._phase_s = phase * self._interval_s
        self._due_s: float | None = None

    def is_due(self, time_s: float) -> bool:
        """Return whether the frame captured at `time_s` is to be taken, and count on from it."""
        if self._due_s is None:
            self._due_s = time_s + self._phase_s
        # Stamps jitter by some milliseconds: a frame that comes a little early is the right one.
        if time_s < self._due_s - self._interval_s / 8:
            return False
        late_s = time_s - self._due_s
        # After a pause the schedule starts anew; otherwise it keeps its rhythm.
        self._due_s = (
            time_s + self._interval_s
            if late_s > self._interval_s
            else (self._due_s + self._interval_s)
        )
        return True
