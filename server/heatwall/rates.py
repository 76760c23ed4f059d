"""Rates over the last seconds, from totals that only grow."""

from __future__ import annotations

from collections import deque


class Rate:
    """How fast a total grows.

    Args:
        window_s: Over how many seconds; long enough to smooth bursts, short enough to be "now".
    """

    def __init__(self, window_s: float = 4.0) -> None:
        self._window_s = window_s
        self._samples: deque[tuple[float, int]] = deque()

    def add(self, time_s: float, total: int) -> None:
        """Note the total at `time_s`; a total smaller than the last one starts anew."""
        if self._samples and total < self._samples[-1][1]:
            self._samples.clear()
        self._samples.append((time_s, total))
        while len(self._samples) > 2 and self._samples[1][0] <= time_s - self._window_s:
            self._samples.popleft()

    def per_s(self, now_s: float) -> float:
        """Return the rate a second, 0 when nothing was noted for the window's length."""
        if len(self._samples) < 2 or now_s - self._samples[-1][0] > self._window_s:
            return 0.0
        (first_s, first), (last_s, last) = self._samples[0], self._samples[-1]
        return (last - first) / (last_s - first_s) if last_s > first_s else 0.0
