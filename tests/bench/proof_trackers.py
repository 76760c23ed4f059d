"""Each tracker choice over all scenes, against the truth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from bench.proof_detections import Finder, found_in
from bench.proof_replay import Settings, people_of
from bench.proof_scenes import Scene
from bench.proof_truth import SEEN
from bench.report import Row
from bench.tracking import Box, score_trackers, tracking_rows
from heatwall.values import Detections

_PAUSE_S = 60.0
"""Between two scenes, with a picture of nobody in it: no tracker holds anybody for so long."""


def tracker_rows(scenes: Sequence[Scene], finder: Finder, settings: Settings) -> Iterator[Row]:
    """Return the rows, three for each tracker, at 5 detections a second; about a minute."""
    detections: list[Detections] = []
    times_s: list[float] = []
    truth: list[list[tuple[int, Box]]] = []
    start_s = 0.0
    for number, scene in enumerate(scenes):
        found = found_in(scene, finder)
        for frame in range(0, scene.frames, 3):
            detections.append(people_of(found[frame]))
            times_s.append(start_s + frame / scene.truth.fps)
            people = scene.truth.people(frame, SEEN)
            truth.append([(number * 1_000_000 + one.id, one.whole) for one in people])
        start_s = times_s[-1] + 2 * _PAUSE_S
        detections.append(_nobody())
        times_s.append(start_s - _PAUSE_S)
        truth.append([])
    scores = score_trackers(
        detections,
        times_s,
        truth,
        confidence=settings.confidence,
        buffer_s=settings.buffer_s,
    )
    yield from tracking_rows(scores)


def _nobody() -> Detections:
    return Detections(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int32))
