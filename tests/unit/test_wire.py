from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from pylibsrtp import Policy, Session

from heatwall.delivery import wire as wire_module
from heatwall.delivery.rtp import Extensions, RtpStream
from heatwall.delivery.wire import BURST_PACKETS, PACKETS_PER_S, Wire, can_protect, is_plain
from heatwall.ntp import ntp_time
from support.faketime import FakeTime

_KEY = bytes(range(30))


def _session(kind: int) -> Session:
    return Session(Policy(key=_KEY, ssrc_type=kind))


class _Shown:
    """asyncio's wrapper of a socket."""

    def __init__(self, sock: object) -> None:
        self._sock = sock


class _Socket(socket.socket):
    """A real UDP socket that counts, and may fail as a test says."""

    fault: OSError | None = None
    calls = 0

    def sendmsg(self, *arguments: Any) -> int:
        self.calls += 1
        if self.fault is not None:
            raise self.fault
        return super().sendmsg(*arguments)


class _Transport:
    """asyncio's datagram transport in what is used of it."""

    def __init__(self, sock: _Socket) -> None:
        self.sock = sock
        self.kept = 0
        self.singles: list[bytes] = []

    def sendto(self, data: bytes | memoryview, addr: Any = None) -> None:
        self.singles.append(bytes(data))
        self.sock.sendto(data, addr)

    def get_write_buffer_size(self) -> int:
        return self.kept

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return _Shown(self.sock) if name == "socket" else default


class _Stand:
    """A wire to a socket that the test reads."""

    def __init__(self) -> None:
        self.time = FakeTime()
        self.reader = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.reader.bind(("127.0.0.1", 0))
        self.reader.settimeout(5.0)
        self.sock = _Socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.transport = _Transport(self.sock)
        self.wire = Wire(_session(Policy.SSRC_ANY_OUTBOUND), self.time, self.time.call_later)
        self.wire.aim(self.transport, self.reader.getsockname())
        self.stream = RtpStream(1, 96, Extensions(b"0", 1, 2), 0, 0)
        self.unprotect = _session(Policy.SSRC_ANY_INBOUND).unprotect
        self.calls: list[str] = []

    def send(self, *sizes: int) -> list[bytes]:
        """Send a picture; return its packets as they were before SRTP."""
        payloads = [bytes([index % 256]) * size for index, size in enumerate(sizes)]
        sent = self.stream.take(payloads, 0, ntp_time(0))
        headers = self.stream.headers(sent)
        self.wire.send(headers, payloads)
        return [header + payload for header, payload in zip(headers, payloads, strict=True)]

    def received(self, count: int) -> list[bytes]:
        return [self.unprotect(self.reader.recv(2048)) for _ in range(count)]

    def note(self) -> None:
        self.calls.append("free")

    def close(self) -> None:
        self.reader.close()
        self.sock.close()


@pytest.fixture
def stand() -> Iterator[_Stand]:
    made = _Stand()
    yield made
    made.close()


@pytest.mark.parametrize(
    "sizes",
    [
        (100,),
        (1200, 1200, 700),
        (30, 1190, 1190, 1190, 5),
        (9, 8, 7),
        (700, 900, 900),
        (1199,) * 70,
    ],
)
def test_what_arrives_is_what_was_sent(stand: _Stand, sizes: tuple[int, ...]) -> None:
    stand.reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    assert stand.send(*sizes) == stand.received(len(sizes))


def test_packets_of_one_size_go_in_one_call(stand: _Stand) -> None:
    if not wire_module._knows_segments(stand.sock):
        pytest.skip("this kernel has no UDP_SEGMENT")
    stand.send(1190, 1190, 1190, 800)
    assert (stand.sock.calls, stand.transport.singles) == (1, [])
    stand.send(40, 1190, 1190)
    assert (stand.sock.calls, len(stand.transport.singles)) == (2, 1)


@pytest.mark.parametrize("number", [errno.EIO, errno.EINVAL, errno.ENOPROTOOPT])
def test_where_nothing_can_cut_packets_go_one_by_one(stand: _Stand, number: int) -> None:
    stand.sock.fault = OSError(number, "no segments")
    assert stand.send(500, 500) == stand.received(2)
    assert stand.send(600, 600) == stand.received(2)
    assert stand.sock.calls <= 1, "it is not tried again"
    assert len(stand.transport.singles) == 4


def test_a_socket_that_is_full_leaves_the_packets_to_the_transport(stand: _Stand) -> None:
    stand.sock.fault = BlockingIOError()
    stand.send(500, 500)
    assert len(stand.transport.singles) == 2
    stand.transport.kept = 1000
    assert not stand.wire.has_room(stand.note)


def test_a_broken_way_loses_packets_and_raises_nothing(stand: _Stand) -> None:
    if not wire_module._knows_segments(stand.sock):
        pytest.skip("this kernel has no UDP_SEGMENT")
    stand.sock.fault = OSError(errno.ENETUNREACH, "gone")
    stand.send(500, 500)
    assert stand.transport.singles == []
    stand.sock.fault = None
    stand.send(500, 500)
    assert stand.sock.calls == 2, "it is tried again"


def test_there_is_no_room_while_the_socket_takes_nothing(stand: _Stand) -> None:
    assert stand.wire.has_room(stand.note)
    stand.transport.kept = 1
    assert not stand.wire.has_room(stand.note)
    assert not stand.wire.has_room(stand.note)
    stand.time.advance(0.1)
    assert stand.calls == ["free"], "called once, to try again"
    assert not stand.wire.has_room(stand.note)
    stand.transport.kept = 0
    assert stand.wire.has_room(stand.note)


def test_a_burst_is_followed_by_a_pause_as_long_as_it_was_large(stand: _Stand) -> None:
    stand.reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    stand.send(*[10] * (BURST_PACKETS - 1))
    assert stand.wire.has_room(stand.note), "what is left is enough for a picture of any size"
    stand.send(*[10] * 61)
    assert not stand.wire.has_room(stand.note)
    stand.time.advance(59 / PACKETS_PER_S)
    assert not stand.wire.has_room(stand.note)
    stand.time.advance(2 / PACKETS_PER_S)
    assert stand.wire.has_room(stand.note)


def test_nothing_is_saved_up_beyond_one_burst(stand: _Stand) -> None:
    stand.reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    stand.time.advance(3600)
    assert stand.wire.has_room(stand.note)
    stand.send(*[10] * (BURST_PACKETS + 1))
    assert not stand.wire.has_room(stand.note)


def test_a_session_of_another_make_is_not_used() -> None:
    assert can_protect(_session(Policy.SSRC_ANY_OUTBOUND))
    assert not can_protect(object())
    assert not can_protect(None)


def test_only_a_plain_udp_socket_is_plain() -> None:
    class Relay:
        """aioice's transport by a TURN server."""

        def get_extra_info(self, _name: str, default: Any = None) -> Any:
            return default

    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stream:
        sock = _Socket(socket.AF_INET, socket.SOCK_DGRAM)
        assert is_plain(_Transport(sock))
        sock.close()
        assert not is_plain(_Transport(stream))  # type: ignore[arg-type] # that is the test
        assert not is_plain(Relay())
