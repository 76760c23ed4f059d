from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from heatwall.rtsp.rtp import Header, Unwrapper, parse_header
from support.rtp import SSRC, rtp


def test_a_plain_header_is_read() -> None:
    packet = rtp(b"abc", sequence=65_535, timestamp=7, mark=True, payload_type=97)
    assert parse_header(packet) == Header(True, 97, 65_535, 7, SSRC, 12, 15)


def test_padding_extension_and_sources_are_not_payload() -> None:
    head = struct.pack(">BBHII", 0x80 | 0x20 | 0x10 | 2, 96, 1, 2, 3)
    extension = b"\xbe\xde\x00\x01wxyz"
    packet = head + b"csrccsrc" + extension + b"payload" + b"\x00\x00\x03"
    header = parse_header(memoryview(packet))
    assert header is not None
    assert packet[header.begin : header.end] == b"payload"
    assert not header.is_marked


def test_what_is_no_rtp_has_no_header() -> None:
    whole = bytes(rtp(b"abc", sequence=1))
    broken = [
        whole[:11],
        b"\x40" + whole[1:],
        b"\xa0" + whole[1:-1] + b"\x00",
        b"\xa0" + whole[1:-1] + b"\xff",
        b"\x8f" + whole[1:],
        b"\x90" + whole[1:],
        b"\x90" + whole[1:12] + b"\x00\x00\xff\xff",
        b"",
    ]
    assert [parse_header(memoryview(packet)) for packet in broken] == [None] * len(broken)


def test_time_goes_on_over_its_wrap_and_back() -> None:
    unwrapper = Unwrapper()
    stamps = [2**32 - 5, 2**32 - 1, 3, 2**32 - 2, 10]
    assert [unwrapper.unwrap(stamp) for stamp in stamps] == [0, 4, 8, 3, 15]


@given(st.lists(st.integers(-(2**31), 2**31 - 1), max_size=30), st.integers(0, 2**32 - 1))
def test_steps_of_less_than_half_the_range_are_kept(steps: list[int], first: int) -> None:
    unwrapper = Unwrapper()
    total = 0
    assert unwrapper.unwrap(first) == 0
    for step in steps:
        total += step
        assert unwrapper.unwrap((first + total) % 2**32) == total


@given(st.binary(max_size=60))
def test_a_payload_lies_within_its_packet(packet: bytes) -> None:
    header = parse_header(memoryview(packet))
    if header is not None:
        assert 12 <= header.begin <= header.end <= len(packet)
