from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatwall.rtsp.depacketizer import Depacketizer
from heatwall.rtsp.h264 import H264Depacketizer
from heatwall.rtsp.h265 import H265Depacketizer
from heatwall.simulator.rtp_payload import packetize
from support.rtp import aggregate, annexb, fragments_h264, fragments_h265


@dataclass(frozen=True)
class Codec:
    """One of the two formats, by examples."""

    make: Callable[[], Depacketizer]
    fragments: Callable[[bytes, int], Iterator[bytes]]
    aggregate_header: bytes
    key: bytes
    slice: bytes
    later_slice: bytes
    message: bytes
    bad: tuple[bytes, ...]


H264 = Codec(
    H264Depacketizer,
    fragments_h264,
    b"\x78",
    b"\x65\x88key",
    b"\x41\x9bslice",
    b"\x41\x1bslice",
    b"\x06\x05sei",
    (b"", b"\x41", b"\x40x", b"\x7d\x00x", b"\x78\x00", b"\x78\x00\x09abc", b"\x78\x00\x01\x41"),
)
H265 = Codec(
    H265Depacketizer,
    fragments_h265,
    b"\x60\x01",
    b"\x26\x01\xafkey",
    b"\x02\x01\xd0slice",
    b"\x02\x01\x50slice",
    b"\x4e\x01sei",
    (b"", b"\x02\x01", b"\x64\x01xxx", b"\x60\x01\x00", b"\x60\x01\x00\x09abcd", b"\x62\x01\x80"),
)
codecs = pytest.mark.parametrize("codec", [H264, H265], ids=["h264", "h265"])


def collected(codec: Codec, payloads: Iterable[bytes]) -> Depacketizer:
    made = codec.make()
    for payload in payloads:
        assert made.add(memoryview(payload))
    return made


@codecs
def test_units_that_travel_alone_are_put_one_after_another(codec: Codec) -> None:
    made = collected(codec, [codec.message, codec.slice])
    assert made.is_complete
    assert made.take() == annexb(codec.message, codec.slice)
    assert made.is_empty


@codecs
def test_an_aggregate_is_taken_apart(codec: Codec) -> None:
    payload = aggregate(codec.aggregate_header, codec.message, codec.key)
    made = collected(codec, [payload])
    assert made.is_key
    assert made.take() == annexb(codec.message, codec.key)


@codecs
@pytest.mark.parametrize("size", [1, 3, 100])
def test_fragments_are_put_together(codec: Codec, size: int) -> None:
    made = collected(codec, codec.fragments(codec.key + bytes(range(50)), size))
    assert made.is_complete
    assert made.is_key
    assert made.take() == annexb(codec.key + bytes(range(50)))


@codecs
def test_it_tells_pictures_from_messages_and_keys_from_others(codec: Codec) -> None:
    made = codec.make()
    kinds = []
    for nal in (codec.message, codec.later_slice, codec.slice, codec.key):
        made.add(memoryview(nal))
        kinds.append((made.has_picture, made.is_key, made.begins_midway))
        made.clear()
    assert kinds == [
        (False, False, False),
        (True, False, True),
        (True, False, False),
        (True, True, False),
    ]


@codecs
def test_a_picture_of_several_slices_begins_with_its_first(codec: Codec) -> None:
    made = collected(codec, [codec.slice, codec.later_slice])
    assert not made.begins_midway


@codecs
def test_payloads_that_can_not_be_are_refused_and_leave_nothing(codec: Codec) -> None:
    for payload in codec.bad:
        made = codec.make()
        assert not made.add(memoryview(payload)), payload
        assert made.is_empty


@codecs
def test_a_unit_whose_end_is_lost_is_cut_and_the_next_is_whole(codec: Codec) -> None:
    first, second, third = list(codec.fragments(codec.key + bytes(80), 40))[:3]
    made = collected(codec, [first, second])
    assert not made.is_complete
    made.cut()
    assert made.is_complete
    assert not made.add(memoryview(third)), "a fragment without its beginning"
    assert made.add(memoryview(codec.slice))
    assert made.take().endswith(annexb(codec.slice))


@codecs
def test_a_unit_that_begins_within_another_is_told_and_kept(codec: Codec) -> None:
    first = next(codec.fragments(codec.key + bytes(80), 40))
    for payload in (codec.slice, first):
        made = collected(codec, [first])
        assert not made.add(memoryview(payload))
        assert made.is_complete is (payload is codec.slice)
        assert made.take().count(annexb(b"")) == 2


def test_a_unit_that_never_ends_is_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("heatwall.rtsp.depacketizer._MAX_UNIT_BYTES", 1000)
    made = H264Depacketizer()
    payload = memoryview(b"\x41\x9a" + bytes(98))
    assert [made.add(payload) for _ in range(12)].count(True) == 10


nals = st.lists(
    st.tuples(st.integers(1, 23), st.binary(min_size=1, max_size=4000)).map(
        lambda parts: bytes([0x60 | parts[0]]) + parts[1]
    ),
    min_size=1,
    max_size=6,
)


@given(nals, st.integers(10, 1400))
def test_what_the_simulator_cuts_is_put_together_again(units: list[bytes], size: int) -> None:
    made = collected(H264, packetize(units, size))
    assert made.take() == annexb(*units)


@codecs
@given(st.lists(st.binary(max_size=60), max_size=20))
def test_garbage_raises_nothing(codec: Codec, payloads: list[bytes]) -> None:
    made = codec.make()
    for payload in payloads:
        made.add(memoryview(payload))
    assert isinstance(made.take(), bytes)
