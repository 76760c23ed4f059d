from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from heatwall.shapes import Side
from heatwall.simulator.shopper_crowd import gather
from heatwall.simulator.store_views import PictureLine, PictureZone, store_view
from heatwall.simulator.truth import (
    Crossing,
    Dwell,
    Thing,
    Truth,
    crossings_of,
    events,
    inside_polygon,
    load_truth,
    save_truth,
    stays_in,
    thing_of,
)

SQUARE = ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8))


def track(*rows: tuple[float, float, float]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.array(rows, np.float64)


def truth_of(frames: tuple[tuple[Thing, ...], ...]) -> Truth:
    return Truth(
        "Door", 640, 360, 10, len(frames) / 10, (), (), frames,
        (Crossing("a", 0.1, 1, True), Crossing("a", 0.2, 3, False), Crossing("a", 0.3, 5, True)),
        (Dwell("z", 1, 0.0, 2.0),),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("inside", "start", "end", "is_inward"),
    [
        ("below", (0.5, 0.2), (0.5, 0.8), True),
        ("above", (0.5, 0.2), (0.5, 0.8), False),
        ("right", (0.2, 0.5), (0.8, 0.5), True),
        ("left", (0.2, 0.5), (0.8, 0.5), False),
    ],
)
def test_a_crossing_is_inward_when_it_ends_on_the_inside(
    inside: Side, start: tuple[float, float], end: tuple[float, float], is_inward: bool
) -> None:
    ends = ((0.1, 0.5), (0.9, 0.5)) if inside in ("above", "below") else ((0.5, 0.1), (0.5, 0.9))
    for line in (PictureLine("l", *ends, inside), PictureLine("l", *ends[::-1], inside)):
        there = crossings_of(line, track((0.0, *start), (1.0, *end)))
        back = crossings_of(line, track((0.0, *end), (1.0, *start)))
        assert [(round(time, 6), way) for time, way in there] == [(0.5, is_inward)]
        assert [(round(time, 6), way) for time, way in back] == [(0.5, not is_inward)]


def test_passing_beside_the_end_of_a_line_is_no_crossing() -> None:
    line = PictureLine("l", (0.1, 0.5), (0.4, 0.5), "below")
    assert crossings_of(line, track((0, 0.6, 0.2), (1, 0.6, 0.8))) == []


def test_a_track_that_is_out_of_sight_at_the_line_does_not_cross_it() -> None:
    line = PictureLine("l", (0.1, 0.5), (0.9, 0.5), "below")
    gap = track((0, 0.5, 0.4), (1, np.nan, np.nan), (2, 0.5, 0.6))
    assert crossings_of(line, gap) == []


def test_turning_round_before_the_line_counts_nothing_and_behind_it_both_ways() -> None:
    line = PictureLine("l", (0.1, 0.5), (0.9, 0.5), "below")
    short = track((0, 0.5, 0.3), (1, 0.5, 0.45), (2, 0.5, 0.3))
    long = track((0, 0.5, 0.3), (1, 0.5, 0.7), (2, 0.5, 0.3))
    assert crossings_of(line, short) == []
    assert [is_inward for _, is_inward in crossings_of(line, long)] == [True, False]


def test_points_are_told_inside_or_outside_of_a_polygon_that_is_not_convex() -> None:
    arrow = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 0.4), (0.0, 1.0))
    points = np.array([(0.5, 0.2), (0.5, 0.7), (0.1, 0.6), (1.2, 0.1)])
    assert inside_polygon(arrow, points).tolist() == [True, False, True, False]


def test_each_stay_in_a_zone_has_its_own_times() -> None:
    zone = PictureZone("z", SQUARE)
    path = track((0, 0.1, 0.5), (1, 0.5, 0.5), (2, 0.6, 0.5), (3, 0.9, 0.5), (4, 0.5, 0.5))
    assert stays_in(zone, path) == [(1.0, 2.0), (4.0, 4.0)]


def test_presence_is_the_time_that_feet_stand_in_a_cell() -> None:
    person = Thing(1, 0, (0.4, 0.1, 0.6, 0.55), (0.5, 0.55), 1.0, (0.4, 0.1, 0.6, 0.55))
    cart = Thing(2, 1, (0.1, 0.1, 0.3, 0.9), (0.2, 0.9), 1.0, (0.1, 0.1, 0.3, 0.9))
    outside = Thing(3, 0, (0.4, 0.8, 0.6, 1.0), (0.5, 1.2), 0.4, (0.4, 0.8, 0.6, 1.0))
    grid = truth_of(((person, cart), (person, outside), ())).presence_grid(4, 2)
    assert grid.shape == (2, 4)
    assert grid[1, 2] == pytest.approx(0.2)
    assert grid.sum() == pytest.approx(0.2)


def test_time_runs_round_the_loop() -> None:
    person = Thing(1, 0, (0.4, 0.1, 0.6, 0.5), (0.5, 0.5), 1.0, (0.4, 0.1, 0.6, 0.5))
    truth = truth_of(((), (person,), ()))
    assert truth.at(0.1) == (person,)
    assert truth.at(0.4) == (person,)
    assert truth.at(0.3) == ()


def test_people_are_counted_in_and_out() -> None:
    assert truth_of(((),)).counts("a") == (2, 1)
    assert truth_of(((),)).counts("b") == (0, 0)


def test_truth_is_read_as_it_was_written(tmp_path: Path) -> None:
    view = store_view(0)
    person = Thing(1, 0, (0.4, 0.1, 0.6, 0.5), (0.5, 0.5), 0.75, (0.4, 0.1, 0.6, 0.5))
    frames = ((person,), ())
    truth = Truth("Door", 640, 360, 10, 0.2, view.lines, view.zones, frames, (), ())
    save_truth(truth, tmp_path / "truth.json")
    assert load_truth(tmp_path / "truth.json") == truth


def test_a_file_that_is_no_truth_is_refused(tmp_path: Path) -> None:
    (tmp_path / "truth.json").write_text('{"name": 3}', encoding="utf-8")
    with pytest.raises(msgspec.ValidationError):
        load_truth(tmp_path / "truth.json")


@pytest.mark.parametrize("index", range(4))
def test_crossings_and_stays_agree_with_the_pictures(index: int) -> None:
    view = store_view(index, 320, 180)
    scene = view.scene(12.0)
    crossings, dwells = events(view, scene.crowd)
    fps = 10
    for crossing in crossings:
        line = next(item for item in view.lines if item.name == crossing.line)
        before, after = crossing.time_s - 1 / fps, crossing.time_s + 1 / fps
        if before < 0 or after >= 12.0:
            continue
        feet = []
        for moment in (before, after):
            seen = [s for s in scene.picture(moment)[1] if s.thing == crossing.id]
            feet += [thing_of(s).foot for s in seen]
        if len(feet) == 2 and feet[0] != feet[1]:
            down = feet[1][1] > feet[0][1]
            assert down == (crossing.is_inward == (line.inside == "below"))
    for dwell in dwells:
        assert 0 <= dwell.enter_s < 12.0
        assert dwell.leave_s >= dwell.enter_s


def test_every_demo_camera_has_something_to_count() -> None:
    for index in range(8):
        view = store_view(index)
        crowd = gather(view.layout, view.palette, 20.0, view.seed, view.crowd)
        crossings, dwells = events(view, crowd)
        assert len(crossings) >= 2, view.key
        assert any(dwell.leave_s - dwell.enter_s > 3 for dwell in dwells), view.key
