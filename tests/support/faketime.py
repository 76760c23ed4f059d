"""A clock with timers that a test moves by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class FakeTimer:
    """A call that is due at `due_s`."""

    due_s: float
    callback: Callable[[], None]
    is_cancelled: bool = False

    def cancel(self) -> None:
        """Call it off."""
        self.is_cancelled = True


class FakeTime:
    """Stands in for `clock` when called, and for the event loop's `call_later`."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self._timers: list[FakeTimer] = []

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self.now_s

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> FakeTimer:
        """Note a call that is due later."""
        timer = FakeTimer(self.now_s + delay_s, callback)
        self._timers.append(timer)
        return timer

    def advance(self, seconds: float) -> None:
        """Let time pass and call what becomes due, in order."""
        self.now_s += seconds
        due = [timer for timer in self._timers if timer.due_s <= self.now_s]
        self._timers = [timer for timer in self._timers if timer not in due]
        for timer in sorted(due, key=lambda timer: timer.due_s):
            if not timer.is_cancelled:
                timer.callback()

    @property
    def pending(self) -> int:
        """Timers that will still call."""
        return sum(not timer.is_cancelled for timer in self._timers)
