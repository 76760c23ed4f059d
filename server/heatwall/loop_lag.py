"""How late the event loop is: what every viewer and every camera waits for."""

from __future__ import annotations

import asyncio
from collections import deque

from heatwall.clock import Clock

_EVERY_S = 0.25
"""How often it is measured."""

_OVER_S = 10.0
"""What is told is the worst of so long: longer than between two looks of a person, and no longer
than between two scrapes."""


class LoopLag:
    """Measures by how much later than asked for the event loop wakes a task.

    Args:
        monotonic: Monotonic seconds.
    """

    def __init__(self, monotonic: Clock) -> None:
        self._monotonic = monotonic
        self._lags: deque[float] = deque(maxlen=round(_OVER_S / _EVERY_S))

    def worst_s(self) -> float:
        """Return the largest lag of the last ten seconds, seconds."""
        return max(self._lags, default=0.0)

    async def keep_measuring(self) -> None:
        """Measure until cancelled."""
        while True:
            asked_s = self._monotonic() + _EVERY_S
            await asyncio.sleep(_EVERY_S)
            self.note(max(0.0, self._monotonic() - asked_s))

    def note(self, lag_s: float) -> None:
        """Take one measurement, seconds."""
        self._lags.append(lag_s)
