from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from heatwall.analysis.counts import CameraCounts
from heatwall.analysis.spec import LineSpec, Polygon
from heatwall.counting.relink import Relinker
from heatwall.status import InOut
from heatwall.values import Tracks
from support.tracks import tracks_at

NAMES = {0: "person", 1: "cart"}
DOOR = LineSpec((0.1, 0.5), (0.9, 0.5), "below")
FLOOR: Polygon = ((0.0, 0.6), (1.0, 0.6), (1.0, 1.0), (0.0, 1.0))
WAY_IN = (0.2, 0.3, 0.4, 0.55, 0.7, 0.8, 0.9)


def counts(names: dict[int, str] | None = None) -> CameraCounts:
    return CameraCounts({"door": DOOR}, {"floor": FLOOR}, NAMES if names is None else names)


def walk(
    camera: CameraCounts,
    ways: Iterable[float] = WAY_IN,
    *,
    number: int = 1,
    class_id: int = 0,
    start_s: float = 0.0,
) -> None:
    """Let somebody walk down the middle, one sighting in 0.5 s."""
    for step, y in enumerate(ways):
        tracks = tracks_at(start_s + step * 0.5, {number: (0.5, y)})
        camera.update(replace(tracks, class_id=np.array([class_id], np.int32)))


def test_lines_and_zones_count_by_the_names_of_classes() -> None:
    camera = counts()
    walk(camera)
    walk(camera, number=2, class_id=1, start_s=10)

    door, floor = camera.lines()["door"], camera.zones()["floor"]
    assert (door.in_count, door.out_count) == (2, 0)
    assert door.classes == {"person": InOut(1, 0), "cart": InOut(1, 0)}
    assert floor.in_count == 2
    assert floor.classes == {"person": InOut(1, 1), "cart": InOut(1, 0)}
    assert (floor.people_now, floor.classes_now) == (1, {"cart": 1})
    assert floor.dwell.visits == 2


def test_a_class_without_a_name_goes_by_its_number() -> None:
    camera = counts({})
    walk(camera, class_id=7)

    assert camera.lines()["door"].classes == {"7": InOut(1, 0)}
    assert camera.zones()["floor"].classes_now == {"7": 1}


def test_what_is_drawn_is_what_is_counted() -> None:
    camera = counts()
    walk(camera)

    (line,), (zone,) = camera.marked_lines(camera.lines()), camera.marked_zones(camera.zones())
    assert (line.name, line.start, line.end, line.inside) == ("door", DOOR.start, DOOR.end, "below")
    assert (line.count_in, line.count_out) == (1, 0)
    assert (zone.name, zone.polygon) == ("floor", FLOOR)
    assert (zone.people, zone.count_in, zone.count_out) == (1, 1, 0)


def test_each_number_is_one_track_however_often_it_is_seen() -> None:
    camera = counts()
    for step, feet in enumerate([{1, 2}, {2}, {2, 3}, set(), {1, 3}, {4, 5}]):
        camera.update(tracks_at(step * 0.2, dict.fromkeys(feet, (0.5, 0.3))))

    assert camera.total_tracks == 5


def tracked(time_s: float, key: int) -> Tracks:
    return tracks_at(time_s, {key: (0.5, 0.4)})


def test_somebody_relinked_under_a_new_id_is_no_new_track() -> None:
    camera, relinker = counts(), Relinker()
    for step, key in enumerate([1, 1, 1, 9, 9]):
        camera.update(relinker.update(tracked(step * 0.2, key)))
    assert relinker.relinked == 1
    assert camera.total_tracks == 1

    relinker.gap()
    camera.gap()
    camera.update(relinker.update(tracked(2.0, 12)))
    assert camera.total_tracks == 2


def test_a_gap_ends_stays_and_ways_and_keeps_what_was_counted() -> None:
    camera = counts()
    walk(camera, WAY_IN[:3])
    camera.gap()
    walk(camera, WAY_IN[4:], start_s=1.5)
    assert camera.lines()["door"].in_count == 0

    walk(camera, WAY_IN, number=2, start_s=10)
    camera.gap()
    assert camera.lines()["door"].in_count == 1
    floor = camera.zones()["floor"]
    assert (floor.people_now, floor.in_count, floor.out_count) == (0, 2, 2)


def test_a_reset_counts_from_zero_and_counts_those_who_are_there_again() -> None:
    camera = counts()
    walk(camera)
    walk(camera, number=2, start_s=3.5)

    camera.reset()

    assert camera.total_tracks == 0
    assert (camera.lines()["door"].in_count, camera.zones()["floor"].in_count) == (0, 0)
    assert camera.zones()["floor"].person_s == 0
    walk(camera, [0.9] * 6, number=2, start_s=7.0)
    assert camera.total_tracks == 1
    assert camera.zones()["floor"].in_count == 1
    assert camera.lines()["door"].in_count == 0


def test_counts_go_on_after_a_restart() -> None:
    before, after = counts(), counts()
    walk(before)

    after.restore(before.line_states(), before.zone_states(), before.total_tracks)

    assert after.lines() == before.lines()
    floor = after.zones()["floor"]
    assert (floor.people_now, floor.in_count, floor.out_count) == (0, 1, 1)
    assert after.total_tracks == 1
    # Numbers begin from 1 again, and are new people.
    walk(after)
    assert after.total_tracks == 2
    assert after.lines()["door"].classes == {"person": InOut(2, 0)}


def test_after_a_change_of_the_config_gone_lines_are_left_out_and_new_ones_begin_at_zero() -> None:
    before = counts()
    walk(before)
    after = CameraCounts(
        {"exit": DOOR}, {"floor": FLOOR, "till": FLOOR}, {0: "customer", 1: "trolley"}
    )

    after.restore(before.line_states(), before.zone_states(), before.total_tracks)

    assert {name: line.in_count for name, line in after.lines().items()} == {"exit": 0}
    assert {name: zone.in_count for name, zone in after.zones().items()} == {"floor": 1, "till": 0}
    # Saved by number, told by the model's present name.
    assert after.zones()["floor"].classes == {"customer": InOut(1, 1)}


def test_lines_and_zones_that_did_not_change_count_on_when_others_come_and_go() -> None:
    camera = counts()
    walk(camera, WAY_IN[:3])
    moved = replace(DOOR, end=(0.8, 0.5))
    lines = {"exit": moved, "door": replace(DOOR)}
    camera.counters = camera.counters.changed(lines, {"till": FLOOR, "floor": FLOOR})
    walk(camera, WAY_IN[3:], start_s=1.5)

    # Somebody who was on the way over the line is counted where the line was there before.
    assert {name: line.in_count for name, line in camera.lines().items()} == {"exit": 0, "door": 1}
    assert list(camera.zones()) == ["till", "floor"]
    assert [mark.name for mark in camera.marked_lines(camera.lines())] == ["exit", "door"]

    camera.counters = camera.counters.changed({"door": moved}, {})
    assert camera.lines()["door"].in_count == 0
    assert camera.marked_lines(camera.lines())[0].end == (0.8, 0.5)
    assert not camera.zones()
    assert not camera.zone_states()
    assert camera.total_tracks == 1


def test_a_line_whose_inside_is_the_other_side_counts_from_zero() -> None:
    camera = counts()
    walk(camera)
    assert camera.lines()["door"].in_count == 1
    lines = {"door": replace(DOOR, inside="above")}
    camera.counters = camera.counters.changed(lines, {"floor": FLOOR})
    assert camera.lines()["door"].in_count == 0
    assert camera.zones()["floor"].in_count == 1
