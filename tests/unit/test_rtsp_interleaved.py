from __future__ import annotations

import contextlib
import random
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatwall.rtsp.interleaved import InterleavedReader, frame_packet
from heatwall.rtsp.message import Message, RtspError

REPLY = b"RTSP/1.0 200 OK\r\nCSeq: 7\r\nContent-Length: 4\r\n\r\nbody"
PACKET = b"\x80\x60" + bytes(10) + b"$RTSP/1.0\r\n\r\n"


def read(reader: InterleavedReader, chunks: Iterable[bytes]) -> list[Message | tuple[int, bytes]]:
    """Return what came, packets copied, since they are void with the next chunk."""
    got: list[Message | tuple[int, bytes]] = []
    for chunk in chunks:
        rest = chunk
        while rest:
            space = reader.space()
            assert len(space), "a full buffer would look like the end of the connection"
            count = min(len(space), len(rest))
            space[:count] = rest[:count]
            rest = rest[count:]
            reader.received(count)
            got += [
                one if isinstance(one, Message) else (one[0], bytes(one[1]))
                for one in reader.messages()
            ]
    return got


def test_replies_and_packets_come_in_their_order() -> None:
    stream = frame_packet(PACKET, 0) + REPLY + frame_packet(PACKET, 1)
    first, reply, last = read(InterleavedReader(), [stream])
    assert first == (0, PACKET)
    assert isinstance(reply, Message)
    assert (reply.status, reply.body) == (200, b"body")
    assert last == (1, PACKET)


def test_single_bytes_make_the_same() -> None:
    stream = REPLY + frame_packet(PACKET, 0) + b"\r\n" + REPLY
    reader = InterleavedReader()
    got = read(reader, [bytes([byte]) for byte in stream])
    assert [type(one) for one in got] == [Message, tuple, Message]
    assert not reader.is_waiting
    assert reader.stray_bytes == 0


def test_an_incomplete_message_waits() -> None:
    reader = InterleavedReader()
    assert read(reader, [REPLY[:-1]]) == []
    assert reader.is_waiting


@pytest.mark.parametrize(
    "stray",
    [
        b"x",
        b"$",
        b"RTSP",
        b"\x00" * 5000,
        b"$\x00\x00\x40" + bytes(30),
        b"RTSP/1.0 200 OK\r\nx\r\n\r\n",
    ],
)
def test_stray_bytes_are_passed_over_and_counted(stray: bytes) -> None:
    reader = InterleavedReader()
    stream = frame_packet(PACKET, 0) + stray + frame_packet(PACKET, 1) + frame_packet(PACKET, 2)
    got = read(reader, [stream])
    assert got[0] == (0, PACKET)
    assert got[-1] == (2, PACKET)
    assert reader.stray_bytes > 0


def test_a_packet_that_lost_its_middle_costs_no_more_than_its_neighbours() -> None:
    random_bytes = random.Random(1).randbytes
    packets = [b"\x80\x60" + random_bytes(1400) for _ in range(50)]
    framed = [frame_packet(packet, 0) for packet in packets]
    framed[10] = framed[10][:700]
    got = read(InterleavedReader(), [b"".join(framed)])
    assert sum((0, packet) in got for packet in packets) >= 47
    assert got[-1] == (0, packets[-1])


def test_what_never_becomes_rtsp_ends_with_an_error() -> None:
    with pytest.raises(RtspError, match="not RTSP"):
        read(InterleavedReader(), [b"HTTP/1.1 400 Bad Request\r\n" * 100] * 1000)


def test_the_longest_messages_pass_in_any_place_of_the_buffer() -> None:
    reader = InterleavedReader()
    packet = b"\x80" + bytes(65_534)
    reply = b"RTSP/1.0 200 OK\r\nX: " + b"x" * 16_000 + b"\r\nContent-Length: 65536\r\n\r\n"
    stream = (frame_packet(packet, 0) + reply + bytes(65_536)) * 5
    got = read(reader, [stream[at : at + 30_011] for at in range(0, len(stream), 30_011)])
    assert [type(one) for one in got] == [tuple, Message] * 5
    assert got[-2] == (0, packet)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.binary(max_size=300)), max_size=20),
    st.integers(1, 500),
)
def test_packets_are_those_that_were_framed(packets: list[tuple[int, bytes]], size: int) -> None:
    packets = [(channel, b"\x80" + content) for channel, content in packets]
    stream = b"".join(frame_packet(content, channel) for channel, content in packets)
    chunks = [stream[at : at + size] for at in range(0, len(stream), size)]
    assert read(InterleavedReader(), chunks) == packets


@given(st.lists(st.binary(max_size=400), max_size=20))
def test_garbage_raises_nothing_but_its_error(chunks: list[bytes]) -> None:
    with contextlib.suppress(RtspError):
        read(InterleavedReader(), chunks)
