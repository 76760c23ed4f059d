"""`heatwall render` as people run it: each in a process of its own, with the demo model."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pytest

from heatwall.simulator.clips import Clip, ensure_clips
from support.eventually import eventually
from support.videos import frame_times

TIMEOUT_S = 120.0
LINE = "0.05,0.6,0.95,0.6"
ZONE = "door=0.3,0.3,0.7,0.3,0.7,0.9,0.3,0.9"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    folder = tmp_path_factory.mktemp("clips")
    return ensure_clips(1, directory=folder, width=320, height=180, loop_s=4)[0]


@pytest.fixture(scope="module")
def live(clip: Clip) -> Iterator[str]:
    command = [sys.executable, "-m", "heatwall.simulator.simulate", "--cameras", "1", "--port", "0"]
    command += ["--clip", str(clip.path), "--json", "--exit-with-stdin"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as simulator:
        assert simulator.stdout is not None
        yield json.loads(simulator.stdout.readline())["urls"][0]
        simulator.communicate("")


@dataclass(frozen=True)
class Rendered:
    """What a run has said and left."""

    code: int
    said: str
    video: Path

    @property
    def heat(self) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        return np.asarray(np.load(self.video.with_suffix(".heat.npy")))

    @property
    def counts(self) -> str:
        return self.video.with_suffix(".counts.json").read_text()


def command(source: Path | str, video: Path, *options: str) -> list[str]:
    render = [sys.executable, "-m", "heatwall.cli", "render", str(source), "-o", str(video)]
    return [*render, "--model", "demo", *options]


def render(source: Path | str, video: Path, *options: str) -> Rendered:
    done = subprocess.run(
        command(source, video, *options),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return Rendered(done.returncode, done.stdout + done.stderr, video)


def test_a_video_its_heat_and_its_counts_come_out_the_same_each_time(
    clip: Clip, tmp_path: Path
) -> None:
    drawn = ("--line", LINE, "--zone", ZONE, "--show-boxes", "--show_trails")
    first = render(clip.path, tmp_path / "first.mp4", *drawn)
    # Another size of picture and other drawing change nothing of what is counted.
    again = render(clip.path, tmp_path / "again.mkv", *drawn, "--size", "160x90", "-q")

    assert (first.code, again.code) == (0, 0), first.said + again.said
    assert len(frame_times(first.video)) == clip.frames
    assert frame_times(first.video) == pytest.approx(frame_times(clip.path), abs=0.001)
    assert np.array_equal(first.heat, again.heat)
    assert first.counts == again.counts
    tree = json.loads(first.counts)
    assert tree["total_tracks"] > 0
    assert first.heat.max() > 0.05
    assert (list(tree["lines"]), list(tree["zones"])) == (["line"], ["door"])
    assert tree["zones"]["door"]["person_seconds"] > 0
    assert "line line: " in first.said
    assert again.said == ""
    names = {path.name for path in tmp_path.iterdir() if path.name.startswith("first")}
    kinds = ("mp4", "heat.png", "heat.npy", "counts.json", "counts.csv")
    assert names == {f"first.{kind}" for kind in kinds}


def test_ctrl_c_ends_a_live_stream_with_what_is_done_saved(live: str, tmp_path: Path) -> None:
    video, partial = tmp_path / "live.mp4", tmp_path / "live.partial.mp4"
    with subprocess.Popen(
        command(live, video), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        try:
            eventually(lambda: partial.exists() and partial.stat().st_size > 10_000, TIMEOUT_S)
            running.send_signal(signal.SIGINT)
            _, said = running.communicate(timeout=TIMEOUT_S)
        finally:
            running.kill()

    assert running.returncode == 130, said
    assert "what was done is saved" in said
    assert "Traceback" not in said
    times = frame_times(video)
    assert len(times) > 20
    assert times[0] == pytest.approx(0, abs=0.001)
    assert json.loads(video.with_suffix(".counts.json").read_text())["is_complete"] is False
    assert not partial.exists()


def test_a_live_stream_ends_after_the_wanted_time(live: str, tmp_path: Path) -> None:
    done = render(live, tmp_path / "live.mp4", "--duration", "2s")

    assert done.code == 0, done.said
    assert frame_times(done.video)[-1] == pytest.approx(2, abs=0.3)
    assert json.loads(done.counts)["duration_s"] == pytest.approx(2, abs=0.3)


def test_a_cut_off_file_is_rendered_as_far_as_it_goes(clip: Clip, tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole.mkv", tmp_path / "cut.mkv"
    with av.open(str(clip.path)) as source, av.open(str(whole), "w") as copy:
        stream = copy.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                copy.mux(packet)
    content = whole.read_bytes()
    cut.write_bytes(content[: len(content) // 2])

    done = render(cut, tmp_path / "out.mp4", "--video-only")

    assert done.code == 0, done.said
    assert "cut.mkv" in done.said
    assert "what could be decoded is rendered" in done.said
    assert 0.5 < frame_times(done.video)[-1] < 3.5


def test_a_full_disk_is_told_and_what_was_done_is_kept(clip: Clip, tmp_path: Path) -> None:
    # A limit on the size of files (blocks of 512 bytes) stands in for a full disk.
    line = command(clip.path, tmp_path / "out.mp4")
    limited = ["sh", "-c", 'ulimit -f 100; exec "$@"', "sh", *line]
    done = subprocess.run(limited, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)

    assert done.returncode == 2, done.stderr
    assert "out.mp4: can't be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out.mp4").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--classes", "dog"), "--classes: is not known to the model demo (found 'dog'; allowed: "),
        (("--colormap", "rainbowe"), "--colormap: is not a colour map (did you mean rainbow?)"),
        (("--model", "not-there.pt"), "--model: not-there.pt is neither a file here nor"),
        (("--output", "nowhere/x.mp4"), "the folder nowhere is not there"),
    ],
)
def test_what_can_not_be_done_is_told_in_one_line(
    clip: Clip, tmp_path: Path, options: tuple[str, str], words: str
) -> None:
    done = render(clip.path, tmp_path / "out.mp4", *options)

    assert done.code == 2
    assert words in done.said
    assert len(done.said.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif("HEATWALL_REAL_CLIP" not in os.environ, reason="HEATWALL_REAL_CLIP is not set")
def test_real_footage_is_rendered(tmp_path: Path) -> None:
    source = Path(os.environ["HEATWALL_REAL_CLIP"])

    done = render(source, tmp_path / "real.mp4", "--duration", "5s", "--line", LINE)

    assert done.code == 0, done.said
    assert frame_times(done.video)[-1] == pytest.approx(5, abs=0.2)
