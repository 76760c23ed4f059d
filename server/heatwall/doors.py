"""Room for those who come in, whom idle connections or a lack of descriptors would shut out."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import resource
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from heatwall.buckets import household
from heatwall.clock import Clock, monotonic
from heatwall.refusals import Refusal
from heatwall.roles import is_loopback
from heatwall.side_work import kept_up

IDLE_S = 75.0
"""After so long without a request a connection is closed: longer than the minute for which reverse
proxies keep theirs, so that they close first."""

_MOST = 2048
"""Connections at most; a page has up to eight. An idle one takes some kilobytes."""

_MOST_EACH = 256
"""Connections of one address at most, that of an office whose pages all come through its router."""

HEAD_S = 10.0
"""Within so long a new connection has to have asked for something, which aiohttp gives as long as
an idle one. Who writes its request a byte at a time (slow loris) holds no place for longer; a later
request of a connection has what is left of its idle time."""

_LOOK_S = 1.0
"""How often connections are counted: who fills the server up has it for a second."""

_LOG_EVERY_S = 60.0
"""Least time between two lines about the same want."""

_WANTS = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
"""What accept(2) says when the system has no room; asyncio tries again after a second."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class House:
    """The rules of who may stay.

    Attributes:
        most: Connections at most; None for half of what this process may open.
        most_each: Connections of one address at most.
        is_proxy: Whether an address brings in others, so that it may have any number.
        head_s: What a new connection has to ask for something.
        note: Called for each connection that is closed.
    """

    most: int | None = None
    most_each: int = _MOST_EACH
    is_proxy: Callable[[str], bool] = is_loopback
    head_s: float = HEAD_S
    note: Callable[[Refusal], None] = lambda _reason: None


_HOUSE = House()


@contextlib.asynccontextmanager
async def keeping_room(
    runner: web.AppRunner, house: House = _HOUSE, clock: Clock = monotonic
) -> AsyncIterator[None]:
    """Close connections when there are too many, or that say nothing, while the context lasts.

    Those with nothing under way go, whether they have asked for something before or never do; who
    waits for an answer gets it, and what streams goes on. A browser opens a new one by itself.

    Args:
        runner: Set up already.
        house: Who may stay.
        clock: Monotonic seconds.
    """
    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler()
    loop.set_exception_handler(_Faults(clock).take)
    try:
        async with asyncio.TaskGroup() as group:
            porter = _Porter(house, clock)
            keeping = group.create_task(
                kept_up("doors", lambda: _keep(runner, porter)), name="doors"
            )
            yield
            keeping.cancel()
    finally:
        loop.set_exception_handler(before)


async def _keep(runner: web.AppRunner, porter: _Porter) -> None:
    while True:
        await asyncio.sleep(_LOOK_S)
        porter.look([] if runner.server is None else runner.server.connections)


class _Porter:
    """Looks at all connections, and closes those that have no place.

    Args:
        house: Who may stay.
        clock: Monotonic seconds.
    """

    def __init__(self, house: House, clock: Clock) -> None:
        self._house = house
        self._most = min(_MOST, _may_open() // 2) if house.most is None else house.most
        self._clock = clock
        self._told_s: dict[str, float] = {}
        self._came_s: dict[RequestHandler, float] = {}

    def look(self, connections: Sequence[RequestHandler]) -> None:
        """Look once."""
        self._close_silent(connections)
        self._close_beyond(connections)
        if len(connections) > self._most:
            self._tell(
                "%d connections, of %d: the idle ones are closed", len(connections), self._most
            )
            for connection in connections:
                self._close(connection, Refusal.TOO_MANY_CONNECTIONS)

    def _close_silent(self, connections: Sequence[RequestHandler]) -> None:
        """Close those that came some time ago and have not asked for anything yet."""
        now_s = self._clock()
        self._came_s = {
            connection: self._came_s.get(connection, now_s)
            for connection in connections
            # aiohttp's own count, without which all have asked already.
            if getattr(connection, "_request_count", 1) == 0
        }
        for connection, came_s in self._came_s.items():
            if now_s - came_s >= self._house.head_s:
                self._close(connection, Refusal.SLOW_HEAD)

    def _close_beyond(self, connections: Sequence[RequestHandler]) -> None:
        """Close the idle ones of an address that has too many."""
        by_address: dict[str, list[RequestHandler]] = {}
        for connection in connections:
            if (address := _address_of(connection)) and not self._house.is_proxy(address):
                by_address.setdefault(household(address), []).append(connection)
        for address, theirs in by_address.items():
            if len(theirs) > self._house.most_each:
                self._tell("%s has %d connections: its idle ones are closed", address, len(theirs))
                for connection in theirs:
                    self._close(connection, Refusal.TOO_MANY_CONNECTIONS)

    def _close(self, connection: RequestHandler, reason: Refusal) -> None:
        # aiohttp's sign of waiting for a request, by which its own time-out goes too.
        is_idle = getattr(connection, "_waiter", None) is not None
        if is_idle and connection.transport is not None:  # which it has until it is closed
            self._house.note(reason)
            connection.force_close()

    def _tell(self, text: str, *values: object) -> None:
        now_s = self._clock()
        if now_s - self._told_s.get(text, float("-inf")) > _LOG_EVERY_S:
            self._told_s[text] = now_s
            _log.warning(text, *values)


def _address_of(connection: RequestHandler) -> str:
    """Return the address at the other end, empty for none that is known."""
    peer = connection.peername
    return peer[0] if isinstance(peer, tuple) else ""


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
