"""Which frames of a faster stream are taken for a slower one."""

from __future__ import annotations

import math


class Pacer:
    """Picks frames so that their rate comes to a wanted one, without beating.

    Args:
        fps: Wanted rate, frames per second, above 0. A stream that is slower passes whole.
        phase: 0 to 1, where in each interval the picks lie, counted from time zero. Streams on
            one clock whose phases are spread evenly never pick in the same instant, whenever
            they began. None to begin with the first frame.
    """

    def __init__(self, fps: float, phase: float | None = None) -> None:
        self._interval_s = 1.0 / fps
        self._phase = phase
        self._due_s: float | None = None

    @property
    def fps(self) -> float:
        """The wanted rate, frames per second."""
        return 1.0 / self._interval_s

    def change(self, fps: float) -> None:
        """Pick at another rate from the next frame on."""
        if fps != self.fps:
            self._interval_s = 1.0 / fps
            self._due_s = None

    def is_due(self, time_s: float) -> bool:
        """Return whether the frame captured at `time_s` is to be taken, and count on from it."""
        if self._due_s is None:
            self._due_s = self._first_s(time_s)
        # Stamps jitter by some milliseconds: a frame that comes a little early is the right one.
        if time_s < self._due_s - self._interval_s / 8:
            return False
        late_s = time_s - self._due_s
        # After a pause the schedule starts anew; otherwise it keeps its rhythm.
        if late_s > self._interval_s:
            # With a phase the next pick is the schedule's, yet not right after this one.
            pause_s = self._interval_s if self._phase is None else self._interval_s / 4
            self._due_s = self._first_s(time_s + pause_s)
        else:
            self._due_s += self._interval_s
        return True

    def _first_s(self, time_s: float) -> float:
        """Return when the schedule begins that starts at `time_s`."""
        if self._phase is None:
            return time_s
        steps = math.ceil(time_s / self._interval_s - self._phase)
        return (steps + self._phase) * self._interval_s
