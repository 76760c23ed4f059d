"""Time of the heat's own steps, beside Ultralytics' heatmap."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator

import cv2
import numpy as np

from bench.naive import given_tracks_heatmap
from bench.ours import INK, Heat
from bench.people import PEOPLE, tracks_at
from bench.report import Row, Table
from bench.setup import HEIGHT, WIDTH, Setup
from heatwall.overlay import HeatLayer, Planes
from heatwall.painting import heat_ink

_INTERVAL_S = 0.2
"""Five detect frames a second."""
_WARM_UP_UPDATES = 300
"""A minute of heat: two half-lives of the one shown."""
_CALLS = 200
_US, _MS = 1e6, 1e3


def measure(_setup: Setup) -> Table:
    """Measure it all; takes some seconds."""
    cv2.setNumThreads(1)
    heat = Heat(WIDTH, HEIGHT)
    times = (number * _INTERVAL_S for number in range(_WARM_UP_UPDATES + 10 * _CALLS))
    for _ in range(_WARM_UP_UPDATES):
        heat.map.update(tracks_at(next(times)))
    tracks = iter([tracks_at(next(times)) for _ in range(_CALLS)])
    rows = [
        Row(
            f"HeatMap.update, {PEOPLE} people, {len(heat.map.half_lives_s)} half-lives",
            _median_s(lambda: heat.map.update(next(tracks))) * _US,
            "µs",
            50,
        ),
        Row(
            "share, scale and levels of the grid",
            _median_s(lambda: heat.levels(next(times))) * _MS,
            "ms",
        ),
        *_layer_rows(heat, WIDTH, HEIGHT, has_target=True),
        *_layer_rows(heat, WIDTH // 2, HEIGHT // 2, has_target=False),
        *_ultralytics_rows(),
    ]
    return Table("The heat's steps, CPU of one call", tuple(rows))


def _layer_rows(heat: Heat, width: int, height: int, *, has_target: bool) -> Iterator[Row]:
    layer, ink, planes = HeatLayer(width, height), heat_ink(INK), _planes(width, height)
    levels = heat.levels(_WARM_UP_UPDATES * _INTERVAL_S)
    covered = np.count_nonzero(levels) / levels.size
    prepare_s = _median_s(lambda: layer.prepare(levels, ink))
    blend_s = _median_s(lambda: layer.blend(planes))
    note = f"heat in {covered:.0%} of the cells"
    yield Row(
        f"prepare the blend, {width}×{height}",
        prepare_s * _MS,
        "ms",
        0.5 if has_target else None,
        note,
    )
    yield Row(f"blend, {width}×{height}", blend_s * _MS, "ms", 0.8 if has_target else None)


def _ultralytics_rows() -> Iterator[Row]:
    """The library's own steps on the same boxes, as its `process` takes them."""
    import torch

    heatmap = given_tracks_heatmap()
    picture = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    heatmap.process(picture)
    boxes = torch.from_numpy(tracks_at(0.0).xyxy * np.array([WIDTH, HEIGHT] * 2, np.float32))

    def update() -> None:
        for box in boxes:
            heatmap.heatmap_effect(box)

    yield Row(
        f"Ultralytics: heatmap_effect for {PEOPLE} boxes, {WIDTH}×{HEIGHT}",
        _median_s(update) * _US,
        "µs",
        note="one lifetime sum, no decay",
    )
    yield Row(
        f"Ultralytics: whole process, {WIDTH}×{HEIGHT}",
        _median_s(lambda: heatmap.process(picture)) * _MS,
        "ms",
        note="the same with colours and blend on BGR, tracks given",
    )


def _planes(width: int, height: int) -> Planes:
    return (
        np.full((height, width), 120, np.uint8),
        np.full((height // 2, width // 2), 128, np.uint8),
        np.full((height // 2, width // 2), 128, np.uint8),
    )


def _median_s(call: Callable[[], object]) -> float:
    """Return the median CPU seconds of a call in this thread."""
    taken: list[float] = []
    for _ in range(_CALLS):
        began_s = time.thread_time()
        call()
        taken.append(time.thread_time() - began_s)
    return statistics.median(taken)
