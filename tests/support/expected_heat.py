"""What heat the ground truth of a simulated camera leads one to expect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatwall.heat import HeatMap
from heatwall.simulator.truth import Thing, Truth
from heatwall.values import FloatArray, Tracks

COLUMNS, ROWS = 80, 45
_STEP = 3
"""Frames between two updates: five a second of a clip of 15, as a server does it."""


def feet_of(people: tuple[Thing, ...], time_s: float) -> Tracks:
    """Return tracks that stand exactly where the truth says."""
    count = len(people)
    boxes = [(x - 0.01, y - 0.1, x + 0.01, y) for x, y in (person.foot for person in people)]
    return Tracks(
        time_s=time_s,
        track_id=np.array([person.id for person in people], np.int32),
        xyxy=np.array(boxes, np.float32).reshape(count, 4),
        confidence=np.ones(count, np.float32),
        class_id=np.zeros(count, np.int32),
    )


def shares(truth: Truth, half_life_s: float, least_visible: float = 0.0) -> FloatArray:
    """Return the heat of every third frame of the loop, in its steady rhythm.

    Returns:
        float32 (frames / 3, rows, columns), share of recent time.
    """
    heat = HeatMap(COLUMNS, ROWS, [half_life_s])
    frames = range(0, len(truth.frames), _STEP)
    found = []
    for turn in range(3):
        for frame in frames:
            time_s = turn * truth.loop_s + frame / truth.fps
            heat.update(feet_of(truth.people(frame, least_visible), time_s))
            if turn == 2:
                found.append(heat.share(half_life_s))
    return np.stack(found)


@dataclass(frozen=True, slots=True)
class Leaving:
    """A place that people leave.

    Attributes:
        x: Normalised place in the picture.
        y: Normalised place in the picture.
        time_s: When it is hot for the last time, seconds in the loop.
        before: Share of recent time then.
        after: Share of recent time two half-lives later.
    """

    x: float
    y: float
    time_s: float
    before: float
    after: float


def leaving(truth: Truth, half_life_s: float) -> Leaving:
    """Return the place that cools best within two half-lives, seen whole by the camera."""
    seen = shares(truth, half_life_s, least_visible=0.8)
    everyone = shares(truth, half_life_s)
    later = round(2 * half_life_s * truth.fps / _STEP)
    after = np.roll(everyone, -later, axis=0)
    # Away from the edges, where boxes are cut off, and hot by people who are seen whole.
    gain = np.where(seen > 0.9 * everyone, seen - 2.5 * after, -1)
    gain[:, : ROWS // 4] = gain[:, -3:] = -1
    gain[:, :, :4] = gain[:, :, -4:] = -1
    step, row, column = np.unravel_index(int(gain.argmax()), gain.shape)
    return Leaving(
        x=(int(column) + 0.5) / COLUMNS,
        y=(int(row) + 0.5) / ROWS,
        time_s=int(step) * _STEP / truth.fps,
        before=float(everyone[step, row, column]),
        after=float(after[step, row, column]),
    )
