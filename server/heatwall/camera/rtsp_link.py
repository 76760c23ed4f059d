"""One TCP connection to a camera, with a deadline on everything."""

from __future__ import annotations

import select
import socket
import threading

from heatwall.camera import reasons
from heatwall.clock import monotonic
from heatwall.rtsp.interleaved import InterleavedReader


class RtspLink:
    """A connection. Not thread-safe.

    Args:
        host: Name or address.
        port: TCP port.
        timeout_s: Longest that connecting and sending may take, seconds.

    Raises:
        SourceError: There is no connection; says why.
    """

    def __init__(self, host: str, port: int, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self.reader = InterleavedReader()
        """What has been received."""
        self.arrival_s = monotonic()
        """When it was received, monotonic seconds."""
        self._socket = _connect(host, port, timeout_s)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.settimeout(timeout_s)
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)

    @property
    def is_behind(self) -> bool:
        """Whether more has come than was taken out of `reader`."""
        return self.reader.is_waiting or bool(self._poll.poll(0))

    def send(self, message: bytes) -> None:
        """Send a message.

        Raises:
            SourceError: The camera has closed, or takes nothing.
        """
        try:
            self._socket.sendall(message)
        except TimeoutError:
            raise reasons.no_answer(self._timeout_s) from None
        except OSError as error:
            raise reasons.ended() from error

    def receive(self, deadline_s: float) -> bool:
        """Wait for bytes and put them into `reader`; False when none came.

        Args:
            deadline_s: Until when to wait, monotonic seconds; those that are there are taken
                even when it is over.

        Raises:
            SourceError: The camera has closed.
        """
        wait_ms = max(0.0, deadline_s - monotonic()) * 1000
        if not self._poll.poll(wait_ms):
            return False
        try:
            count = self._socket.recv_into(self.reader.space())
        except OSError as error:
            raise reasons.ended() from error
        if not count:
            raise reasons.ended()
        self.arrival_s = monotonic()
        self.reader.received(count)
        return True

    def close(self, farewell: bytes = b"") -> None:
        """Close; idempotent.

        Args:
            farewell: A last message, sent if that needs no waiting.
        """
        if self._socket.fileno() < 0:
            return
        try:
            if farewell:
                self._socket.setblocking(False)
                self._socket.send(farewell)
        except OSError:
            pass  # the camera is gone already
        finally:
            self._socket.close()


def _connect(host: str, port: int, timeout_s: float) -> socket.socket:
    """Return a connection to the first of the host's addresses that takes one."""
    deadline_s = monotonic() + timeout_s
    error: OSError = TimeoutError()
    for family, address in _addresses(host, port, timeout_s):
        connection = socket.socket(family, socket.SOCK_STREAM)
        connection.settimeout(max(0.001, deadline_s - monotonic()))
        try:
            connection.connect(address)
        except OSError as problem:
            connection.close()
            error = problem
        else:
            return connection
    if isinstance(error, TimeoutError):
        raise reasons.no_answer(timeout_s)
    if isinstance(error, ConnectionRefusedError):
        raise reasons.no_listener()
    raise reasons.unreachable() from error


def _addresses(
    host: str, port: int, timeout_s: float
) -> list[tuple[socket.AddressFamily, tuple[str, int]]]:
    """Look up a host's addresses.

    In a thread, because the system's look-up has no deadline; one that hangs is left behind.
    """
    found: list[tuple[socket.AddressFamily, tuple[str, int]]] = []
    errors: list[OSError] = []

    def look_up() -> None:
        try:
            for family, _, _, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
                found.append((family, address))  # type: ignore[arg-type]  # IPv6's has four parts
        except (OSError, UnicodeError) as error:
            errors.append(OSError(str(error)))

    thread = threading.Thread(target=look_up, name="look-up", daemon=True)
    thread.start()
    thread.join(timeout_s)
    if thread.is_alive():
        raise reasons.no_answer(timeout_s)
    if not found:
        raise reasons.unreachable() from next(iter(errors), None)
    return found
