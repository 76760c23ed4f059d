"""Work beside the pictures that may fail without ending them."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable

from heatwall.backoff import Backoff

_log = logging.getLogger(__name__)


async def kept_up(name: str, work: Callable[[], Awaitable[object]]) -> None:
    """Do endless work, and begin it anew whenever it fails.

    It has the only broad `except` of what tells others, looks at networks or keeps files: what a
    library raises there must not end the task group that it runs in, and so the wall.

    Args:
        name: What it is called in the log.
        work: Begins it; whatever it has done so far, it goes on from there.
    """
    backoff = Backoff(random.random)
    while True:
        try:
            await work()
        except Exception:  # noqa: BLE001 - see above
            _log.exception("%s failed and begins anew", name)
        else:
            return
        await asyncio.sleep(backoff.next_s())
