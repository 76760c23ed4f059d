from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from heatwall.errors import StartError
from heatwall.rtsp.h264 import NAL_PPS, NAL_SPS
from heatwall.simulator import barcode
from heatwall.simulator.rtp_codec import (
    ClipDecoder,
    ClipFile,
    LiveEncoder,
    packetize_clip,
    read_clip,
    reshape_clip,
)
from heatwall.simulator.rtp_track import AccessUnit, Shape
from support.clip import build_clip


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> ClipFile:
    return read_clip(build_clip(tmp_path_factory.mktemp("clip") / "a.mp4", frames=12, fps=5))


def _nal_types(unit: AccessUnit) -> list[int]:
    """Types of the NAL units at the front of an access unit, aggregates opened."""
    first = unit.payloads[0]
    if first[0] & 0x1F != 24:
        return [first[0] & 0x1F]
    types, at = [], 1
    while at < len(first):
        types.append(first[at + 2] & 0x1F)
        at += 2 + int.from_bytes(first[at : at + 2], "big")
    return types


def test_a_clip_is_read_with_its_format(clip: ClipFile) -> None:
    assert (clip.format.width, clip.format.height, clip.format.fps) == (640, 360, 5.0)
    assert clip.format.parameters.sps[0] & 0x1F == NAL_SPS
    assert clip.format.parameters.pps[0] & 0x1F == NAL_PPS
    assert len(clip.samples) == 12
    assert [i for i, is_key in enumerate(clip.is_key) if is_key] == [0, 5, 10]


def test_parameter_sets_stand_before_every_idr(clip: ClipFile) -> None:
    for unit in packetize_clip(clip).units:
        types = _nal_types(unit)
        assert (types[:2] == [NAL_SPS, NAL_PPS]) == unit.is_key
        assert unit.size == sum(map(len, unit.payloads))


def test_the_decoder_gives_each_picture_at_once_and_from_any_place(clip: ClipFile) -> None:
    decoder = ClipDecoder(clip)
    numbers = [7, 8, 9, 10, 11, 12, 13, 26, 3]
    read = [barcode.read(decoder.picture(number, 640, 360)[:360]) for number in numbers]
    assert read == [7, 8, 9, 10, 11, 0, 1, 2, 3]


@pytest.mark.parametrize(("shape", "size"), [(Shape.SMALL, (320, 180)), (Shape.NARROW, (480, 360))])
def test_a_variant_has_its_size_and_the_same_idrs(
    clip: ClipFile, shape: Shape, size: tuple[int, int]
) -> None:
    track = reshape_clip(clip, shape, lambda: False)
    assert track is not None
    assert (track.format.width, track.format.height) == size
    assert tuple(unit.is_key for unit in track.units) == clip.is_key
    assert track.format.parameters.sps != clip.format.parameters.sps


def test_reshaping_ends_when_cancelled(clip: ClipFile) -> None:
    assert reshape_clip(clip, Shape.SMALL, lambda: True) is None


def test_the_live_encoder_places_idrs_where_it_is_told() -> None:
    encoder = LiveEncoder(320, 180, 10)
    rng = np.random.default_rng(1)
    wanted = [True, False, False, True, False, True, True, False]
    made = []
    for is_key in wanted:
        picture = rng.integers(0, 255, (270, 320), dtype=np.uint8)  # a scene cut each time
        made.append(encoder.encode(picture, is_key=is_key))
    assert [unit.is_key for unit in made] == wanted
    for unit in made:
        assert (NAL_SPS in _nal_types(unit)) == unit.is_key


def test_a_clip_with_b_frames_is_refused(tmp_path: Path) -> None:
    path = build_clip(tmp_path / "b.mp4", frames=12, fps=5, b_frames=2)
    with pytest.raises(StartError, match="B-frames"):
        read_clip(path)


def test_another_codec_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=5)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        frame = av.VideoFrame(64, 64, "yuv420p")
        frame.pts = 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(StartError, match=r"not an MP4 file with H\.264"):
        read_clip(path)


def test_a_missing_or_broken_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"none\.mp4 can't be read"):
        read_clip(tmp_path / "none.mp4")
    (tmp_path / "text.mp4").write_text("hello")
    with pytest.raises(StartError, match=r"text\.mp4 can't be read"):
        read_clip(tmp_path / "text.mp4")
