"""How the server ends when it is told to: in time, whatever hangs."""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import logging
import os
import signal
import sys
import threading

GONE_S = 4.8
"""After which the process is gone, also when something in it hangs: whoever ends a machine waits
only so long. What ends by itself takes a fraction of a second."""

_LEFT_ALONE_S = 0.5
"""What threads of libraries get once all that is ours has ended."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM)

_log = logging.getLogger(__name__)


class Ending:
    """Waits for SIGINT or SIGTERM. Event loop of the main thread only.

    The first one is told to who waits. A second one ends the process at once, and so does time:
    both without Python, which may be what hangs. Workers notice and end by themselves.
    """

    def __init__(self) -> None:
        self._is_told = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            self._loop.add_signal_handler(number, self._begin, number)

    async def wait(self) -> None:
        """Wait for the first signal."""
        await self._is_told.wait()

    def done(self) -> None:
        """Say that all has ended and is kept; the process waits for nothing else any more.

        A thread that looks up a name, or connects to a broker that does not answer, can't be
        told to stop, and Python waits for each (docs.python.org, `concurrent.futures`: an
        executor's threads are joined before the interpreter exits).
        """
        timer = threading.Timer(_LEFT_ALONE_S, _exit)
        timer.daemon = True
        timer.start()

    def _begin(self, number: signal.Signals) -> None:
        _log.info("the server ends: %s", number.name)
        for one in _SIGNALS:
            self._loop.remove_signal_handler(one)
            signal.signal(one, signal.SIG_DFL)
        # Writes where each thread stands, then exits with 1 (docs.python.org, faulthandler).
        faulthandler.dump_traceback_later(GONE_S, exit=True)
        self._is_told.set()


def _exit() -> None:
    with contextlib.suppress(OSError, ValueError):  # who read it may be gone
        sys.stdout.flush()
    os._exit(0)
