"""A thread beside the event loop that takes a bounded amount of work."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from heatwall.errors import DeliveryError

_RETRY_S = 5
"""When to ask again, as the busy are told: what waits then was begun after them."""

_GONE_S = 1.0
"""A thread that has told its end is gone within microseconds."""

T = TypeVar("T")
"""What a piece of work returns."""


def busy(message: str) -> DeliveryError:
    """Return the answer to who should come again later: 503, with when."""
    return DeliveryError(503, "busy", message, retry_after_s=_RETRY_S)


class SideThread:
    """Does the event loop's work, one piece after the other. Event loop only.

    The thread begins with the first piece. It is a daemon: one that hangs, as on a disk that is
    gone, keeps no process from ending.

    Args:
        name: The thread's.
        most_waiting: Pieces that may wait beside the one that is being done.
    """

    def __init__(self, name: str, most_waiting: int) -> None:
        self._most_waiting = most_waiting
        self._turn = threading.Condition()
        self._waiting: deque[tuple[Callable[[], Any], Future[Any]]] = deque()
        self._is_ending = False
        self._ended: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def begin(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Let `work` be done; returns at once.

        Returns:
            What it will return or raise. Work that is cancelled before its turn is left out.

        Raises:
            DeliveryError: So much waits already, or the server is ending; 503.
        """
        result: Future[T] = Future()
        with self._turn:
            if self._is_ending:
                raise _stopping()
            if len(self._waiting) >= self._most_waiting:
                self._waiting = deque(one for one in self._waiting if not one[1].cancelled())
            if len(self._waiting) >= self._most_waiting:
                raise busy("The server has too much to do; try again in a moment.")
            self._waiting.append((work, result))
            self._turn.notify()
        if not self._ended.running():
            self._ended.set_running_or_notify_cancel()  # so that who waits for it can't cancel it
            self._thread.start()
        return asyncio.wrap_future(result)

    async def close(self, within_s: float) -> None:
        """Take no more work, and wait for what was taken up to `within_s`; idempotent.

        What was not begun by then is given up: who waits for it gets the DeliveryError of `begin`.
        """
        with self._turn:
            self._is_ending = True
            self._turn.notify()
        if not self._ended.running():
            return  # it never began, or has ended
        try:
            async with asyncio.timeout(within_s):
                await asyncio.wrap_future(self._ended)
            self._thread.join(_GONE_S)
        except TimeoutError:
            return
        finally:
            self._give_up()

    def _give_up(self) -> None:
        with self._turn:
            given_up, self._waiting = self._waiting, deque()
        for _, result in given_up:
            if result.set_running_or_notify_cancel():
                result.set_exception(_stopping())

    def _run(self) -> None:
        while self._do_next():
            pass
        self._ended.set_result(None)

    def _do_next(self) -> bool:
        """Wait for a piece of work and do it; returns whether there may be another."""
        with self._turn:
            while not self._waiting and not self._is_ending:
                self._turn.wait()  # for work, which may never come: `close` wakes it
            if not self._waiting:
                return False
            work, result = self._waiting.popleft()
        if not result.set_running_or_notify_cancel():
            return True
        try:
            value = work()
        except BaseException as error:  # noqa: BLE001 - is raised where the result is awaited
            result.set_exception(error)
        else:
            result.set_result(value)
        return True


def _stopping() -> DeliveryError:
    return DeliveryError(503, "stopping", "The server is ending.")
