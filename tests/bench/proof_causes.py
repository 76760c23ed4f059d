"""Why the whole pipeline differs from the truth: who is missed, what is false, how feet are off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from bench.proof_accuracy import Played
from bench.proof_truth import COLUMNS, ROWS, in_picture
from bench.report import Row
from heatwall.feet import PersonSize
from heatwall.simulator.truth import Thing
from heatwall.stance import standing
from heatwall.values import DoubleArray, FloatArray, Tracks

_EDGES = (0.0, 0.1, 0.2, 0.3, 0.5, 0.8, 1.01)
"""Between them the classes of how much of somebody is seen."""

_LEAST_IOU = 0.3
"""Overlap from which a track is somebody's; low, since it is asked who it is, not how well."""


@dataclass(slots=True)
class _Tally:
    """Seconds, and errors of feet in cells, by cause."""

    true_s: DoubleArray = field(default_factory=lambda: np.zeros(len(_EDGES) - 1))
    found_s: DoubleArray = field(default_factory=lambda: np.zeros(len(_EDGES) - 1))
    all_s: float = 0.0
    nobody_s: float = 0.0
    double_s: float = 0.0
    below_s: float = 0.0
    off: list[tuple[float, float]] = field(default_factory=list)
    off_box: list[tuple[float, float]] = field(default_factory=list)


def cause_rows(played: Sequence[Played]) -> Iterator[Row]:
    """Return the rows, at 5 detections a second."""
    tally = _Tally()
    for one in played:
        _tally(one, tally)
    for number, (low, high) in enumerate(pairwise(_EDGES)):
        true_s, found_s = float(tally.true_s[number]), float(tally.found_s[number])
        yield Row(
            f"found of those of whom {low:.0%} to {min(high, 1):.0%} is seen",
            found_s / true_s * 100 if true_s else None,
            "%",
            note=f"{found_s:.0f} of {true_s:.0f} person-seconds with feet in the picture",
        )
    for name, seconds, note in (
        ("nobody", tally.nobody_s, "things in the shop taken for people"),
        ("somebody who has a track already", tally.double_s, ""),
        ("somebody whose feet are outside the picture", tally.below_s, "no fault: adds no heat"),
    ):
        yield Row(f"time of tracks on {name}", seconds / tally.all_s * 100, "%", note=note)
    for name, errors in (("boxes' middle below", tally.off_box), ("feet taken", tally.off)):
        off = np.array(errors)
        across, down = np.percentile(off, [10, 50, 90], axis=0).T
        yield Row(
            f"{name}: from the true foot, median",
            float(np.median(np.hypot(*off.T))),
            "cells",
            note="10 %, 50 %, 90 % of the errors: across "
            + ", ".join(f"{value:.2f}" for value in across)
            + "; down "
            + ", ".join(f"{value:.2f}" for value in down),
        )


def _tally(one: Played, tally: _Tally) -> None:
    truth, sizes = one.scene.truth, PersonSize()
    step_s = 3 / truth.fps
    for tracks in one.seldom.tracks:
        sizes.learn(tracks)
        stood = standing(sizes.complete(tracks), sizes, truth.width / truth.height)
        people = truth.people(round(tracks.time_s * truth.fps))
        overlap = np.maximum(
            _iou([person.whole for person in people], tracks.xyxy),
            _iou([person.box for person in people], tracks.xyxy),
        )
        owners = _matched(overlap)
        tally.all_s += len(tracks) * step_s
        _count_people(people, set(owners.values()), step_s, tally)
        for row in range(len(tracks)):
            owner = owners.get(row)
            if owner is not None:
                _count_owned(people[owner], row, tracks, stood, step_s, tally)
            elif len(people) and overlap[:, row].max() >= _LEAST_IOU:
                tally.double_s += step_s
            else:
                tally.nobody_s += step_s


def _count_people(people: Sequence[Thing], found: set[int], step_s: float, tally: _Tally) -> None:
    for number, person in enumerate(people):
        if in_picture(person):
            group = int(np.searchsorted(_EDGES, person.visible, "right")) - 1
            tally.true_s[group] += step_s
            tally.found_s[group] += step_s * (number in found)


def _count_owned(
    person: Thing, row: int, tracks: Tracks, stood: Tracks, step_s: float, tally: _Tally
) -> None:
    if not in_picture(person):
        tally.below_s += step_s
        return
    for found, errors in ((tracks, tally.off_box), (stood, tally.off)):
        x, y = found.foot[row].tolist()
        errors.append(((x - person.foot[0]) * COLUMNS, (y - person.foot[1]) * ROWS))


def _matched(overlap: DoubleArray) -> dict[int, int]:
    """Return whose each track is, track to person, the best overlaps first."""
    owners: dict[int, int] = {}
    taken: set[int] = set()
    for flat in np.argsort(-overlap, axis=None).tolist():
        person, row = divmod(flat, overlap.shape[1])
        if overlap[person, row] < _LEAST_IOU:
            break
        if row not in owners and person not in taken:
            owners[row] = person
            taken.add(person)
    return owners


def _iou(
    boxes: Sequence[tuple[float, float, float, float]], others: FloatArray
) -> npt.NDArray[np.float64]:
    """Return the overlap of each box, rows, with each of the others, columns."""
    left = np.array(boxes, np.float64).reshape(-1, 1, 4)
    right = others.astype(np.float64).reshape(1, -1, 4)
    low = np.maximum(left[..., :2], right[..., :2])
    sides = np.clip(np.minimum(left[..., 2:], right[..., 2:]) - low, 0, None)
    shared = sides.prod(axis=2)
    areas = [np.prod(each[..., 2:] - each[..., :2], axis=2) for each in (left, right)]
    overlap: npt.NDArray[np.float64] = shared / np.maximum(areas[0] + areas[1] - shared, 1e-12)
    return overlap
