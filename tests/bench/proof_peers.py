"""The heat of Ultralytics and of supervision from the same tracks, beside ours and the truth.

Compared is what they accumulate, before colours: each library's own code, with its defaults, on
the picture that the tracks come from, brought to our grid by the mean over each cell. Neither
knows seconds, so of their figures only those are compared that need no unit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import cv2
import numpy as np

from bench.naive import given_tracks_heatmap
from bench.peers import missing_note, supervision_module
from bench.proof_accuracy import Played
from bench.proof_scenes import Scene
from bench.proof_truth import (
    COLUMNS,
    ROWS,
    SEEN,
    correlation,
    mass_s,
    people_with_feet,
    spread,
)
from bench.report import Row
from heatwall.heat import HeatMap
from heatwall.values import DoubleArray, FloatArray, Tracks

_OURS = "Heatwall"
_HALF_LIFE_S = 600.0
_EMPTY_S = 600
"""Time after which it is asked what is left of heat: one half-life."""

_EMPTY_STEP_S = 10
_RATE_SCENES = 4
"""Of the scenes, those whose people are fed in at two rates: more take minutes and say the same."""

_SIGMAS_CELLS = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
"""Widths under which the truth is looked at, so that each heat meets the one that fits it."""


class _Accumulator(Protocol):
    """A heat map that is fed with tracks."""

    def add(self, tracks: Tracks) -> None:
        """Take one instant's tracks, in order of time."""

    def grid(self) -> DoubleArray:
        """Return the heat as it would be shown, without scale: float64 (ROWS, COLUMNS)."""

    def total(self) -> float:
        """Return all that has been accumulated, in the library's own measure."""


class _Ours:
    def __init__(self, half_life_s: float | None = None) -> None:
        self._half_life_s = half_life_s
        self._heat = HeatMap(COLUMNS, ROWS, [half_life_s])

    def add(self, tracks: Tracks) -> None:
        self._heat.update(tracks)

    def grid(self) -> DoubleArray:
        return spread(self._heat.mass_s(self._half_life_s))

    def total(self) -> float:
        return float(self._heat.mass_s(self._half_life_s).sum())


class _Ultralytics:
    """`solutions.Heatmap`: its `process`, told its tracks."""

    def __init__(self, width: int, height: int) -> None:
        import torch

        self._tensor: Callable[[FloatArray], Any] = torch.from_numpy
        self._size = (width, height)
        self._picture = np.zeros((height, width, 3), np.uint8)
        self._heatmap = given_tracks_heatmap()
        self._heatmap.heatmap = np.zeros((height, width), np.float32)

    def add(self, tracks: Tracks) -> None:
        for box in self._tensor(_pixels(tracks, *self._size)):
            self._heatmap.heatmap_effect(box)

    def grid(self) -> DoubleArray:
        return _on_grid(self._heatmap.heatmap)

    def total(self) -> float:
        return float(self._heatmap.heatmap.sum(dtype=np.float64))


class _Supervision:
    """`HeatMapAnnotator`: its `annotate`, with the blur that it draws its colours with."""

    def __init__(self, library: Any, width: int, height: int) -> None:
        self._library = library
        self._size = (width, height)
        self._picture = np.zeros((height, width, 3), np.uint8)
        self._annotator = library.HeatMapAnnotator()

    def add(self, tracks: Tracks) -> None:
        boxes = self._library.Detections(xyxy=_pixels(tracks, *self._size))
        self._annotator.annotate(self._picture, boxes)

    def grid(self) -> DoubleArray:
        size = (self._annotator.kernel_size,) * 2
        return _on_grid(cv2.blur(self._annotator.heat_mask, size))

    def total(self) -> float:
        return float(self._annotator.heat_mask.sum(dtype=np.float64))


def peer_rows(played: Sequence[Played]) -> Iterator[Row]:
    """Return the rows of each library, ours first; takes about a minute."""
    size = (played[0].scene.clip.width, played[0].scene.clip.height)
    library = supervision_module()
    makers: list[tuple[str, Callable[[], _Accumulator] | None]] = [
        (_OURS, _Ours),
        ("Ultralytics solutions.Heatmap", lambda: _Ultralytics(*size)),
        (
            "supervision HeatMapAnnotator",
            None if library is None else lambda: _Supervision(library, *size),
        ),
    ]
    for name, make in makers:
        if make is None:
            yield Row(name, None, note=missing_note())
        else:
            yield from _rows_of(name, make, played)


def _rows_of(
    name: str, make: Callable[[], _Accumulator], played: Sequence[Played]
) -> Iterator[Row]:
    found = [
        spread(one.seldom.mass_s[None]) if name == _OURS else _fed(make(), one.seldom.tracks).grid()
        for one in played
    ]
    raw = [mass_s(one.scene) for one in played]
    fits = {
        sigma: correlation(
            [_scaled(grid) for grid in found], [_scaled(spread(one, sigma)) for one in raw]
        )
        for sigma in _SIGMAS_CELLS
    }
    best = max(fits, key=lambda sigma: fits[sigma])
    yield Row(
        f"{name}: correlation with the truth, whole pipeline's tracks",
        fits[2.0],
        note=f"each scene at its own scale, truth under a kernel of 2 cells; "
        f"at best {fits[best]:.3f}, at {best:g} cells",
    )
    often, seldom = (
        [_fed(make(), _truth_tracks(one.scene, every)) for one in played[:_RATE_SCENES]]
        for every in (1, 3)
    )
    yield Row(
        f"{name}: heat at 15 updates a second against 5, same people",
        float(sum(heat.total() for heat in often) / sum(heat.total() for heat in seldom) - 1) * 100,
        "%",
        note=f"truth's boxes of {_RATE_SCENES} scenes",
    )
    apart = [
        np.abs(_scaled(a.grid()) - _scaled(b.grid())).max()
        for a, b in zip(often, seldom, strict=True)
    ]
    yield Row(
        f"{name}: the same, each divided by its own peak: farthest cell",
        float(max(apart)) * 100,
        "%",
        note="as the libraries colour it; worst scene",
    )
    worth = [
        heat.total() / mass.sum() for heat, mass in zip(often, raw[:_RATE_SCENES], strict=True)
    ]
    yield Row(
        f"{name}: heat of one person-second, most generous scene against the least",
        float(max(worth) / min(worth) - 1) * 100,
        "%",
        note="0 where heat measures time; sizes of people and of the picture count in otherwise",
    )
    yield Row(
        f"{name}: heat left after {_EMPTY_S // 60} min with nobody there",
        _left(name, make, played[0].seldom.tracks) * 100,
        "%",
        note="half-life 10 min" if name == _OURS else "it has no decay",
    )


def _left(name: str, make: Callable[[], _Accumulator], tracks: Sequence[Tracks]) -> float:
    heat = _Ours(_HALF_LIFE_S) if name == _OURS else make()
    before = _fed(heat, tracks).total()
    for after_s in range(_EMPTY_STEP_S, _EMPTY_S + 1, _EMPTY_STEP_S):
        heat.add(_nobody(tracks[-1].time_s + after_s))
    return heat.total() / before


def _fed(heat: _Accumulator, tracks: Sequence[Tracks]) -> _Accumulator:
    for instant in tracks:
        heat.add(instant)
    return heat


def _scaled(grid: DoubleArray) -> DoubleArray:
    scaled: DoubleArray = grid / grid.max()
    return scaled


def _truth_tracks(scene: Scene, every: int) -> list[Tracks]:
    """Return the people of every so many frames with their whole bodies' boxes.

    As from a tracker, whose `begun_s` is one step before the first sighting.
    """
    found, begun_s = [], dict[int, float]()
    for frame in range(0, scene.frames, every):
        people = people_with_feet(scene, frame, SEEN)
        before_s = max(0, frame - every) / scene.truth.fps
        found.append(
            Tracks(
                time_s=frame / scene.truth.fps,
                track_id=np.array([one.id for one in people], np.int32),
                xyxy=np.array([one.whole for one in people], np.float32).reshape(-1, 4),
                confidence=np.ones(len(people), np.float32),
                class_id=np.zeros(len(people), np.int32),
                begun_s=np.array([begun_s.setdefault(one.id, before_s) for one in people]),
            )
        )
    return found


def _nobody(time_s: float) -> Tracks:
    return Tracks(
        time_s=time_s,
        track_id=np.zeros(0, np.int32),
        xyxy=np.zeros((0, 4), np.float32),
        confidence=np.zeros(0, np.float32),
        class_id=np.zeros(0, np.int32),
    )


def _pixels(tracks: Tracks, width: int, height: int) -> FloatArray:
    """Return boxes in pixels, inside the picture as a tracker gives them."""
    inside = np.clip(tracks.xyxy, 0, 1)
    boxes: FloatArray = inside * np.array([width, height] * 2, np.float32)
    return boxes


def _on_grid(heat: FloatArray) -> DoubleArray:
    """Return the mean of each cell."""
    mean = cv2.resize(heat.astype(np.float64), (COLUMNS, ROWS), interpolation=cv2.INTER_AREA)
    return np.asarray(mean, np.float64)
