"""A watched tile with heat as other projects give it, beside ours, in one run."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from bench.naive import SIZE, NaiveTile
from bench.ours import OurTile
from bench.peers import missing_note, supervision_module
from bench.people import tracks_at
from bench.report import Row, Table
from bench.setup import FPS, Setup
from heatwall.values import ByteArray

_ROUNDS = 5
_FRAMES = 20
_WARM_UP = 2 * FPS
_VIEWERS = (1, 8)

_OURS = "Heatwall"
_ULTRALYTICS = "Ultralytics solutions.Heatmap + aiortc"
_SUPERVISION = "supervision HeatMapAnnotator + aiortc"

_INFERENCE = (
    "not installed: inference 1.8.3 requires av 14.2.0, where Heatwall needs 17.1 or later, NumPy "
    "below 2.4, two desktop builds of OpenCV, torch, ONNX Runtime and some seventy packages more: "
    "an environment of its own, of gigabytes, for which pip had found no set of versions after two "
    "and a half minutes"
)


class SupervisionTile(NaiveTile):
    """The tile with supervision's heat, its tracks given; else as `NaiveTile`.

    Args:
        clip: What the camera sends.
        viewers: How many have an encoder.
        supervision: The module.
    """

    def __init__(self, clip: Path, viewers: int, supervision: Any) -> None:
        super().__init__(clip, viewers)
        self._supervision = supervision
        self._annotator = supervision.HeatMapAnnotator()

    def heated(self, small: ByteArray) -> ByteArray:
        """Return the picture with the heat of the next instant over it."""
        height, width = small.shape[:2]
        tracks = tracks_at(self._number / FPS)
        picture: ByteArray = self._annotator.annotate(
            small,
            self._supervision.Detections(
                xyxy=tracks.xyxy * np.array([width, height] * 2, np.float32),
                class_id=tracks.class_id.astype(int),
                tracker_id=tracks.track_id.astype(int),
            ),
        )
        return picture


Show = Callable[[int], Awaitable[None] | None]


def measure(setup: Setup) -> Table:
    """Measure it all; takes half a minute, and at first a download of 3 MB."""
    cv2.setNumThreads(1)  # as in a worker; for all, since more threads cost more CPU
    shows: dict[tuple[str, int], Show] = {}
    supervision = supervision_module()
    for viewers in _VIEWERS:
        shows[_OURS, viewers] = OurTile(setup.clip, viewers).show
        shows[_ULTRALYTICS, viewers] = NaiveTile(setup.clip, viewers).show
        if supervision is not None:
            tile = SupervisionTile(setup.clip, viewers, supervision)
            shows[_SUPERVISION, viewers] = tile.show
    costs = asyncio.run(_alternate(shows))
    title = (
        f"CPU of a displayed frame, 1280×720 to a {SIZE[0]}×{SIZE[1]} tile with heat, by project"
    )
    return Table(title, rows(costs))


def rows(costs: dict[tuple[str, int], list[float]]) -> tuple[Row, ...]:
    """Return the rows; `costs` has the milliseconds of each round by project and viewers."""
    shown = []
    for (project, viewers), rounds in costs.items():
        name = f"{project}, {viewers} viewer{'s' * (viewers > 1)}"
        shown.append(Row(f"peers: {name}", statistics.median(rounds), "ms/frame"))
        if project != _OURS:
            ours = costs[_OURS, viewers]
            ratio = statistics.median(one / other for one, other in zip(ours, rounds, strict=True))
            target = 1 / 4 if viewers == 1 else 1 / 10
            shown.append(Row(f"peers: Heatwall / {name}", ratio, target=target))
    if all(project != _SUPERVISION for project, _ in costs):
        shown.append(Row(f"peers: {_SUPERVISION}", None, "ms/frame", note=missing_note()))
    shown.append(Row("peers: roboflow/inference's pipeline", None, "ms/frame", note=_INFERENCE))
    return tuple(shown)


async def _alternate(shows: dict[tuple[str, int], Show]) -> dict[tuple[str, int], list[float]]:
    """Let all take turns, so that whatever else the machine does meets all alike."""
    for show in shows.values():
        await _cpu_ms(show, _WARM_UP)
    costs: dict[tuple[str, int], list[float]] = {key: [] for key in shows}
    for _ in range(_ROUNDS):
        for key, show in shows.items():
            costs[key].append(await _cpu_ms(show, _FRAMES))
    return costs


async def _cpu_ms(show: Show, frames: int) -> float:
    """Return the CPU milliseconds of a frame, of all threads: some encoders have several."""
    began_s = time.process_time()
    waiting = show(frames)
    if waiting is not None:
        await waiting
    return (time.process_time() - began_s) * 1000 / frames
