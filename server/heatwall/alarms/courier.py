"""Telling one target, one event after the other, until it has taken each."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import NoReturn, Protocol

from heatwall.alarms.delivering import Attempt, Result
from heatwall.alarms.events import Event
from heatwall.alarms.outbox import Outbox
from heatwall.alarms.retry import GIVE_UP_S, wait_s
from heatwall.clock import Clock
from heatwall.errors import AlarmError

_log = logging.getLogger(__name__)


class Link(Protocol):
    """What events go over."""

    async def tell(self, event: Event, /) -> Attempt:
        """Tell an event; returns within seconds."""

    async def broken(self) -> str:
        """Return why, when it can't be used any more."""


class Sender(Protocol):
    """Somebody who is told."""

    def open(self, current: Iterable[Event], /) -> AbstractAsyncContextManager[Link]:
        """Begin to tell; AlarmError when that fails."""


class _AgainError(Exception):
    """Raised to wait, and then to begin anew."""

    def __init__(self, reason: str, asked_s: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.asked_s = asked_s


class Courier:
    """Tells one target what waits for it. Event loop only.

    Events keep their order: one that is not taken holds up those behind it, for a day at most.
    A target that is slow or away holds up nobody else.

    Args:
        target: The target's name.
        sender: How it is told.
        outbox: What waits.
        current: Returns where all its alarms stand.
        changed: Called when something has left the outbox.
        wall: Seconds since 1970 UTC.
        random: Returns a number in [0, 1).
    """

    def __init__(
        self,
        target: str,
        sender: Sender,
        outbox: Outbox,
        current: Callable[[], Iterable[Event]],
        changed: Callable[[], None],
        wall: Clock,
        random: Callable[[], float],
    ) -> None:
        self._target = target
        self._sender = sender
        self.outbox = outbox
        self._current = current
        self._changed = changed
        self._wall = wall
        self._random = random
        self._awake = asyncio.Event()
        self._failures = 0
        self.totals: Counter[Result] = Counter()

    def put(self, event: Event) -> None:
        """Let an event wait; it is told after the next `wake`."""
        if self.outbox.put(event):
            self._count(Result.DROPPED)

    def wake(self) -> None:
        """Tell what waits."""
        self._awake.set()

    async def run(self) -> NoReturn:
        """Tell what comes, until cancelled."""
        while True:
            try:
                async with self._sender.open(self._current()) as link:
                    await self._tell_over(link)
            except _AgainError as again:
                await self._pause(again.reason, again.asked_s)
            except AlarmError as error:
                await self._pause(str(error), None)

    async def _tell_over(self, link: Link) -> None:
        """Tell events until the link is of no use any more.

        Raises:
            _AgainError: It is.
        """
        again = _AgainError("the connection was lost")
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_watch(link), name=f"alarms link {self._target}")
                group.create_task(self._tell_all(link), name=f"alarms outbox {self._target}")
        except* _AgainError as several:
            first = several.exceptions[0]
            if isinstance(first, _AgainError):
                again = first
        raise again

    async def _tell_all(self, link: Link) -> NoReturn:
        while True:
            event = self.outbox.first
            if event is None or not self._awake.is_set():
                self._awake.clear()
                await self._awake.wait()  # for an alarm, which may not come for years
                continue
            if self._wall() - event.at > GIVE_UP_S:
                self._finish(event, Result.EXPIRED)
                continue
            attempt = await link.tell(event)
            if attempt.result is Result.FAILED:
                raise _AgainError(attempt.reason, attempt.retry_after_s)
            if attempt.result is Result.REJECTED:
                _log.error(
                    "alarms: %s does not take %s: %s", self._target, event.id, attempt.reason
                )
            elif self._failures:
                _log.info("alarms: %s is told again", self._target)
            self._failures = 0
            self._finish(event, attempt.result)

    def _finish(self, event: Event, result: Result) -> None:
        if self.outbox.done(event):  # else it was dropped meanwhile, and counted as such
            self._count(result)
        self._changed()

    async def _pause(self, reason: str, asked_s: float | None) -> None:
        self._failures += 1
        self._count(Result.FAILED)
        if self._failures == 1:
            _log.warning("alarms: %s can't be told: %s; trying on", self._target, reason)
        await asyncio.sleep(wait_s(self._failures, self._random, asked_s))

    def _count(self, result: Result) -> None:
        self.totals[result] += 1


async def _watch(link: Link) -> NoReturn:
    raise _AgainError(await link.broken())
