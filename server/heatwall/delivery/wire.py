"""The way of RTP packets to one viewer: SRTP, then the socket, at once and without copies.

It goes round aiortc's own way, which costs a coroutine or two a packet, and therefore touches
private names of pylibsrtp, aioice and asyncio; `can_wire` says whether they are there. Event loop
only; nothing here waits.
"""

# ruff: noqa: SLF001 -- private names are the point here; `known_aiortc` looks for them

from __future__ import annotations

import asyncio
import errno
import functools
import socket
import struct
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, Protocol

from heatwall.clock import Clock

BURST_PACKETS = 64
"""Packets that one viewer may get in one go: a quarter of what a socket's usual buffer takes."""

PACKETS_PER_S = 8_000
"""How fast more of them follow, about 75 Mbit/s: so that the first pictures of a whole wall
overflow neither the viewer's socket nor a network of 100 Mbit/s, and are there after 40 ms."""

_RETRY_S = 0.004
"""After which what was held back is tried again."""

_BATCH_BYTES = 48 * 1024
"""Of the packets that are handed to the kernel at a time; UDP takes 64 KiB less headers."""

_TRAILER_BYTES = 144
"""What SRTP may append at most (SRTP_MAX_TRAILER_LEN of libsrtp)."""

_SOL_UDP = getattr(socket, "SOL_UDP", 17)
_UDP_SEGMENT = 103
"""Linux's option to cut one buffer into datagrams of one size: linux/udp.h, since 4.18."""

_SEGMENTS_MAX = 64
"""Datagrams of one buffer: UDP_MAX_SEGMENTS of Linux before 6.9."""

_NO_SEGMENTS = {errno.EIO, errno.EINVAL, errno.EMSGSIZE, errno.ENOPROTOOPT, errno.EOPNOTSUPP}
"""What a kernel or a network card that can't cut answers."""


class Transport(Protocol):
    """What is used of an asyncio datagram transport."""

    def sendto(self, data: bytes | memoryview, addr: Any = None) -> None:
        """Send, or keep what the socket does not take."""

    def get_write_buffer_size(self) -> int:
        """Return the bytes that are kept."""

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return the socket, for one."""


@functools.cache
def _srtp() -> Any:
    """Return pylibsrtp's binding to libsrtp (`ffi` and `lib`).

    Raises:
        ImportError: This pylibsrtp has none where it is looked for.
    """
    from pylibsrtp import _binding

    return _binding


def can_protect(session: Any) -> bool:
    """Return whether a pylibsrtp session is made as it is used here."""
    try:
        binding = _srtp()
        kind = binding.ffi.typeof(session._srtp)
        return bool(
            callable(binding.lib.srtp_protect) and kind.item.cname == "struct srtp_ctx_t_ *"
        )
    except (ImportError, AttributeError, TypeError):
        return False


def is_plain(transport: Any) -> bool:
    """Return whether this is asyncio's own transport of one UDP socket, and not a relay's."""
    return _socket_of(transport) is not None


def _socket_of(transport: Any) -> socket.socket | None:
    """Return the socket of asyncio's own datagram transport; None for another's."""
    # asyncio shows its socket in a wrapper without `sendmsg` (since 3.8).
    sock = getattr(transport.get_extra_info("socket"), "_sock", None)
    return sock if isinstance(sock, socket.socket) and sock.type is socket.SOCK_DGRAM else None


class Wire:
    """Protects and sends the packets of one viewer's videos.

    Args:
        session: The viewer's SRTP session, for which `can_protect` is true.
        clock: Monotonic seconds.
        call_later: How to be called back; the running event loop's own unless a test owns time.
    """

    def __init__(
        self,
        session: Any,
        clock: Clock,
        call_later: Callable[[float, Callable[[], None]], Any] | None = None,
    ) -> None:
        binding = _srtp()
        self._session = session  # keeps what its `_srtp` points to
        self._context = session._srtp[0]
        self._protect = binding.lib.srtp_protect
        self._memory = binding.ffi.new("char[]", _BATCH_BYTES + _TRAILER_BYTES)
        self._view = memoryview(binding.ffi.buffer(self._memory))
        self._length = binding.ffi.new("int *")
        self._clock = clock
        self._call_later = call_later or asyncio.get_running_loop().call_later
        self._transport: Transport | None = None
        self._address: Any = None
        self._socket: socket.socket | None = None
        self._has_segments = False
        self._budget = float(BURST_PACKETS)
        self._counted_s = clock()
        self._waiting: dict[Callable[[], None], None] = {}
        self._is_timed = False

    def aim(self, transport: Transport, address: Any) -> None:
        """Send to `address` by `transport` from now on."""
        self._transport, self._address = transport, address
        self._socket = _socket_of(transport)
        self._has_segments = self._socket is not None and _knows_segments(self._socket)

    def has_room(self, when_it_has: Callable[[], None]) -> bool:
        """Return whether a picture may go now; if not, `when_it_has` is called soon, once.

        There is none while the socket does not take what was sent before, nor for a moment after
        a burst. A picture may be larger than what is left: the next ones then wait for longer.
        """
        now_s = self._clock()
        self._budget = min(BURST_PACKETS, self._budget + (now_s - self._counted_s) * PACKETS_PER_S)
        self._counted_s = now_s
        if self._budget > 0 and not self._is_blocked():
            return True
        self._waiting[when_it_has] = None
        if not self._is_timed:
            self._is_timed = True
            self._call_later(_RETRY_S, self._retry)
        return False

    def send(self, headers: Sequence[bytes], payloads: Sequence[bytes]) -> None:
        """Protect the packets and send them, whatever room there is; what fails is lost."""
        self._budget -= len(payloads)
        packets = zip(headers, payloads, strict=True)
        sizes = list(map(len, payloads))
        begin = 0
        while begin < len(sizes):
            end = _run_end(sizes, begin, len(headers[0]))
            self._send_run(islice(packets, end - begin), end - begin)
            begin = end

    def _send_run(self, packets: Any, count: int) -> None:
        """Send packets that are of one size, but for a smaller last one."""
        view, memory, length = self._view, self._memory, self._length
        at = 0
        ends: list[int] = []
        for header, payload in packets:
            size = len(header) + len(payload)
            view[at : at + size] = header + payload
            length[0] = size
            if self._protect(self._context, memory + at, length):
                return  # libsrtp has no more keys for this stream, or was closed
            at += length[0]
            ends.append(at)
        if self._transport is None:
            return
        if count > 1 and self._has_segments and self._send_segments(view[:at], ends[0]):
            return
        begin = 0
        for end in ends:
            packet = view[begin:end]
            # Only a plain transport is known to copy what it keeps.
            self._transport.sendto(packet if self._socket else bytes(packet), self._address)
            begin = end

    def _send_segments(self, packets: memoryview, size: int) -> bool:
        """Hand several packets of `size` bytes over in one call; False when that can't be."""
        if self._socket is None:
            return False
        ancillary = [(_SOL_UDP, _UDP_SEGMENT, struct.pack("=H", size))]
        try:
            self._socket.sendmsg((packets,), ancillary, 0, self._address)
        except BlockingIOError:
            return False  # one by one the transport keeps them
        except OSError as error:
            if error.errno not in _NO_SEGMENTS:
                return True  # lost, as any datagram may be: the way there is broken
            self._has_segments = False
            return False
        return True

    def _is_blocked(self) -> bool:
        """Whether the socket has not taken all that was sent before."""
        return self._socket is not None and bool(
            self._transport and self._transport.get_write_buffer_size()
        )

    def _retry(self) -> None:
        self._is_timed = False
        waiting, self._waiting = self._waiting, {}
        for call in waiting:
            call()


def _run_end(sizes: Sequence[int], begin: int, header: int) -> int:
    """Return the end of the run from `begin` on that one buffer takes."""
    size = sizes[begin]
    most = min(_SEGMENTS_MAX, _BATCH_BYTES // (size + header + _TRAILER_BYTES))
    end = begin + 1
    while end < len(sizes) and end - begin < most and sizes[end] <= size:
        end += 1
        if sizes[end - 1] < size:
            break
    return end


def _knows_segments(sock: socket.socket) -> bool:
    try:
        sock.getsockopt(_SOL_UDP, _UDP_SEGMENT)
    except OSError:
        return False
    return hasattr(sock, "sendmsg")
