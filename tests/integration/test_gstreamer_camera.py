"""Heatwall's source against a camera that nobody here wrote."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest
from av.video.frame import PictureType

from heatwall.camera.scaling import DetectScaler, TileScaler
from heatwall.camera.source import DecodedFrame, Source
from heatwall.errors import SourceError, SourceRefusedError
from heatwall.simulator import barcode
from heatwall.values import SecretUrl
from support import gst_camera as gst
from support.clip import build_clip
from support.gst_camera import Kind, gst_camera

TIMEOUT_S = 10.0
CLIP_FRAMES = 45
CODECS = {Kind.H264: "h264", Kind.H264_B_FRAMES: "h264", Kind.H265: "hevc", Kind.MJPEG: "mjpeg"}


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_clip(tmp_path_factory.mktemp("clip") / "loop.mp4", frames=CLIP_FRAMES, fps=15)


@contextmanager
def source(url: str, transport: str = "tcp") -> Iterator[Source]:
    with closing(Source(SecretUrl(url), transport, TIMEOUT_S)) as opened:
        yield opened


def number(frame: DecodedFrame) -> int | None:
    """Return what the barcode of a test clip's frame says."""
    luma = np.asarray(frame.frame.to_ndarray(format="gray"), np.uint8)
    return barcode.read(luma)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_stream_gives_its_frames_in_order(
    clip: Path, kind: Kind, transport: str
) -> None:
    with gst_camera(kind, clip) as url, source(url, transport) as camera:
        frames = [
            (number(frame), frame.pts_s, frame.width, frame.height)
            for frame in islice(camera.frames(), 30)
        ]
        assert camera.codec == CODECS[kind]
    numbers = [frame[0] for frame in frames]
    assert None not in numbers
    # GStreamer repeats the last picture of its clip once before it begins again.
    assert all(
        after in (before, (before + 1) % CLIP_FRAMES)
        for before, after in pairwise(n for n in numbers if n is not None)
    )
    assert {frame[2:] for frame in frames} == {(640, 360)}
    times = [frame[1] for frame in frames if frame[1] is not None]
    assert len(times) > 25
    steps = [after - before for before, after in pairwise(times)]
    assert all(step == pytest.approx(1 / 15, abs=0.005) for step in steps)


def test_the_b_frames_are_real(clip: Path) -> None:
    with gst_camera(Kind.H264_B_FRAMES, clip) as url, source(url) as camera:
        types = [PictureType(frame.frame.pict_type).name for frame in islice(camera.frames(), 20)]
    assert types.count("B") > types.count("P")


@pytest.mark.parametrize("kind", list(Kind))
def test_frames_of_every_kind_can_be_scaled_for_detector_and_tile(kind: Kind) -> None:
    with gst_camera(kind) as url, source(url) as camera:
        frame = next(camera.frames())
        detect = DetectScaler().scale(frame, 320, 180)
        assert detect.shape == (180, 320, 3)
        # GStreamer's test picture is a white ball on black.
        assert detect.max() > 200
        assert np.median(detect) < 40
        planes = tuple(np.full(shape, 77, np.uint8) for shape in ((180, 320), (90, 160), (90, 160)))
        TileScaler().scale(frame, (planes[0], planes[1], planes[2]))
        luma, blue, red = planes
        assert np.median(luma) == pytest.approx(16, abs=4), "limited range has its black at 16"
        assert luma.max() > 180
        assert np.median(blue) == pytest.approx(128, abs=4)
        assert np.median(red) == pytest.approx(128, abs=4)


def test_the_right_password_opens_by_digest() -> None:
    with (
        gst_camera(Kind.H264, user="viewer", password="p@ss:w/rd") as url,
        source(url) as camera,
    ):
        assert next(camera.frames()).width == 640


def test_a_wrong_password_is_refused_and_not_told() -> None:
    with gst_camera(Kind.H264, user="viewer", password="right") as url:
        wrong = url.replace("right", "canary")
        with pytest.raises(SourceRefusedError) as caught, source(wrong):
            pass
    assert "canary" not in str(caught.value)


def test_a_camera_that_is_gone_ends_its_source() -> None:
    with gst_camera(Kind.H264) as url:
        opened = Source(SecretUrl(url), "tcp", TIMEOUT_S)
        frames = opened.frames()
        next(frames)
    with closing(opened), pytest.raises(SourceError):
        for _ in frames:
            pass


def test_a_machine_without_gstreamer_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho \'{"missing": "No module named gi"}\'\n')
    python.chmod(0o755)
    monkeypatch.setattr(gst, "_PYTHON", python)
    with pytest.raises(AssertionError) as caught, gst_camera(Kind.H264):
        pass
    assert "No module named gi" in str(caught.value)
    assert "apt-get install gir1.2-gst-rtsp-server-1.0" in str(caught.value)


def test_the_server_ends_with_its_input() -> None:
    with gst_camera(Kind.H264) as url:
        address = "127.0.0.1", int(url.rpartition(":")[2].partition("/")[0])
        socket.create_connection(address).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address)
