"""Room for those who come in, whom idle connections or a lack of descriptors would shut out."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import resource
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web

from heatwall.clock import Clock, monotonic

IDLE_S = 75.0
"""After so long without a request a connection is closed: longer than the minute for which reverse
proxies keep theirs, so that they close first."""

_MOST = 2048
"""Connections at most; a page has up to eight. An idle one takes some kilobytes."""

_LOOK_S = 1.0
"""How often connections are counted: who fills the server up has it for a second."""

_LOG_EVERY_S = 60.0
"""Least time between two lines about the same want."""

_WANTS = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
"""What accept(2) says when the system has no room; asyncio tries again after a second."""

_log = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def keeping_room(
    runner: web.AppRunner, most: int | None = None, clock: Clock = monotonic
) -> AsyncIterator[None]:
    """Close connections when there are too many, while the context lasts.

    Those with nothing under way go, whether they have asked for something before or never do; who
    waits for an answer gets it, and what streams goes on. A browser opens a new one by itself.

    Args:
        runner: Set up already.
        most: Connections at most; None for what this process may open.
        clock: Monotonic seconds.
    """
    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler()
    loop.set_exception_handler(_Faults(clock).take)
    try:
        async with asyncio.TaskGroup() as group:
            room = min(_MOST, _may_open() // 2) if most is None else most
            keeping = group.create_task(_keep(runner, room, clock), name="doors")
            yield
            keeping.cancel()
    finally:
        loop.set_exception_handler(before)


async def _keep(runner: web.AppRunner, most: int, clock: Clock) -> None:
    told_s = float("-inf")
    while True:
        await asyncio.sleep(_LOOK_S)
        connections = [] if runner.server is None else runner.server.connections
        if len(connections) <= most:
            continue
        if clock() - told_s > _LOG_EVERY_S:
            told_s = clock()
            _log.warning("%d connections, of %d: the idle ones are closed", len(connections), most)
        for connection in connections:
            # aiohttp's sign of waiting for a request, by which its own time-out goes too.
            if getattr(connection, "_waiter", None) is not None:
                connection.force_close()


class _Faults:
    """What the event loop reports: a lack of descriptors takes a line now and then, no more."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told_s = float("-inf")

    def take(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Take one report; those of other kinds go where they went before."""
        error = context.get("exception")
        if not isinstance(error, OSError) or error.errno not in _WANTS or "socket" not in context:
            loop.default_exception_handler(context)
            return
        if self._clock() - self._told_s > _LOG_EVERY_S:
            self._told_s = self._clock()
            _log.error("nobody can come in for the moment: %s", error.strerror)


def _may_open() -> int:
    """Return how many files this process may have open."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
