from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np
import pytest

from heatwall.analysis.per_camera import CameraAnalysis
from heatwall.painting import Painter
from heatwall.render.background import Background
from heatwall.render.pictures import UprightScaler
from heatwall.render.reader import VideoReader
from heatwall.render.rendering import Done, Rendering, Stages
from heatwall.render.writer import VideoFormat, VideoWriter
from heatwall.values import ByteArray, Detections, FloatArray
from support.ink import INK
from support.tracks import ANALYSIS, detections_of
from support.videos import build_video, frame_times

FULL_INK = msgspec.structs.replace(
    INK,
    boxes=True,
    labels=True,
    conf=True,
    trails=True,
    lines=True,
    zones=True,
    counts_in=True,
    counts_out=True,
)
"""All that can be drawn."""


@dataclass
class OnePerson:
    """A detector that sees one person, who walks from frame to frame."""

    batches: list[int] = field(default_factory=list)
    shapes: list[tuple[int, ...]] = field(default_factory=list)

    def detect(self, frames: Sequence[ByteArray], /) -> list[Detections]:
        found = []
        for frame in frames:
            left = 0.1 + 0.005 * len(self.shapes)
            self.shapes.append(frame.shape)
            found.append(detections_of([(left, 0.3, left + 0.2, 0.8)]))
        self.batches.append(len(frames))
        return found


@dataclass
class Outcome:
    is_whole: bool
    done: Done
    share: FloatArray
    detector: OnePerson
    video: Path


def render(
    video: Path,
    *,
    detect_fps: float = 10,
    batch: int = 4,
    until_s: float | None = None,
    stop_after: int | None = None,
) -> Outcome:
    reader = VideoReader(video, "tcp", 5.0)
    facts, detector = reader.facts, OnePerson()
    analysis = CameraAnalysis("video", ANALYSIS, {0: "person"})
    out = video.with_name(f"out-{video.stem}.mkv")
    fmt = VideoFormat(facts.width, facts.height, facts.fps, facts.time_base, None, facts.color)
    writer = VideoWriter(out, fmt)
    stages = Stages(
        scaler=UprightScaler(facts.quarter_turns, 64),
        detector=detector,
        analysis=analysis,
        painter=Painter(facts.width, facts.height, FULL_INK),
        legend=None,
        writer=writer,
        background=Background(),
    )
    rendering = Rendering(reader, stages, detect_fps, batch, until_s)
    told: list[Done] = []
    is_whole = rendering.run(lambda: len(told) == stop_after, told.append)
    writer.finish()
    reader.close()
    assert [one.frames for one in told] == list(range(1, len(told) + 1))
    done = rendering.done
    share = analysis.heat(None, None, done.time_s).share
    return Outcome(is_whole, done, share, detector, out)


def test_every_frame_is_shown_at_its_time_and_some_are_looked_at(tmp_path: Path) -> None:
    video = build_video(tmp_path / "v.mkv", range(0, 4000, 100))

    outcome = render(video, detect_fps=5)

    assert outcome.is_whole
    assert (outcome.done.frames, outcome.done.detected) == (40, 20)
    assert outcome.done.duration_s == pytest.approx(4.0)
    assert frame_times(outcome.video) == pytest.approx(frame_times(video), abs=0.001)


def test_the_model_looks_by_media_time_however_uneven_the_frames_come(tmp_path: Path) -> None:
    # A second at 50 frames a second, a second at two, then a pause.
    stamps = [*range(0, 1000, 20), 1000, 1500, 2000, 9000]

    outcome = render(build_video(tmp_path / "v.mkv", stamps), detect_fps=5)

    assert outcome.done.detected == 5 + 4


def test_batches_are_full_until_the_end(tmp_path: Path) -> None:
    outcome = render(build_video(tmp_path / "v.mkv", range(0, 3000, 100)), batch=8)

    assert outcome.detector.batches == [8, 8, 8, 6]


def test_the_heat_depends_neither_on_the_batches_nor_on_the_run(tmp_path: Path) -> None:
    video = build_video(tmp_path / "v.mkv", range(0, 3000, 100))

    first, again, single = render(video), render(video), render(video, batch=1)

    assert first.share.max() > 0.01
    assert np.array_equal(first.share, again.share)
    assert np.array_equal(first.share, single.share)


def test_what_was_done_when_it_is_stopped_is_a_video(tmp_path: Path) -> None:
    outcome = render(build_video(tmp_path / "v.mkv", range(0, 3000, 100)), stop_after=7)

    assert not outcome.is_whole
    assert outcome.done.frames == 7
    assert len(frame_times(outcome.video)) == 7


def test_it_ends_at_the_wanted_time(tmp_path: Path) -> None:
    outcome = render(build_video(tmp_path / "v.mkv", range(0, 3000, 100)), until_s=1.0)

    assert outcome.is_whole
    assert outcome.done.frames == 10


def test_a_source_that_changes_its_size_goes_on_in_the_first_one(tmp_path: Path) -> None:
    small = build_video(tmp_path / "small.ts").read_bytes()
    wide = build_video(tmp_path / "wide.ts", width=128, height=32).read_bytes()
    both = tmp_path / "both.ts"
    both.write_bytes(small + wide)

    outcome = render(both, batch=100)

    assert outcome.done.frames >= 38
    assert len(set(outcome.detector.shapes)) == 2
    assert len(outcome.detector.batches) == 2


def test_nobody_is_followed_over_a_jump_of_the_stamps(tmp_path: Path) -> None:
    once = build_video(tmp_path / "once.ts", range(0, 5000, 100)).read_bytes()
    twice = tmp_path / "twice.ts"
    twice.write_bytes(once + once)

    outcome = render(twice)

    assert outcome.done.duration_s == pytest.approx(10.0, abs=0.3)
