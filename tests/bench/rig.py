"""The rig of `heatwall bench` for the benchmarks: many small cameras and a light viewer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bench.setup import Setup
from heatwall.capacity.cameras import RunningCameras, running_cameras
from heatwall.capacity.clips import numbered_clips
from heatwall.capacity.options import BenchOptions
from heatwall.capacity.settings import WallSettings
from heatwall.capacity.trying import Rig, running_rig

WIDTH, HEIGHT = 640, 360


@contextmanager
def small_cameras(setup: Setup, count: int, fps: int) -> Iterator[RunningCameras]:
    """Run 640×360 cameras until the context ends."""
    clips = numbered_clips(count, WIDTH, HEIGHT, fps, progress=True)
    with running_cameras(count, clips, setup.folder) as cameras:
        yield cameras


@contextmanager
def watched_wall(
    setup: Setup, cameras: RunningCameras, count: int, detect_fps: float
) -> Iterator[Rig]:
    """Run the server with the demo model for the first `count` cameras, all tiles watched."""
    options = BenchOptions(
        counts=(count,),
        detect_fps=(detect_fps,),
        width=WIDTH,
        height=HEIGHT,
        fps=round(cameras.clocks[0].fps),
        viewers=1,
        seconds=0,
        model=None,
        imgsz=None,
        config=None,
    )
    settings = WallSettings(options).make(cameras.urls[:count], detect_fps)
    with running_rig(settings, cameras, setup.folder, viewers=1, say=lambda _: None) as rig:
        yield rig
