from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import pytest

from heatwall.errors import EncoderError
from heatwall.render.faststart import write_faststart
from heatwall.render.writer import SUFFIXES, VideoFormat, VideoWriter
from support.videos import frame_times

FORMAT = VideoFormat(
    width=96,
    height=64,
    fps=10,
    time_base=Fraction(1, 1000),
    pixel_aspect=None,
    color=(1, 6, 6, 6),
)
UNEVEN = [0, 100, 140, 141, 1500, 1600]


def write(path: Path, stamps: list[int], video: VideoFormat = FORMAT) -> VideoWriter:
    writer = VideoWriter(path, video)
    for number, stamp in enumerate(stamps):
        writer.planes[0][:] = 16 + number % 200
        writer.planes[1][:] = 128
        writer.planes[2][:] = 128
        writer.write(stamp)
    return writer


def boxes(path: Path) -> list[bytes]:
    """Return the kinds of an MP4's outer boxes (ISO/IEC 14496-12 section 4.2)."""
    content, kinds, at = path.read_bytes(), [], 0
    while at < len(content):
        kinds.append(content[at + 4 : at + 8])
        at += int.from_bytes(content[at : at + 4], "big")
    return kinds


@pytest.mark.parametrize("suffix", [suffix for suffix in SUFFIXES if suffix != ".avi"])
def test_frames_are_shown_at_their_stamps(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"v{suffix}"

    write(path, UNEVEN).finish()

    assert frame_times(path) == pytest.approx([stamp / 1000 for stamp in UNEVEN], abs=0.0006)


def test_an_avi_has_one_rate_and_leaves_out_what_comes_faster(tmp_path: Path) -> None:
    path = tmp_path / "v.avi"
    writer = write(path, UNEVEN)

    writer.finish()

    times = frame_times(path)
    assert writer.merged == 2
    assert len(times) == 4
    assert all(before < after for before, after in pairwise(times))
    assert times[-1] - times[0] == pytest.approx(1.6, abs=0.11)


def test_it_is_a_plain_h264_that_players_show(tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    write(path, list(range(0, 5000, 100))).finish()

    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        assert (context.name, context.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height) == (96, 64)
        assert stream.start_time == 0
        assert sum(packet.is_keyframe for packet in container.demux(stream) if packet.size) >= 3
    assert [kind for kind in boxes(path) if kind != b"free"] == [b"ftyp", b"moov", b"mdat"]


def test_without_room_for_a_copy_the_index_stays_at_the_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heatwall.render.writer.write_faststart", lambda *_: False)
    path = tmp_path / "v.mp4"

    write(path, UNEVEN).finish()

    assert boxes(path)[-1] == b"moov"
    assert frame_times(path) == pytest.approx([stamp / 1000 for stamp in UNEVEN], abs=0.0006)


def test_a_copy_that_can_not_be_written_leaves_nothing(tmp_path: Path) -> None:
    path, copy = tmp_path / "v.mp4", tmp_path / "copy.mp4"
    path.write_bytes(b"no video")

    assert not write_faststart(path, copy, "mp4")
    assert not copy.exists()


def test_pixels_that_are_not_square_stay_so(tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    wide = VideoFormat(96, 64, 10, Fraction(1, 1000), Fraction(16, 11), (1, 6, 6, 6))
    write(path, [0, 100], wide).finish()

    with av.open(str(path)) as container:
        assert container.streams.video[0].sample_aspect_ratio == Fraction(16, 11)


def test_it_has_another_name_until_it_is_finished(tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    writer = write(path, [0, 100])

    assert not path.exists()
    assert writer.partial.exists()
    writer.finish()
    assert [one.name for one in tmp_path.iterdir()] == ["v.mp4"]


def test_what_is_discarded_leaves_nothing(tmp_path: Path) -> None:
    writer = write(tmp_path / "v.mp4", [])

    writer.discard()
    writer.discard()

    assert list(tmp_path.iterdir()) == []


def test_what_was_done_can_be_played_after_a_kill(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; sys.path.insert(0, sys.argv[2]);"
        "from unit.test_render_writer import write;"
        "write(Path(sys.argv[1]), list(range(0, 20_000, 100))); os._exit(9)"
    )
    tests = str(Path(__file__).parents[1])
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "v.mp4"), tests], check=False)

    with av.open(str(tmp_path / "v.partial.mp4")) as container:
        stream = container.streams.video[0]
        shown = 0
        try:
            for _ in container.decode(stream):
                shown += 1
        except av.error.InvalidDataError:
            pass  # the last fragment was being written
    assert shown > 20


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=r"nowhere.*can't be written"):
        write(tmp_path / "nowhere" / "v.mp4", [0]).finish()
