"""An event loop's clock and timers, moved by the test."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count


class FakeTimer:
    """One pending call.

    Args:
        callback: What to run.
    """

    def __init__(self, callback: Callable[[], object]) -> None:
        self.callback: Callable[[], object] | None = callback

    def cancel(self) -> None:
        """Keep the callback from running."""
        self.callback = None


class FakeScheduler:
    """Runs callbacks when the test lets time pass.

    Args:
        now_s: Where time begins.
    """

    def __init__(self, now_s: float = 1000.0) -> None:
        self.now_s = now_s
        self._timers: list[tuple[float, int, FakeTimer]] = []
        self._order = count()

    def time(self) -> float:
        """Return the seconds that the test has set."""
        return self.now_s

    def call_at(self, when: float, callback: Callable[[], object]) -> FakeTimer:
        """Run `callback` when time reaches `when`."""
        timer = FakeTimer(callback)
        heapq.heappush(self._timers, (when, next(self._order), timer))
        return timer

    def call_soon_threadsafe(self, callback: Callable[[], object]) -> FakeTimer:
        """Run `callback` when time next passes."""
        return self.call_at(self.now_s, callback)

    @property
    def pending(self) -> int:
        """Timers that would still run."""
        return sum(timer.callback is not None for _, _, timer in self._timers)

    def advance(self, seconds: float) -> None:
        """Let time pass, running each callback at its time."""
        end_s = self.now_s + seconds
        while self._timers and self._timers[0][0] <= end_s:
            when, _, timer = heapq.heappop(self._timers)
            self.now_s = max(self.now_s, when)
            if timer.callback is not None:
                timer.callback()
        self.now_s = end_s

    def sleep(self, seconds: float) -> None:
        """Let time pass with no callback running, as when the machine sleeps."""
        self.now_s += seconds
