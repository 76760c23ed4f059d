"""What the system's service manager is told: ready, alive, stopping (sd_notify(3))."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable, Mapping
from typing import Self

_WATCHDOG_SHARE = 0.5
"""A sign of life after half of the time that the manager waits for one, as sd_watchdog_enabled(3)
recommends."""


class ServiceManager:
    """Takes short messages, if there is one that asked for them. Never waits, never fails.

    The socket is opened once, so that signs of life go on when no descriptor is left.

    Args:
        address: Path of the manager's socket, or `@name` for one without a file; None for nobody.
        watchdog_s: Longest time between two signs of life, seconds; None where none are wanted.
    """

    def __init__(self, address: str | None, watchdog_s: float | None) -> None:
        self._address = None if address is None else _os_address(address)
        self.watchdog_s = watchdog_s
        self._socket: socket.socket | None = None
        if self._address is not None:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._socket.setblocking(False)

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Self:
        """Return the one that an environment names, by NOTIFY_SOCKET and WATCHDOG_USEC."""
        address = environ.get("NOTIFY_SOCKET") or None
        usec = environ.get("WATCHDOG_USEC", "")
        is_ours = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        has_watchdog = address is not None and is_ours and usec.isdecimal() and int(usec) > 0
        return cls(address, int(usec) / 1e6 if has_watchdog else None)

    def tell(self, *lines: str) -> bool:
        """Send lines such as `READY=1`; returns whether somebody took them."""
        if self._socket is None or self._address is None:
            return False
        with contextlib.suppress(OSError):  # a manager that is away or busy is none of our trouble
            self._socket.sendto("\n".join(lines).encode(), self._address)
            return True
        return False

    async def keep_alive(self, is_lost: Callable[[], bool]) -> None:
        """Give signs of life until cancelled; returns at once where none are wanted.

        They come from the event loop, so that one that hangs is noticed.

        Args:
            is_lost: Whether only a new process will do; the manager is asked for one then.
        """
        if self.watchdog_s is None:
            return
        while True:
            self.tell("WATCHDOG=trigger" if is_lost() else "WATCHDOG=1")
            await asyncio.sleep(self.watchdog_s * _WATCHDOG_SHARE)

    def close(self) -> None:
        """Close the socket; idempotent."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _os_address(address: str) -> str:
    """Return a socket's address as the system takes it; `@` stands for the abstract namespace."""
    return f"\0{address[1:]}" if address.startswith("@") else address
