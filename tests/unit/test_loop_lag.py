from __future__ import annotations

import asyncio

from heatwall.clock import monotonic
from heatwall.loop_lag import LoopLag
from support.eventually import eventually_async


def test_the_worst_of_the_last_ten_seconds_is_told() -> None:
    lag = LoopLag(monotonic)
    assert lag.worst_s() == 0.0
    for lag_s in (0.1, 0.7, *[0.2] * 39):
        lag.note(lag_s)
    assert lag.worst_s() == 0.7
    lag.note(0.2)
    assert lag.worst_s() == 0.2


async def test_a_loop_that_somebody_blocks_is_late() -> None:
    lag = LoopLag(monotonic)
    measuring = asyncio.create_task(lag.keep_measuring())
    await asyncio.sleep(0)
    end_s = monotonic() + 0.6
    while monotonic() < end_s:
        pass  # the loop is what is blocked here
    await eventually_async(lambda: lag.worst_s() > 0.3)
    measuring.cancel()
