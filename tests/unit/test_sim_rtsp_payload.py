from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatwall.simulator.rtp_payload import (
    packetize,
    split_annexb,
    split_length_prefixed,
)

# No NAL unit ends in a zero byte or holds a start code (ITU-T H.264 section 7.4.1).
nals = st.lists(
    st.tuples(st.integers(1, 23), st.integers(0, 3), st.integers(0, 5000)).map(
        lambda t: bytes([t[1] << 5 | t[0]]) + bytes([1 + t[2] % 255]) * t[2]
    ),
    min_size=1,
    max_size=6,
)


def _unpack(payloads: tuple[bytes, ...]) -> list[bytes]:
    """The receiver's side of RFC 6184, written from sections 5.6 to 5.8."""
    units: list[bytes] = []
    for payload in payloads:
        match payload[0] & 0x1F:
            case 24:
                at = 1
                while at < len(payload):
                    size = int.from_bytes(payload[at : at + 2], "big")
                    units.append(payload[at + 2 : at + 2 + size])
                    at += 2 + size
            case 28:
                if payload[1] & 0x80:
                    units.append(bytes([payload[0] & 0xE0 | payload[1] & 0x1F]))
                units[-1] += payload[2:]
            case _:
                units.append(payload)
    return units


@given(nals, st.integers(50, 1500))
def test_a_receiver_gets_what_was_packetized(units: list[bytes], max_payload: int) -> None:
    payloads = packetize(units, max_payload)
    assert _unpack(payloads) == units
    assert max(map(len, payloads)) <= max_payload


def test_small_units_share_a_packet() -> None:
    payloads = packetize([b"\x67abc", b"\x68d", b"\x06e"])
    assert payloads == (b"\x78\x00\x04\x67abc\x00\x02\x68d\x00\x02\x06e",)


def test_a_large_unit_is_fragmented_with_start_and_end_marked() -> None:
    first, middle, last = packetize([b"\x65" + b"x" * 25], 12)
    assert (first[0], first[1]) == (0x7C, 0x85)
    assert (middle[0], middle[1]) == (0x7C, 0x05)
    assert (last[0], last[1]) == (0x7C, 0x45)


def test_an_mp4_sample_is_split() -> None:
    sample = b"\x00\x00\x00\x02ab\x00\x00\x00\x01c"
    assert list(split_length_prefixed(sample, 4)) == [b"ab", b"c"]


@pytest.mark.parametrize("sample", [b"\x00\x00\x00\x09ab", b"\x00\x00\x00\x00"])
def test_a_broken_mp4_sample_is_refused(sample: bytes) -> None:
    with pytest.raises(ValueError, match="NAL unit at byte 0"):
        list(split_length_prefixed(sample, 4))


@given(nals, st.lists(st.booleans(), min_size=6, max_size=6))
def test_a_byte_stream_is_split_at_start_codes_of_both_lengths(
    units: list[bytes], are_long: list[bool]
) -> None:
    stream = b"".join(
        (b"\x00" if is_long else b"") + b"\x00\x00\x01" + nal
        for nal, is_long in zip(units, are_long, strict=False)
    )
    assert list(split_annexb(stream)) == units


def test_a_byte_stream_without_start_codes_is_empty() -> None:
    assert list(split_annexb(b"abc")) == []


def test_a_shared_packet_is_filled_to_its_last_byte_and_no_further() -> None:
    first, second = b"\x67" + b"a" * 9, b"\x68" + b"b" * 9
    full = 1 + 2 * (2 + 10)
    assert [len(payload) for payload in packetize([first, second], full)] == [full]
    assert [len(payload) for payload in packetize([first, second], full - 1)] == [10, 10]
