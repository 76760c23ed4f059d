from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from heatwall.errors import SourceError, SourceUnsupportedError
from heatwall.overlay import Planes
from heatwall.render.pictures import UprightScaler
from heatwall.render.reader import VideoReader, clock_text
from heatwall.values import SecretUrl
from support.videos import build_sound, build_video, corners


def read(path: Path) -> tuple[list[float], str | None]:
    """Return when each frame is shown, and the warning."""
    reader = VideoReader(path, "tcp", 5.0)
    try:
        return [frame.instant.time_s for frame in reader.frames()], reader.warning
    finally:
        reader.close()


def test_uneven_stamps_are_kept_and_begin_at_zero(tmp_path: Path) -> None:
    video = build_video(tmp_path / "uneven.mkv", [5000, 5040, 5045, 6000, 8000])

    times, warning = read(video)

    assert times == pytest.approx([0, 0.04, 0.045, 1.0, 3.0])
    assert warning is None


def test_facts_are_those_of_the_picture_as_it_is_seen(tmp_path: Path) -> None:
    video = build_video(tmp_path / "v.mp4", pixel_aspect=Fraction(16, 11), has_audio=True)
    reader = VideoReader(video, "tcp", 5.0)

    facts = reader.facts
    reader.close()

    assert (facts.width, facts.height, facts.codec) == (96, 64, "h264")
    assert facts.fps == pytest.approx(10)
    assert facts.duration_s == pytest.approx(2.0, abs=0.15)
    assert facts.has_audio
    assert not facts.is_live
    assert facts.pixel_aspect == Fraction(16, 11)


@pytest.mark.parametrize(
    ("rotation", "size", "bright"),
    [
        (0, (96, 64), "upper left"),
        (90, (64, 96), "lower left"),
        (180, (96, 64), "lower right"),
        (-90, (64, 96), "upper right"),
    ],
)
def test_a_turned_video_is_read_upright(
    tmp_path: Path, rotation: int, size: tuple[int, int], bright: str
) -> None:
    # Turned by 90° against the clock, what was at the upper left is at the lower left.
    reader = VideoReader(build_video(tmp_path / "t.mp4", rotation=rotation), "tcp", 5.0)
    scaler = UprightScaler(reader.facts.quarter_turns, detect_px=64)
    width, height = reader.facts.width, reader.facts.height
    planes: Planes = (
        np.zeros((height, width), np.uint8),
        np.zeros((height // 2, width // 2), np.uint8),
        np.zeros((height // 2, width // 2), np.uint8),
    )

    first = next(reader.frames()).decoded
    scaler.scale(first, planes)
    picture = scaler.detect_picture(first)
    reader.close()

    assert (width, height) == size
    assert corners(planes[0]) == [bright]
    assert corners(picture[:, :, 1]) == [bright]
    assert (picture.shape[1] > picture.shape[0]) == (width > height)


def test_a_file_cut_off_is_read_to_there_and_says_so(tmp_path: Path) -> None:
    whole = build_video(tmp_path / "whole.mkv", range(0, 60_000, 100)).read_bytes()
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole[: len(whole) // 2])

    times, warning = read(cut)

    assert 10 < times[-1] < 50
    assert warning is not None
    assert "cut off" in warning or "broke off" in warning
    assert clock_text(times[-1]) in warning


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.mp4", b"", "the file is empty"),
        ("text.mp4", b"hello " * 100, "it is no video"),
        ("noise.mkv", bytes(range(256)) * 40, "it is no video"),
    ],
)
def test_a_file_that_is_no_video_is_told(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(SourceError, match=words) as caught:
        VideoReader(path, "tcp", 5.0)

    assert str(path) in str(caught.value)


def test_a_recording_that_was_never_finished_is_told(tmp_path: Path) -> None:
    path = build_video(tmp_path / "v.mp4")
    path.write_bytes(path.read_bytes()[:2000])

    with pytest.raises(SourceError, match="damaged"):
        VideoReader(path, "tcp", 5.0)


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    with pytest.raises(SourceUnsupportedError, match="sound alone"):
        VideoReader(build_sound(tmp_path / "sound.m4a"), "tcp", 5.0)


def test_a_video_without_frames_is_told(tmp_path: Path) -> None:
    path = build_video(tmp_path / "none.mkv", [], has_audio=True)

    with pytest.raises(SourceError, match=r"no frame|sound alone|no video"):
        VideoReader(path, "tcp", 5.0)


def test_a_name_with_a_colon_is_a_file(tmp_path: Path) -> None:
    times, _ = read(build_video(tmp_path / "a.mp4").rename(tmp_path / "12:30.mp4"))

    assert len(times) == 20


def test_an_address_where_nobody_listens_is_told_without_its_password() -> None:
    with pytest.raises(SourceError, match="nothing listens") as caught:
        VideoReader(SecretUrl("rtsp://viewer:secret@127.0.0.1:9/x"), "tcp", 2.0)

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (7.9, "0:07"), (750, "12:30"), (3723, "1:02:03"), (-1, "0:00")],
)
def test_media_time_is_told_as_clocks_do(seconds: float, text: str) -> None:
    assert clock_text(seconds) == text
