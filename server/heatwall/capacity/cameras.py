"""Simulated cameras for a benchmark, over real RTSP, in a process of their own."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from heatwall.capacity.arrivals import CameraClock
from heatwall.capacity.children import child
from heatwall.simulator.clips import Clip

_START_S = 60.0
"""It reads a few clips of a megabyte."""


@dataclass(frozen=True, slots=True)
class RunningCameras:
    """Cameras that can be opened.

    Attributes:
        pid: Of their process.
        urls: RTSP address of each, with its password.
        clocks: When each captures, in the same order.
    """

    pid: int
    urls: tuple[str, ...]
    clocks: tuple[CameraClock, ...]


@contextlib.contextmanager
def running_cameras(
    count: int, clips: Sequence[Clip], folder: Path, *, has_barcode: bool = False
) -> Iterator[RunningCameras]:
    """Run cameras until the context ends; one that nobody watches costs nothing.

    Args:
        count: How many; clips are used again from the first.
        clips: What they show.
        folder: Where their log goes.
        has_barcode: Whether they paint the capture time into each picture, and encode it anew.

    Raises:
        StartError: They could not start.
    """
    command = ["heatwall.simulator.simulate", "--cameras", str(count), "--port", "0", "--json"]
    for clip in clips:
        command += ["--clip", str(clip.path)]
    command += ["--barcode"] if has_barcode else []
    with child("the simulator", command, folder / "cameras.log") as process:
        facts = json.loads(process.line(_START_S))
        clocks = tuple(
            CameraClock(epoch_s, clips[index % len(clips)].fps, clips[index % len(clips)].frames)
            for index, epoch_s in enumerate(facts["epochs_s"])
        )
        yield RunningCameras(process.pid, tuple(facts["urls"]), clocks)
