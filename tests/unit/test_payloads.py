from __future__ import annotations

import pytest
from aiortc.codecs.h264 import h264_depayload

from heatwall.delivery.payloads import MAX_PAYLOAD, packetise
from support.h264 import TestEncoder, nal_types

_CODE = b"\x00\x00\x00\x01"


def _unit(kind: int, size: int) -> bytes:
    """Return a NAL unit of `size` bytes whose content tells places apart."""
    return bytes((0x60 | kind,)) + bytes(1 + index * 7 % 251 for index in range(size - 1))


def _rebuilt(payloads: list[bytes]) -> list[bytes]:
    """Return the NAL units that a receiver puts together."""
    stream = b"".join(h264_depayload(payload) for payload in payloads)
    return [unit for unit in stream.split(_CODE) if unit]


def test_payloads_hold_the_whole_access_unit_and_fit_a_packet() -> None:
    picture = TestEncoder("door", size=(1280, 720)).picture()
    payloads = packetise(picture.annexb)
    assert all(len(payload) <= MAX_PAYLOAD for payload in payloads)
    assert len(payloads) > 3, "an IDR of this size needs fragments"
    rebuilt = b"".join(h264_depayload(payload) for payload in payloads)
    assert list(nal_types(rebuilt)) == list(nal_types(picture.annexb))
    assert 7 in nal_types(rebuilt), "the parameter sets travel with the IDR"


@pytest.mark.parametrize(
    "sizes",
    [
        (5,),
        (20, 8, 900),
        (1170, 8, 8),
        (MAX_PAYLOAD - 1,),
        (MAX_PAYLOAD,),
        (MAX_PAYLOAD + 1,),
        (10, 5000, 12),
        (2 * MAX_PAYLOAD - 3, 2 * MAX_PAYLOAD - 4, 2 * MAX_PAYLOAD - 2),
        (600, 600, 600),
        (30_000,),
    ],
)
def test_a_receiver_puts_the_same_units_together(sizes: tuple[int, ...]) -> None:
    units = [_unit(1 + index % 5, size) for index, size in enumerate(sizes)]
    for code in (_CODE, _CODE[1:]):
        payloads = packetise(b"".join(code + unit for unit in units))
        assert max(map(len, payloads)) <= MAX_PAYLOAD
        assert _rebuilt(payloads) == units


@pytest.mark.parametrize("size", [MAX_PAYLOAD + 1, 2400, 3300, 52_000])
def test_fragments_are_of_one_size_but_for_a_smaller_last_one(size: int) -> None:
    *firsts, last = map(len, packetise(_CODE + _unit(5, size)))
    assert set(firsts) == {firsts[0]}
    assert last <= firsts[0]


def test_an_aggregate_is_as_important_as_its_most_important_unit() -> None:
    (payload,) = packetise(_CODE + b"\x06abc" + _CODE + b"\x67def")
    assert payload[0] == 0x60 | 24


def test_what_holds_no_unit_gives_no_payload() -> None:
    assert packetise(b"") == packetise(b"\x00\x00\x00\x01") == packetise(b"garbage") == []
