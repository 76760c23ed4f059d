"""The wait between two attempts at a camera, which ends early when the camera is back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from heatwall.clock import Clock

_KNOCK_EVERY_S = 2.0
"""Rare enough for a camera that is busy starting, and so often that a start of a process later a
camera is back on screen well within ten seconds of its return."""

_ANSWERED_S = 4.0
"""Least wait of a camera that answers all the time and yet gives no stream. It can come back at
any moment and no knock would tell, so it is tried as often as one may wait for it."""

_JITTER = 0.2
"""Share by which the times are varied, as the back-off's are."""


async def wait_for_return(
    wait_s: float,
    is_answered: Callable[[], Awaitable[bool]],
    monotonic: Clock,
    random: Callable[[], float],
) -> None:
    """Wait, but no longer than until the camera answers.

    Args:
        wait_s: The back-off's wait, seconds.
        is_answered: Knocks at the camera.
        monotonic: Monotonic seconds.
        random: Returns a number in [0, 1): cameras behind one switch are not to be asked at once.
    """
    began_s = monotonic()
    least_s = min(wait_s, _varied(_ANSWERED_S, random))
    await asyncio.sleep(least_s)
    while (left_s := began_s + wait_s - monotonic()) > 0:
        if await is_answered():
            return
        await asyncio.sleep(min(left_s, _varied(_KNOCK_EVERY_S, random)))


def _varied(time_s: float, random: Callable[[], float]) -> float:
    return time_s * (1 + _JITTER * (2 * random() - 1))
