from __future__ import annotations

import random
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from heatwall.rtsp.h264 import H264Depacketizer
from heatwall.rtsp.reception import ReceptionCounter
from heatwall.rtsp.units import AccessUnit, UnitAssembler
from support.rtp import Stream, annexb, fragments_h264, rtp

KEY = b"\x65\x88key"
SLICE = b"\x41\x9bslice"
LATER_SLICE = b"\x41\x1bslice"
SPS = b"\x67\x42sps"
LARGE = b"\x41\x9b" + bytes(range(1, 200))


def assembler() -> UnitAssembler:
    return UnitAssembler(H264Depacketizer(), 96)


def fed(made: UnitAssembler, packets: Iterable[memoryview]) -> list[AccessUnit]:
    return [unit for packet in packets for unit in made.feed(packet)]


def test_a_picture_is_given_out_at_its_mark_over_all_wraps() -> None:
    made, stream = assembler(), Stream()
    got = [fed(made, stream.picture(SPS, KEY)) for _ in range(10)]
    assert [len(units) for units in got] == [1] * 10
    units = [unit for one in got for unit in one]
    assert [unit.ticks for unit in units] == [index * 6000 for index in range(10)]
    assert units[0] == AccessUnit(annexb(SPS, KEY), 0, is_key=True)
    assert (made.lost, made.broken, made.received) == (0, 0, 20)


def test_without_marks_a_picture_is_given_out_when_the_next_begins() -> None:
    made, stream = assembler(), Stream()
    packets = [p for nal in (KEY, SLICE, SLICE) for p in stream.picture(nal, mark=False)]
    assert [unit.annexb for unit in fed(made, packets)] == [annexb(KEY), annexb(SLICE)]


def test_parameter_sets_with_a_mark_or_time_of_their_own_go_with_the_picture() -> None:
    made, stream = assembler(), Stream()
    packets = stream.picture(SPS) + stream.picture(KEY, step=0) + stream.picture(SPS)
    packets += stream.picture(SLICE)
    assert [unit.annexb for unit in fed(made, packets)] == [annexb(SPS, KEY), annexb(SPS, SLICE)]
    assert made.broken == 0


def test_a_camera_that_marks_each_slice_gives_whole_pictures_from_the_second_on() -> None:
    made, stream = assembler(), Stream()
    packets: list[memoryview] = []
    for _ in range(4):
        packets += stream.picture(SLICE) + stream.picture(LATER_SLICE, step=0)
    units = [unit.annexb for unit in fed(made, packets)]
    assert units == [annexb(SLICE)] + [annexb(SLICE, LATER_SLICE)] * 2


def test_two_fields_of_one_time_are_two_pictures() -> None:
    made, stream = assembler(), Stream()
    packets = [p for _ in range(3) for p in stream.picture(SLICE) + stream.picture(SLICE, step=0)]
    assert len(fed(made, packets)) == 6


def test_a_picture_with_a_gap_ends_at_the_gap_and_is_counted() -> None:
    made, stream = assembler(), Stream()
    packets = stream.picture(*fragments_h264(LARGE, 50)) + stream.picture(SLICE)
    del packets[2]
    units = fed(made, packets)
    assert [unit.annexb for unit in units] == [annexb(LARGE[:101]), annexb(SLICE)]
    assert (made.lost, made.broken) == (1, 1)


def test_a_picture_whose_mark_was_lost_is_given_out_with_the_next() -> None:
    made, stream = assembler(), Stream()
    packets = stream.picture(*fragments_h264(LARGE, 50)) + stream.picture(SLICE)
    del packets[3]
    assert [unit.annexb for unit in fed(made, packets)] == [annexb(LARGE[:151]), annexb(SLICE)]
    assert (made.lost, made.broken) == (1, 1)


def test_whole_pictures_that_are_missing_spoil_no_other() -> None:
    made, stream = assembler(), Stream()
    first, missing, last = stream.picture(KEY), stream.picture(SLICE, SLICE), stream.picture(SLICE)
    units = fed(made, first + last)
    assert [unit.ticks for unit in units] == [0, 12_000]
    assert (made.lost, made.broken) == (len(missing), 0)


def test_a_picture_of_which_only_the_end_came_is_left_out() -> None:
    made, stream = assembler(), Stream()
    packets = stream.picture(SPS, *fragments_h264(LARGE, 50))[3:] + stream.picture(SLICE)
    assert [unit.annexb for unit in fed(made, packets)] == [annexb(SLICE)]
    assert made.broken == 1


def test_other_payload_types_and_what_is_no_rtp_are_passed_over() -> None:
    made, stream = assembler(), Stream()
    other = [
        rtp(b"audio", sequence=5, payload_type=0, mark=True),
        memoryview(b"\x80"),
        rtp(b"", sequence=1),
    ]
    units = fed(made, [*other[:2], *stream.picture(SLICE)])
    assert len(units) == 1
    assert made.received == 1


def test_an_empty_packet_breaks_nothing() -> None:
    made, stream = assembler(), Stream()
    packets = stream.picture(SLICE) + stream.picture(b"", mark=False) + stream.picture(SLICE)
    assert len(fed(made, packets)) == 2
    assert (made.lost, made.broken) == (0, 0)


def test_another_source_is_a_new_beginning_and_no_loss() -> None:
    made = assembler()
    packets = [
        rtp(SLICE, sequence=9, timestamp=1, mark=True),
        rtp(SLICE, sequence=5000, timestamp=2, mark=True, ssrc=77),
    ]
    assert len(fed(made, packets)) == 2
    assert (made.ssrc, made.lost) == (77, 0)


def test_what_was_received_is_reported() -> None:
    made, stream = assembler(), Stream()
    counter = ReceptionCounter(made)
    assert counter.take(0.0) is None
    packets = [p for _ in range(8) for p in stream.picture(SLICE)]
    del packets[3]
    del packets[3]
    for index, unit in enumerate(fed(made, packets)):
        counter.note_unit(unit.ticks, index / 15 + 0.01 * (index % 2))
    counter.note_report(0x1234, 10.0)
    seen = counter.take(12.5)
    assert seen is not None
    assert (seen.lost, seen.lost_share, seen.highest) == (2, 0.25, 65_530 + 7)
    assert (seen.last_report, seen.since_report_s) == (0x1234, 2.5)
    assert 100 < seen.jitter < 12_000
    again = counter.take(13.0)
    assert again is not None
    assert (again.lost, again.lost_share) == (2, 0)


@given(st.lists(st.integers(1, 400), min_size=1, max_size=20), st.integers(0, 2**32 - 1))
def test_pictures_of_any_size_come_out_as_they_went_in(sizes: list[int], seed: int) -> None:
    made, stream = assembler(), Stream(seed & 0xFFFF, seed)
    nals = [b"\x41\x80" + bytes([1 + size % 255]) * size for size in sizes]
    units = [u for nal in nals for u in fed(made, stream.picture(*fragments_h264(nal, 90)))]
    assert [unit.annexb for unit in units] == [annexb(nal) for nal in nals]


@given(st.integers(0, 2**32), st.integers(1, 40))
def test_lost_and_spoilt_packets_raise_nothing_and_are_counted(seed: int, share: int) -> None:
    chance = random.Random(seed)
    made, stream = assembler(), Stream()
    packets = [p for _ in range(40) for p in stream.picture(*fragments_h264(LARGE, 50))]
    kept = [p for p in packets if chance.randrange(100) >= share]
    for packet in kept:
        noise = bytearray(packet)
        if chance.randrange(100) < share:
            noise[chance.randrange(len(noise))] = chance.randrange(256)
        made.feed(memoryview(noise))
    assert made.received <= len(kept)
    assert made.broken <= len(packets)


@given(st.lists(st.binary(max_size=80), max_size=30))
def test_garbage_raises_nothing(packets: list[bytes]) -> None:
    made = assembler()
    for packet in packets:
        made.feed(memoryview(packet))
        made.feed(memoryview(b"\x80\xe0" + packet))
