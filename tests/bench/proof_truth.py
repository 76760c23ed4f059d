"""What a perfect heat map, counter and watch would say of a scene, from its truth alone.

None of the server's own arithmetic is used here, so that a fault in it can't hide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from bench.proof_scenes import Scene
from heatwall.geometry import grid_size
from heatwall.simulator.truth import Thing
from heatwall.values import DoubleArray, Tracks

SEEN = 0.1
"""The share of a body from which somebody counts as seen. Of a tenth a good detector still finds
some; those of whom less is to be seen are behind a shelf, and no picture shows where they stand."""

COLUMNS, ROWS = grid_size(640, 360)
SIGMA_CELLS = 2.0
"""Width of the kernel under which grids are compared: that of the heat that is shown."""


@dataclass(frozen=True, slots=True)
class Run:
    """One person's way through the picture without a break.

    Attributes:
        number: Unique in the scene, from 1.
        times_s: float64 (n,), rising by one frame.
        feet: float64 (n, 2), normalised, inside the picture.
    """

    number: int
    times_s: DoubleArray
    feet: DoubleArray


def in_picture(thing: Thing) -> bool:
    """Tell whether the feet are inside the picture's edges."""
    return 0 <= thing.foot[0] < 1 and 0 <= thing.foot[1] < 1


def people_with_feet(scene: Scene, frame: int, least_visible: float) -> list[Thing]:
    """Return the people of a frame of whom enough is seen, and whose feet are in the picture."""
    return [one for one in scene.truth.people(frame, least_visible) if in_picture(one)]


def mass_s(
    scene: Scene,
    least_visible: float = SEEN,
    half_life_s: float | None = None,
    until_s: float | None = None,
) -> DoubleArray:
    """Return decayed person-seconds by cell at a moment: float64 (ROWS, COLUMNS).

    Each frame adds its own length at each foot, shared among the four nearest cells.

    Args:
        scene: Whose truth.
        least_visible: Share of the body that must be visible.
        half_life_s: Of the decay; None for none.
        until_s: The moment; None for the end of the loop.
    """
    fps = scene.truth.fps
    frames = scene.frames if until_s is None else round(until_s * fps)
    rows = [
        (frame, *one.foot)
        for frame in range(frames)
        for one in people_with_feet(scene, frame, least_visible)
    ]
    frame, *foot = np.array(rows, np.float64).reshape(-1, 3).T
    weights = np.full(len(rows), 1 / fps)
    if half_life_s is not None:
        weights *= 2.0 ** (-(frames - frame - 0.5) / fps / half_life_s)
    return _gathered(np.stack(foot, axis=1), weights)


def _gathered(feet: DoubleArray, weights: DoubleArray) -> DoubleArray:
    """Share the weight of each foot, (n, 2), among the four nearest cells."""
    places = np.clip(feet * (COLUMNS, ROWS) - 0.5, 0, (COLUMNS - 1, ROWS - 1))
    low = np.minimum(places.astype(int), (COLUMNS - 2, ROWS - 2))
    part = places - low
    grid = np.zeros(ROWS * COLUMNS)
    for right in (0, 1):
        for down in (0, 1):
            share = np.abs(1 - right - part[:, 0]) * np.abs(1 - down - part[:, 1])
            cells = (low[:, 1] + down) * COLUMNS + low[:, 0] + right
            grid += np.bincount(cells, share * weights, minlength=grid.size)
    return grid.reshape(ROWS, COLUMNS)


def spread(grid: npt.NDArray[np.floating], sigma_cells: float = SIGMA_CELLS) -> DoubleArray:
    """Return a grid summed under a Gaussian, up to a factor: float64 (ROWS, COLUMNS)."""
    wide = cv2.GaussianBlur(
        grid.astype(np.float64), (0, 0), sigma_cells, borderType=cv2.BORDER_CONSTANT
    )
    return np.asarray(wide, np.float64)


def coarse(grid: npt.NDArray[np.floating], cells: int) -> DoubleArray:
    """Return the sums of blocks of cells; what is left over at the edges is cut off."""
    rows, columns = (side // cells for side in grid.shape)
    cut = grid[: rows * cells, : columns * cells].astype(np.float64)
    return np.asarray(cut.reshape(rows, cells, columns, cells).sum(axis=(1, 3)), np.float64)


def correlation(
    one: Sequence[npt.NDArray[np.floating]], other: Sequence[npt.NDArray[np.floating]]
) -> float:
    """Return Pearson's correlation over all cells of some grids taken together."""
    left, right = (np.concatenate([grid.ravel() for grid in grids]) for grids in (one, other))
    return float(np.corrcoef(left, right)[0, 1])


def whole_second_runs(scene: Scene) -> list[Run]:
    """Return everybody's ways with feet in the picture, cut to begin and end on whole seconds."""
    runs: list[Run] = []
    for times_s, feet in _ways(scene):
        begin_s, end_s = np.ceil(times_s[0]), np.floor(times_s[-1])
        kept = (times_s >= begin_s - 1e-6) & (times_s <= end_s + 1e-6)
        if end_s > begin_s:
            runs.append(Run(len(runs) + 1, times_s[kept], feet[kept]))
    return runs


def _ways(scene: Scene) -> Iterator[tuple[DoubleArray, DoubleArray]]:
    places: dict[int, list[tuple[int, tuple[float, float]]]] = {}
    for frame in range(scene.frames):
        for one in people_with_feet(scene, frame, 0.0):
            places.setdefault(one.id, []).append((frame, one.foot))
    for way in places.values():
        breaks = [i for i, (a, b) in enumerate(pairwise(way), 1) if b[0] > a[0] + 1]
        for begin, end in pairwise([0, *breaks, len(way)]):
            frames, feet = zip(*way[begin:end], strict=True)
            yield np.array(frames) / scene.truth.fps, np.array(feet)


def tracks_of(runs: Sequence[Run], time_s: float) -> Tracks:
    """Return where the runs are at a moment, between two frames on a straight line."""
    there = [run for run in runs if run.times_s[0] - 1e-6 <= time_s <= run.times_s[-1] + 1e-6]
    feet = [[np.interp(time_s, run.times_s, run.feet[:, axis]) for axis in (0, 1)] for run in there]
    return feet_as_tracks(
        time_s, [run.number for run in there], np.array(feet, np.float64).reshape(-1, 2)
    )


def feet_as_tracks(time_s: float, ids: Sequence[int], feet: DoubleArray) -> Tracks:
    """Return tracks whose boxes stand exactly on the given feet, (n, 2)."""
    x, y = feet.T
    count = len(feet)
    return Tracks(
        time_s=time_s,
        track_id=np.array(ids, np.int32),
        xyxy=np.stack([x - 0.01, y - 0.1, x + 0.01, y], axis=1).astype(np.float32),
        confidence=np.ones(count, np.float32),
        class_id=np.zeros(count, np.int32),
    )


def line_counts(scene: Scene) -> Mapping[str, tuple[int, int]]:
    """Return how many cross each line, in and out."""
    return {line.name: scene.truth.counts(line.name) for line in scene.truth.lines}


def stays_s(scene: Scene) -> Mapping[str, list[float]]:
    """Return the lengths of all stays in each zone between the loop's beginning and its end.

    A stay that runs over the end is two: its last part is at the beginning.
    """
    loop_s = scene.truth.loop_s
    stays: dict[str, list[float]] = {zone.name: [] for zone in scene.truth.zones}
    for stay in scene.truth.dwells:
        stays[stay.zone].append(min(stay.leave_s, loop_s) - stay.enter_s)
        if stay.leave_s > loop_s and stay.enter_s > 0:
            stays[stay.zone].append(min(stay.leave_s - loop_s, loop_s))
    return stays
