"""Cost of the heat's own steps, beside Ultralytics' heatmap and supervision's."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from bench.heat_peers import UltralyticsHeat, supervision_heat
from bench.ours import Heat
from bench.peers import missing_note
from bench.people import PEOPLE, tracks_at
from bench.report import Row, Table
from bench.setup import HEIGHT, WIDTH, Setup
from heatwall.marks import AnyMark, Drawing, LineMark, Mark, ZoneMark
from heatwall.overlay import HeatLayer, Planes
from heatwall.painting import heat_ink
from heatwall.values import ByteArray
from support.ink import INK

_INTERVAL_S = 0.2
"""Five detect frames a second."""
_SHOWN_FPS = 15
"""Pictures a second of a tile."""
_WARM_UP_UPDATES = 300
"""A minute of heat: two half-lives of the one shown."""
_ROUNDS, _CALLS = 10, 10
"""Each round calls every step some times in a row, so that a passing load on the machine hits
all alike, and none is measured with caches that another has emptied."""
_US, _MS, _KB = 1e6, 1e3, 1e-3
_TILE = (640, 360)


@dataclass(frozen=True, slots=True)
class _Steps:
    """Median seconds of each step."""

    seconds: Mapping[str, float]

    def row(
        self, name: str, step: str, unit: float = _MS, target: float | None = None, note: str = ""
    ) -> Row:
        return Row(name, self.seconds[step] * unit, "ms" if unit == _MS else "µs", target, note)


def measure(_setup: Setup) -> Table:
    """Measure it all; takes some seconds."""
    cv2.setNumThreads(1)
    heat = Heat(WIDTH, HEIGHT)
    for number in range(_WARM_UP_UPDATES):
        heat.map.update(tracks_at(number * _INTERVAL_S))
    library, peer = UltralyticsHeat(WIDTH, HEIGHT), supervision_heat(WIDTH, HEIGHT)
    calls = {**_our_calls(heat), "library update": library.update, "library": library.process}
    if peer is not None:
        calls["peer"] = peer.annotate
    steps = _Steps(_medians_s(calls))
    rows = [
        *_heat_rows(steps, heat),
        *_layer_rows(steps, heat),
        *_mark_rows(steps),
        *_peer_rows(steps),
        *_camera_rows(steps),
        Row("state of the heat of one camera", heat.map.nbytes * _KB, "kB", 1000),
        Row("Ultralytics: state of one heat", library.nbytes * _KB, "kB", note="one lifetime sum"),
        Row(
            "supervision: state of one heat",
            None if peer is None else peer.nbytes * _KB,
            "kB",
            note=missing_note() or "one lifetime sum",
        ),
    ]
    return Table("The heat's steps, CPU of one call", tuple(rows))


def _our_calls(heat: Heat) -> dict[str, Callable[[], object]]:
    """Return our steps by name; each call is one step further in time."""
    began_s = _WARM_UP_UPDATES * _INTERVAL_S
    updates = iter(
        [tracks_at(began_s + number * _INTERVAL_S) for number in range(_ROUNDS * _CALLS)]
    )
    changes = _changes()
    levels = changes[-1]
    looks = iter([began_s + number * _INTERVAL_S for number in range(_ROUNDS * _CALLS)])
    calls: dict[str, Callable[[], object]] = {
        "update": lambda: heat.map.update(next(updates)),
        "levels": lambda: heat.levels(next(looks)),
    }
    for name, shown in (("", levels), ("full ", np.maximum(levels, 1))):
        for width, height in ((WIDTH, HEIGHT), _TILE):
            layer, planes = HeatLayer(width, height), _planes(width, height)
            calls[f"{name}prepare {width}"] = _preparing(layer, shown)
            if not name:
                calls[f"follow {width}"] = _following(HeatLayer(width, height), changes)
            calls[f"{name}blend {width}"] = _blending(layer, planes)
    planes, marks = _planes(*_TILE), _marks()
    drawing = Drawing(marks, *_TILE, INK.line_width)
    calls["lay out"] = lambda: Drawing(marks, *_TILE, INK.line_width)
    calls["draw"] = lambda: drawing.draw(planes)
    return calls


def _changes() -> list[ByteArray]:
    """Return the heat's levels at successive detect frames, a minute after it began."""
    heat, changes = Heat(WIDTH, HEIGHT), []
    for number in range(_WARM_UP_UPDATES + _ROUNDS * _CALLS):
        heat.map.update(tracks_at(number * _INTERVAL_S))
        changes.append(heat.levels(number * _INTERVAL_S))
    return changes[_WARM_UP_UPDATES:]


def _following(layer: HeatLayer, changes: list[ByteArray]) -> Callable[[], None]:
    """Return a call that prepares the heat of the next detect frame."""
    ink = heat_ink(INK)
    layer.prepare(changes[0], ink)
    turns = iter(changes)
    return lambda: layer.prepare(next(turns), ink)


def _preparing(layer: HeatLayer, levels: ByteArray) -> Callable[[], None]:
    """Return a call that prepares a heat all of which has changed since the call before."""
    ink = heat_ink(INK)
    turns = [levels, np.where(levels > 9, levels - 9, levels).astype(np.uint8)]

    def prepare() -> None:
        layer.prepare(turns[0], ink)
        turns.reverse()

    return prepare


def _blending(layer: HeatLayer, planes: Planes) -> Callable[[], None]:
    return lambda: layer.blend(planes)


def _heat_rows(steps: _Steps, heat: Heat) -> list[Row]:
    count = len(heat.map.half_lives_s)
    name = f"HeatMap.update, {PEOPLE} people, {count} half-lives"
    return [
        steps.row(name, "update", _US, 50),
        steps.row("share, scale and levels of the grid", "levels"),
    ]


def _layer_rows(steps: _Steps, heat: Heat) -> list[Row]:
    levels = heat.levels(_WARM_UP_UPDATES * _INTERVAL_S)
    covered = f"heat in {np.count_nonzero(levels) / levels.size:.0%} of the cells"
    rows = []
    for name, note in (("", covered), ("full ", "heat in all cells")):
        for width, height in ((WIDTH, HEIGHT), _TILE):
            size = f"{width}×{height}{', heat all over' if name else ''}"
            has_target = width == WIDTH
            prepare, blend = f"{name}prepare {width}", f"{name}blend {width}"
            if not name:
                what = f"prepare the blend, {size}, from one detect frame to the next"
                target = 0.5 if has_target else None
                rows.append(steps.row(what, f"follow {width}", _MS, target, note))
            what = f"prepare the blend, {size}, all of it anew"
            rows.append(steps.row(what, prepare, note=note))
            target = 0.8 if has_target else None
            rows.append(steps.row(f"blend, {size}", blend, _MS, target))
    return rows


def _mark_rows(steps: _Steps) -> list[Row]:
    what = f"{PEOPLE} people, 2 lines and 2 zones, {_TILE[0]}×{_TILE[1]}"
    note = "boxes, labels with confidence and trails; lines and zones with counts"
    return [
        steps.row(f"lay out {what}", "lay out", note="once a detect frame"),
        steps.row(f"draw {what}", "draw", _MS, 1, note),
    ]


def _peer_rows(steps: _Steps) -> list[Row]:
    size = f"{WIDTH}×{HEIGHT}"
    rows = [
        steps.row(
            f"Ultralytics: heatmap_effect for {PEOPLE} boxes, {size}",
            "library update",
            _US,
            note="one lifetime sum, no decay",
        ),
        steps.row(
            f"Ultralytics: whole process, {size}",
            "library",
            note="the same with colours and blend on BGR, tracks given",
        ),
    ]
    name = f"supervision: HeatMapAnnotator.annotate, {size}"
    if "peer" not in steps.seconds:
        return [*rows, Row(name, None, "ms", note=missing_note())]
    note = "with its defaults: discs at the feet, summed up without decay, blended on BGR"
    return [*rows, steps.row(name, "peer", note=note)]


def _camera_rows(steps: _Steps) -> list[Row]:
    """Return how much of a core the heat of one camera takes, each way."""
    taken = steps.seconds
    changes = 1 / _INTERVAL_S
    a_change_s = taken["update"] + taken["levels"] + taken[f"follow {WIDTH}"]
    ours_s = changes * a_change_s + _SHOWN_FPS * taken[f"blend {WIDTH}"]
    what = f"the heat of a {WIDTH}×{HEIGHT} camera shown at {_SHOWN_FPS} a second"
    note = f"heat changes {changes:g} times a second, and each picture is blended"
    each = "as they are made: all of it for each picture"
    rows = [Row(f"share of a core for {what}", ours_s * 100, "%", note=note)]
    for name, step in (("Ultralytics", "library"), ("supervision", "peer")):
        if step not in taken:
            rows.append(Row(f"{name}: {what}, against ours", None, "", note=missing_note()))
            continue
        ratio = _SHOWN_FPS * taken[step] / ours_s
        rows.append(Row(f"{name}: {what}, against ours", ratio, "times", note=each))
    return rows


def _marks() -> list[AnyMark]:
    tracks = tracks_at(0.0)
    marks: list[AnyMark] = [
        ZoneMark(((0.55, 0.45), (0.9, 0.5), (0.95, 0.9), (0.6, 0.95)), "queue: 4, in 12, out 9"),
        ZoneMark(((0.05, 0.3), (0.3, 0.3), (0.3, 0.6), (0.05, 0.6)), "shelf: 2, in 7, out 5"),
        LineMark((0.1, 0.7), (0.5, 0.7), "below", "door: in 3, out 2"),
        LineMark((0.5, 0.1), (0.45, 0.5), "left", "aisle: in 8, out 8"),
    ]
    for number, box in enumerate(tracks.xyxy.tolist()):
        left, top, right, bottom = box
        middle = (left + right) / 2
        trail = tuple((middle - 0.01 * step, bottom) for step in range(10, -1, -1))
        label = f"person {number} 0.90"
        marks.append(Mark((left, top, right, bottom), label, 0, trail, has_box=True))
    return marks


def _planes(width: int, height: int) -> Planes:
    return (
        np.full((height, width), 120, np.uint8),
        np.full((height // 2, width // 2), 128, np.uint8),
        np.full((height // 2, width // 2), 128, np.uint8),
    )


def _medians_s(calls: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Return the median CPU seconds of each call in this thread."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(_ROUNDS):
        for name, call in calls.items():
            for _ in range(_CALLS):
                began_s = time.thread_time()
                call()
                taken[name].append(time.thread_time() - began_s)
    return {name: statistics.median(values) for name, values in taken.items()}
