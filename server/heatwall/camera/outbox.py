"""A worker's way of sending to main without ever waiting for it."""

from __future__ import annotations

import socket
import threading

from heatwall.camera.link import ToMain, pack

BUFFER_BYTES = 1 << 20
"""Asked of the kernel for the socket: a second of all tiers, so that main may pause for
garbage collection or a log write without a picture lost."""

_PENDING_BYTES = 4 << 20
"""More than this unsent means that main is dead or hangs; it will be told by its supervisor."""


class Outbox:
    """Sends messages on a socket; what the kernel does not take at once is kept and sent later.

    Any thread. While something is pending `is_free` is False, and pictures must be dropped.

    Args:
        link: A connected stream socket.
    """

    def __init__(self, link: socket.socket) -> None:
        self._link = link
        link.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
        self._pending = bytearray()
        self._lock = threading.Lock()

    @property
    def is_free(self) -> bool:
        """Whether everything was sent; tries once more first."""
        with self._lock:
            self._flush()
            return not self._pending

    def send(self, message: ToMain) -> None:
        """Send a message, or keep what of it could not be sent.

        Raises:
            ConnectionError: Main is gone, or has read nothing for too long.
        """
        with self._lock:
            self._pending += pack(message)
            self._flush()
            if len(self._pending) > _PENDING_BYTES:
                raise ConnectionError("main does not read")

    def finish(self, message: ToMain, timeout_s: float) -> None:
        """Send a last message, waiting for it up to `timeout_s`.

        Raises:
            OSError: Main is gone or did not take it in time.
        """
        with self._lock:
            self._link.settimeout(timeout_s)
            self._link.sendall(bytes(self._pending) + pack(message))
            self._pending.clear()

    def _flush(self) -> None:
        while self._pending:
            try:
                sent = self._link.send(self._pending, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            del self._pending[:sent]
