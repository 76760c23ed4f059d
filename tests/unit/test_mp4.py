from __future__ import annotations

import struct

import pytest

from heatwall.camera.encoder import TierEncoder
from heatwall.delivery.mp4 import Sample, Track, fragment_head, init_segment, sample_of
from heatwall.delivery.packets import Packets
from heatwall.values import Picture, Tier
from support.h264 import TestEncoder, nal_types
from support.mp4 import boxes, decoded, nal_units, read_fragment


def _track(sample: Sample) -> Track:
    assert sample.track is not None
    return sample.track


def _key(size: tuple[int, int] = (640, 360)) -> Sample:
    return sample_of(TestEncoder("door", size=size).picture())


def _of_encoder(fps: float, width: int = 640) -> Track:
    encoded = TierEncoder(width, 360, fps, 400_000).encode(0, is_key=True)
    assert encoded is not None
    return _track(sample_of(Picture("door", Tier.TILE, encoded[0], 0, is_key=True)))


def test_an_init_segment_has_every_box_that_a_player_asks_for() -> None:
    init = init_segment(_track(_key()))
    assert [path for path, _ in boxes(init)] == [
        "ftyp",
        "moov",
        "moov/mvhd",
        "moov/trak",
        "moov/trak/tkhd",
        "moov/trak/mdia",
        "moov/trak/mdia/mdhd",
        "moov/trak/mdia/hdlr",
        "moov/trak/mdia/minf",
        "moov/trak/mdia/minf/vmhd",
        "moov/trak/mdia/minf/dinf",
        "moov/trak/mdia/minf/dinf/dref",
        "moov/trak/mdia/minf/stbl",
        "moov/trak/mdia/minf/stbl/stsd",
        "moov/trak/mdia/minf/stbl/stts",
        "moov/trak/mdia/minf/stbl/stsc",
        "moov/trak/mdia/minf/stbl/stsz",
        "moov/trak/mdia/minf/stbl/stco",
        "moov/mvex",
        "moov/mvex/trex",
    ]


def test_the_track_tells_the_pictures_size_and_its_parameter_sets() -> None:
    track = _track(_key((1280, 720)))
    found = dict(boxes(init_segment(track)))
    assert struct.unpack(">II", found["moov/trak/tkhd"][-8:]) == (1280 << 16, 720 << 16)
    entry = found["moov/trak/mdia/minf/stbl/stsd"][8:]
    assert entry[4:8] == b"avc1"
    assert struct.unpack_from(">HH", entry, 32) == (1280, 720)
    (size,) = struct.unpack_from(">I", entry, 86)
    record = entry[86 + 8 : 86 + size]
    assert entry[90:94] == b"avcC"
    assert record[1:4] == track.sps[1:4], "profile and level"
    assert record[4] & 3 == 3, "lengths of four bytes"
    assert track.sps in record
    assert record.endswith(track.pps[0])


def test_the_codecs_name_is_that_of_its_profile_and_level() -> None:
    assert _of_encoder(15.0).codec == "avc1.42c016"


def test_a_sample_holds_the_slices_and_leaves_parameter_sets_to_the_track() -> None:
    picture = TestEncoder("door").picture()
    assert {7, 8} < set(nal_types(picture.annexb))
    fragment = fragment_head(sample_of(picture), 1, 0, 6000) + sample_of(picture).mdat
    kinds = [unit[0] & 0x1F for unit in nal_units(read_fragment(fragment).sample)]
    assert kinds[-1] == 5
    assert not {7, 8, 9} & set(kinds)


def test_a_fragment_tells_its_number_its_time_and_whether_a_player_may_start_there() -> None:
    encoder = TestEncoder("door")
    for number, picture in enumerate([encoder.picture(), encoder.picture()]):
        sample = sample_of(picture)
        head = fragment_head(sample, 7 + number, (1 << 40) + number, 5999)
        read = read_fragment(head + sample.mdat)
        assert (read.sequence, read.time, read.duration) == (7 + number, (1 << 40) + number, 5999)
        assert read.is_sync is (number == 0)


def test_ffmpeg_decodes_what_was_written() -> None:
    encoder = TestEncoder("door", size=(320, 180))
    samples = [sample_of(encoder.picture()) for _ in range(5)]
    segments = [init_segment(_track(samples[0]))]
    for number, sample in enumerate(samples):
        segments.append(fragment_head(sample, number + 1, number * 6000, 6000) + sample.mdat)
    frames = decoded(segments)
    assert [frame.pts for frame in frames] == [0, 6000, 12000, 18000, 24000]
    assert {(frame.width, frame.height) for frame in frames} == {(320, 180)}


def test_a_decoder_goes_on_when_only_the_rate_changes() -> None:
    usual, slow, quick = _of_encoder(15.0), _of_encoder(7.0), _of_encoder(60.0)
    assert usual.sps != slow.sps
    assert usual.covers(slow)
    assert not usual.covers(quick), "it needs a decoder that can do more"
    assert quick.covers(usual)
    assert not usual.covers(_of_encoder(15.0, width=480))


@pytest.mark.parametrize(
    "annexb",
    [b"", b"\x00\x00\x01\x65abc", b"\x00\x00\x01\x67\x64\x00\x1f\x00\x00\x01\x68x\x00\x00\x01\x65"],
)
def test_an_idr_with_which_nobody_can_begin_has_no_track(annexb: bytes) -> None:
    assert sample_of(Picture("door", Tier.TILE, annexb, 0, is_key=True)).track is None


def test_a_picture_is_made_a_sample_once_for_all_viewers() -> None:
    packets = Packets(TestEncoder("door").picture(), (b"payload",))
    assert packets.sample() is packets.sample()
