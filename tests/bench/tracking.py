"""How well each tracker keeps people apart, against the simulator's truth."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import motmetrics  # type: ignore[import-untyped]  # it ships no types
import numpy as np
import numpy.typing as npt

from bench.report import Row
from heatwall.analysis.tracker import Tracker
from heatwall.config.kinds import TRACKERS
from heatwall.values import Detections, Tracks

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, normalised to 0-1 of the picture."""

_LEAST_IOU = 0.5
"""Overlap from which a track's box is that person's (MOT Challenge, Milan et al. 2016, 4.1.3)."""

_FIGURES = ("num_switches", "idf1", "mota")
_MS = 1e3


@dataclass(frozen=True, slots=True)
class TrackerScore:
    """How well one tracker followed the people of one scene.

    Attributes:
        name: The tracker's.
        switches: Times that a person's track changed its id (CLEAR MOT, Bernardin and
            Stiefelhagen 2008).
        idf1: Share of boxes that carry the right id when each person is given the one id that
            fits best, 0 to 1 (Ristani et al. 2016).
        mota: 1 less the misses, false boxes and switches by true box; up to 1, may be negative
            (CLEAR MOT).
        ids: Ids that the tracker gave.
        people: People there were.
        update_ms: Mean CPU time of one update.
    """

    name: str
    switches: int
    idf1: float
    mota: float
    ids: int
    people: int
    update_ms: float


def score_trackers(
    detections: Sequence[Detections],
    times_s: Sequence[float],
    truth: Sequence[Sequence[tuple[int, Box]]],
    *,
    names: Sequence[str] = TRACKERS,
    confidence: float = 0.25,
    buffer_s: float = 2.0,
) -> list[TrackerScore]:
    """Run each tracker over the same detections, and compare it with what was really there.

    Args:
        detections: Of people only, frame by frame, scores from `CONFIDENCE_FLOOR`.
        times_s: When each frame was taken, seconds.
        truth: The people to be seen in each frame: id, box of the whole body.
        names: The trackers, by name or file.
        confidence: Score from which a track may begin.
        buffer_s: Seconds for which a lost track is kept.

    Returns:
        One for each name, in their order.
    """
    scores = []
    for name in names:
        tracker = Tracker(name, confidence, buffer_s)
        began_s = time.thread_time()
        found = [
            tracker.update(frame, time_s) for frame, time_s in zip(detections, times_s, strict=True)
        ]
        spent_s = time.thread_time() - began_s
        switches, idf1, mota = _compare(found, truth)
        scores.append(
            TrackerScore(
                name=name,
                switches=switches,
                idf1=idf1,
                mota=mota,
                ids=len({key for tracks in found for key in tracks.track_id.tolist()}),
                people=len({person for frame in truth for person, _ in frame}),
                update_ms=spent_s / max(1, len(found)) * _MS,
            )
        )
    return scores


def tracking_rows(scores: Sequence[TrackerScore]) -> Iterator[Row]:
    """Return the rows of a benchmark's table, three for each tracker."""
    for score in scores:
        note = f"{score.ids} ids for {score.people} people, {score.update_ms:.2f} ms an update"
        yield Row(f"{score.name}: identity switches", score.switches, note=note)
        yield Row(f"{score.name}: IDF1", score.idf1)
        yield Row(f"{score.name}: MOTA", score.mota)


def _compare(
    found: Sequence[Tracks], truth: Sequence[Sequence[tuple[int, Box]]]
) -> tuple[int, float, float]:
    """Return identity switches, IDF1 and MOTA."""
    events = motmetrics.MOTAccumulator(auto_id=True)
    for tracks, people in zip(found, truth, strict=True):
        boxes = np.array([box for _, box in people], np.float64).reshape(-1, 4)
        overlap = _iou(boxes, tracks.xyxy.astype(np.float64))
        events.update(
            [person for person, _ in people],
            tracks.track_id.tolist(),
            np.where(overlap >= _LEAST_IOU, 1 - overlap, np.nan),
        )
    table = motmetrics.metrics.create().compute(events, metrics=list(_FIGURES))
    switches, idf1, mota = (float(table[figure].iloc[0]) for figure in _FIGURES)
    return int(switches), idf1, mota


def _iou(left: npt.NDArray[np.float64], right: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the overlaps, float64 (n, m), of boxes (n, 4) and (m, 4).

    motmetrics' own calls a function that NumPy 2 took away.
    """
    corner = np.maximum(left[:, None, :2], right[None, :, :2])
    opposite = np.minimum(left[:, None, 2:], right[None, :, 2:])
    shared: npt.NDArray[np.float64] = np.prod(np.clip(opposite - corner, 0, None), axis=2)
    areas = [np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (left, right)]
    union = np.maximum(areas[0][:, None] + areas[1][None, :] - shared, 1e-12)
    overlap: npt.NDArray[np.float64] = shared / union
    return overlap
