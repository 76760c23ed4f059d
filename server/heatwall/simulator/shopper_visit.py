"""The movement of one shopper through the view, from arrival to departure."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heatwall.simulator.shopper_cart import LEAD_M
from heatwall.simulator.shopper_pose import Pose
from heatwall.simulator.store import Place

Series = npt.NDArray[np.float64]
"""float64 (n,): one value per sample of a visit."""

SAMPLE_HZ = 30
"""Samples of a visit per second; moments between two samples are interpolated."""

_EASE_S = 0.7
"""Time to reach walking speed, and to stop."""


@dataclass(frozen=True, slots=True)
class Halt:
    """A place of a visit as it is really walked.

    Attributes:
        at: The place in metres.
        pause_s: How long the shopper stands there; 0 is passed without stopping.
        look: What is looked at meanwhile, in metres, or None.
    """

    at: Place
    pause_s: float
    look: Place | None


@dataclass(frozen=True, slots=True, eq=False)
class Visit:
    """A visit sampled at `SAMPLE_HZ`; all series have the same length.

    Attributes:
        x: Place in metres.
        y: The same.
        heading: Direction of the path in radians, without jumps.
        facing: Direction of the body in radians, without jumps.
        gait: 0 standing to 1 walking.
        walked: Metres walked since the start.
        reach: 0 to 1: an arm stretched out.
        turn: Turn of the head in radians.
        cart: Place of the cart in metres, (n, 2), and its heading, so (n, 3).
    """

    x: Series
    y: Series
    heading: Series
    facing: Series
    gait: Series
    walked: Series
    reach: Series
    turn: Series
    cart: npt.NDArray[np.float64]

    @property
    def duration_s(self) -> float:
        """Length of the visit in seconds."""
        return (len(self.x) - 1) / SAMPLE_HZ

    def pose(self, time_s: float, stride_m: float) -> Pose:
        """Return the pose `time_s` seconds after arrival, 0 to `duration_s`."""
        i, share = self._index(time_s)
        j = min(i + 1, len(self.x) - 1)

        def at(series: Series) -> float:
            return float(series[i] * (1 - share) + series[j] * share)

        return Pose(
            at(self.x),
            at(self.y),
            at(self.facing),
            at(self.gait),
            2 * math.pi * at(self.walked) / stride_m,
            at(self.reach),
            at(self.turn),
        )

    def cart_at(self, time_s: float) -> tuple[Place, float]:
        """Return the cart's place in metres and its heading."""
        i, share = self._index(time_s)
        j = min(i + 1, len(self.x) - 1)
        x, y, heading = self.cart[i] * (1 - share) + self.cart[j] * share
        return (float(x), float(y)), float(heading)

    def _index(self, time_s: float) -> tuple[int, float]:
        """Sample before `time_s`, and the share of the way to the next."""
        place = min(max(0.0, time_s * SAMPLE_HZ), len(self.x) - 1.0)
        return int(place), place - int(place)


def _smooth_path(points: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], list[int]]:
    """Round the corners of a path with a centripetal Catmull-Rom spline.

    Returns:
        float64 (n, 2) dense points, and the index of each given point among them.
    """
    ends = np.stack([2 * points[0] - points[1], 2 * points[-1] - points[-2]])
    chain = np.concatenate([ends[:1], points, ends[1:]])
    knots = np.concatenate(
        [
            [0.0],
            np.cumsum(np.sqrt(np.maximum(1e-3, np.linalg.norm(np.diff(chain, axis=0), axis=1)))),
        ]
    )
    pieces, marks = [], [0]
    for k in range(1, len(chain) - 2):
        p, t = chain[k - 1 : k + 3], knots[k - 1 : k + 3]
        steps = max(4, int(np.linalg.norm(p[2] - p[1]) * 30))
        u = np.linspace(t[1], t[2], steps, endpoint=False)[:, None]
        a = [
            (t[m + 1] - u) / (t[m + 1] - t[m]) * p[m] + (u - t[m]) / (t[m + 1] - t[m]) * p[m + 1]
            for m in range(3)
        ]
        b = [
            (t[m + 2] - u) / (t[m + 2] - t[m]) * a[m] + (u - t[m]) / (t[m + 2] - t[m]) * a[m + 1]
            for m in range(2)
        ]
        pieces.append((t[2] - u) / (t[2] - t[1]) * b[0] + (u - t[1]) / (t[2] - t[1]) * b[1])
        marks.append(marks[-1] + steps)
    return np.concatenate([*pieces, chain[-2:-1]]), marks


def _leg_profile(length: float, speed: float, starts: bool, stops: bool) -> Series:
    """Metres walked at each sample of a leg; eases in after a stop, out before one."""
    ease_in, ease_out = (_EASE_S if starts else 0.0), (_EASE_S if stops else 0.0)
    duration = length / speed + (ease_in + ease_out) / 2
    count = max(2, round(duration * SAMPLE_HZ) + 1)
    time = np.linspace(0, duration, count)
    pace = np.ones(count)
    if ease_in:
        pace *= np.clip(time / ease_in, 0, 1)
    if ease_out:
        pace *= np.clip((duration - time) / ease_out, 0, 1)
    walked = np.concatenate([[0.0], np.cumsum((pace[1:] + pace[:-1]) / 2)])
    return np.asarray(walked * (length / walked[-1]))


def _smoothed(series: Series, width_s: float) -> Series:
    """Moving average over `width_s`, with the ends held."""
    width = max(1, round(width_s * SAMPLE_HZ)) | 1
    padded = np.pad(series, width // 2, mode="edge")
    return np.convolve(padded, np.ones(width) / width, mode="valid")


def _timetable(
    halts: list[Halt], lengths: Series, speed: float
) -> tuple[Series, list[tuple[int, int, Halt]]]:
    """Metres walked at each sample of the whole visit, and the samples of each pause."""
    pieces: list[Series] = [np.zeros(1)]
    pauses: list[tuple[int, int, Halt]] = []
    done, count, first = 0.0, 1, 0
    for k in range(1, len(halts)):
        is_last = k == len(halts) - 1
        if halts[k].pause_s == 0 and not is_last:
            continue
        length = float(lengths[k] - lengths[first])
        leg = _leg_profile(max(length, 0.02), speed, first > 0, not is_last)[1:] + done
        pieces.append(leg)
        count += len(leg)
        done, first = float(lengths[k]), k
        if halts[k].pause_s > 0 and not is_last:
            still = max(1, round(halts[k].pause_s * SAMPLE_HZ))
            pieces.append(np.full(still, done))
            pauses.append((count, count + still, halts[k]))
            count += still
    return np.concatenate(pieces), pauses


def walk(halts: list[Halt], speed: float, rng: np.random.Generator) -> Visit:
    """Turn places and pauses into a smooth movement.

    Args:
        halts: At least two places; the first and last are out of sight.
        speed: Walking speed in metres a second.
        rng: Chooses small gestures.
    """
    points = np.array([halt.at for halt in halts], np.float64)
    path, marks = _smooth_path(points)
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    walked, pauses = _timetable(halts, along[marks], speed)
    x, y = np.interp(walked, along, path[:, 0]), np.interp(walked, along, path[:, 1])
    step = np.gradient(path, axis=0)
    tangent = np.unwrap(np.arctan2(step[:, 1], step[:, 0]))
    heading = _smoothed(np.interp(walked, along, tangent), 0.4)
    pace = np.gradient(walked) * SAMPLE_HZ / speed
    gait = _smoothed(np.clip(pace * 1.15, 0, 1), 0.25)
    facing, reach, turn = heading.copy(), np.zeros_like(x), np.zeros_like(x)
    for start, end, halt in pauses:
        _gesture((start, end, halt), (x, y), (facing, reach, turn), rng)
    cart = _cart_track(path, along, tangent, walked)
    return Visit(
        x,
        y,
        heading,
        _smoothed(facing, 0.5),
        gait,
        walked,
        _smoothed(reach, 0.5),
        _smoothed(turn, 0.4),
        cart,
    )


def _gesture(
    pause: tuple[int, int, Halt],
    place: tuple[Series, Series],
    body: tuple[Series, Series, Series],
    rng: np.random.Generator,
) -> None:
    """Turn a pausing body to what it looks at; let it reach out and look around, in place."""
    start, end, halt = pause
    facing, reach, turn = body
    if halt.look is not None:
        aim = math.atan2(halt.look[1] - place[1][start], halt.look[0] - place[0][start])
        delta = (aim - facing[start] + math.pi) % (2 * math.pi) - math.pi
        facing[start:end] = facing[start] + delta
        time = np.arange(end - start) / SAMPLE_HZ
        rhythm, offset = rng.uniform(0.16, 0.3), rng.uniform(0, 1)
        wave = np.clip(np.sin(2 * np.pi * (time * rhythm + offset)) * 2.2 - 0.8, 0, 1)
        reach[start:end] = wave * (rng.random() < 0.75) * rng.uniform(0.6, 1.0)
    time = np.arange(end - start) / SAMPLE_HZ
    turn[start:end] = 0.55 * np.sin(2 * np.pi * time * rng.uniform(0.12, 0.25) + rng.uniform(0, 6))


def _cart_track(
    path: npt.NDArray[np.float64], along: Series, tangent: Series, walked: Series
) -> npt.NDArray[np.float64]:
    """Place and heading of a cart that is pushed ahead: float64 (n, 3)."""
    ahead = walked + LEAD_M
    over = np.maximum(0.0, ahead - along[-1])
    x = np.interp(ahead, along, path[:, 0]) + over * math.cos(tangent[-1])
    y = np.interp(ahead, along, path[:, 1]) + over * math.sin(tangent[-1])
    back_x, back_y = np.interp(walked, along, path[:, 0]), np.interp(walked, along, path[:, 1])
    heading = np.unwrap(np.arctan2(y - back_y, x - back_x))
    reach = np.hypot(x - back_x, y - back_y)
    pull = LEAD_M / np.maximum(reach, 0.3)
    return np.stack([back_x + (x - back_x) * pull, back_y + (y - back_y) * pull, heading], axis=1)


def stand(place: Place, look: Place, loop_s: float, rng: np.random.Generator) -> Visit:
    """A visit without beginning or end: somebody who stands for the whole loop.

    Every movement is a whole number of waves per loop, so that the end meets the beginning.
    """
    count = max(2, round(loop_s * SAMPLE_HZ)) + 1
    wave = np.linspace(0, 2 * np.pi, count)
    often = max(1, round(loop_s / 7))
    aim = math.atan2(look[1] - place[1], look[0] - place[0])
    start = rng.uniform(0, 6)
    facing = aim + 0.3 * np.sin(wave * max(1, often // 2) + start)
    still = np.zeros(count)
    reach = np.clip(np.sin(wave * often + start) * 2 - 0.6, 0, 1) * 0.8
    x = place[0] + 0.06 * np.sin(wave * max(1, often // 2))
    y = np.full(count, place[1])
    turn = 0.4 * np.sin(wave * often + start * 2)
    return Visit(x, y, facing, facing, still, still, reach, turn, np.zeros((count, 3)))
