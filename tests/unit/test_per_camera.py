from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from heatwall.analysis.heats import CameraHeats, nobody
from heatwall.analysis.per_camera import (
    CameraAnalysis,
    Findings,
    unknown_classes,
)
from heatwall.analysis.spec import LineSpec
from heatwall.feet import PersonSize
from heatwall.values import Detections
from support.faketime import FakeTime
from support.tracks import ANALYSIS, detections_of

NAMES = {0: "person", 1: "cart"}
STANDING = (0.4, 0.3, 0.5, 0.8)


def watch(camera: CameraAnalysis, frames: Sequence[Detections], start_s: float = 0.0) -> Findings:
    """Show a camera frames at five a second; returns what the last one led to."""
    found: list[Findings] = []
    for step, detections in enumerate(frames):
        found.append(camera.update(detections, start_s + step * 0.2, (320, 180)))
    return found[-1]


def person_and_cart() -> Detections:
    return Detections(
        xyxy=np.array([STANDING, (0.7, 0.5, 0.9, 0.9)], np.float32),
        confidence=np.array([0.9, 0.9], np.float32),
        class_id=np.array([0, 1], np.int32),
    )


def test_only_the_wanted_classes_are_tracked_and_counted() -> None:
    camera = CameraAnalysis("door", ANALYSIS, NAMES)

    found = watch(camera, [person_and_cart()] * 3)

    assert found.counts == {"person": 1}
    assert len(found.tracks) == 1


def test_classes_may_be_named_by_number_and_none_means_all() -> None:
    carts = CameraAnalysis("door", replace(ANALYSIS, classes=(1,)), NAMES)
    everything = CameraAnalysis("door", replace(ANALYSIS, classes=None), NAMES)

    only = watch(carts, [person_and_cart()] * 3)
    both = watch(everything, [person_and_cart()] * 3)

    assert only.counts == {"cart": 1}
    assert both.counts == {"person": 1, "cart": 1}


def test_the_heat_is_at_the_feet_and_its_status_is_true_to_it() -> None:
    camera = CameraAnalysis("door", ANALYSIS, NAMES)

    found = watch(camera, [detections_of([STANDING])] * 60)

    levels = np.frombuffer(found.overlay.levels, np.uint8).reshape(45, 80)
    row, column = np.unravel_index(int(levels.argmax()), levels.shape)
    assert abs(int(row) - 0.8 * 45) <= 1
    assert abs(int(column) - 0.45 * 80) <= 1
    assert found.heat.scale == 0.25
    # 12 s of standing with a half-life of 30 s: 1 - 2^(-12/30) = 0.24.
    assert found.heat.peak == pytest.approx(0.24, abs=0.03)
    assert found.heat.legend[0].alpha == 0


def test_a_trail_follows_the_feet_and_forgets_what_is_old() -> None:
    camera = CameraAnalysis("door", ANALYSIS, NAMES)

    places = [0.1 + 0.005 * step for step in range(60)]
    found = watch(camera, [detections_of([(x, 0.3, x + 0.1, 0.8)]) for x in places])

    trail = found.overlay.tracks[0].trail
    assert 15 <= len(trail) <= 21
    assert trail[0][0] < trail[-1][0]


def test_heat_stays_over_a_gap_while_tracks_get_new_ids() -> None:
    camera = CameraAnalysis("door", ANALYSIS, NAMES)
    before = watch(camera, [detections_of([STANDING])] * 10)

    camera.gap()
    after = watch(camera, [detections_of([STANDING])] * 3, start_s=5)

    assert max(after.overlay.levels) >= max(before.overlay.levels) * 0.9
    assert before.tracks.track_id.tolist() == [1]
    assert after.tracks.track_id.tolist() == [2]


def test_an_empty_picture_lets_the_heat_fade() -> None:
    camera = CameraAnalysis(
        "door",
        replace(ANALYSIS, half_lives_s=(2.0,), style=replace(ANALYSIS.style, shown_s=2.0)),
        NAMES,
    )
    hot = watch(camera, [detections_of([STANDING])] * 20)

    cold = watch(camera, [detections_of([])] * 40, start_s=4)

    assert cold.heat.peak < hot.heat.peak / 8
    assert cold.counts == {}


def test_classes_that_the_model_does_not_know_are_found() -> None:
    assert unknown_classes(("person", "dog", 7, 1), NAMES) == ["dog", 7]
    assert unknown_classes(None, NAMES) == []


FLOOR = ((0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0))
WATCHED = replace(
    ANALYSIS, zones={"floor": FLOOR}, lines={"door": LineSpec((0.1, 0.5), (0.9, 0.5), "below")}
)


def stood(for_s: float = 12.0, **changes: object) -> CameraAnalysis:
    """Return a camera before which somebody stood until `for_s`."""
    camera = CameraAnalysis("door", replace(WATCHED, **changes), NAMES)  # type: ignore[arg-type]  # by name
    watch(camera, [detections_of([STANDING])] * round(for_s * 5))
    return camera


def findings_of(camera: CameraAnalysis) -> Findings:
    found = camera.findings()
    assert found is not None
    return found


def test_nothing_is_found_and_nothing_kept_before_the_first_frame() -> None:
    camera = CameraAnalysis("door", WATCHED, NAMES)

    camera.gap()
    camera.reset_heat()
    camera.reset_counts()
    camera.restyle(replace(ANALYSIS.style, colormap="turbo"))

    assert camera.findings() is None
    assert camera.memory(0.0) is None


def test_findings_without_a_frame_are_those_of_the_last_one() -> None:
    camera = CameraAnalysis("door", WATCHED, NAMES)
    last = watch(camera, [detections_of([STANDING])] * 20)

    again = findings_of(camera)

    assert again.overlay == last.overlay
    assert again.heat == last.heat
    assert (again.counts, again.total_tracks) == ({"person": 1}, 1)


def test_after_a_gap_nobody_is_in_the_picture_and_the_heat_is_still_there() -> None:
    camera = stood()
    camera.gap()

    found = findings_of(camera)

    assert (found.counts, found.overlay.tracks) == ({}, ())
    assert found.zones["floor"].people_now == 0
    assert max(found.overlay.levels) > 0


def test_a_change_of_looks_shows_at_once_and_loses_no_heat() -> None:
    camera = stood()
    before = findings_of(camera)

    camera.restyle(
        replace(ANALYSIS.style, colormap="turbo", opacity=0.3, gamma=1.0, is_shown=False)
    )

    after = findings_of(camera)
    assert (after.heat.colormap, after.heat.opacity, after.heat.is_shown) == ("turbo", 0.3, False)
    assert after.heat.legend != before.heat.legend
    assert (after.heat.peak, after.heat.scale) == (before.heat.peak, before.heat.scale)
    # 24 % of a scale of 25 %, no more lifted by gamma.
    assert 0 < np.mean(list(after.overlay.levels)) < np.mean(list(before.overlay.levels))


def test_the_scale_goes_from_fixed_to_automatic_and_back_without_loss_of_heat() -> None:
    camera = stood()
    before = findings_of(camera)

    camera.restyle(replace(ANALYSIS.style, scale=None))
    automatic = findings_of(camera)
    assert automatic.heat.is_auto_scale
    followed = watch(camera, [detections_of([STANDING])] * 50, start_s=12.0)
    assert followed.heat.scale > automatic.heat.scale

    camera.restyle(replace(ANALYSIS.style, scale=0.5))
    fixed = findings_of(camera)
    assert (fixed.heat.is_auto_scale, fixed.heat.scale) == (False, 0.5)
    assert camera.heat(30.0, None, 22.0).scale == 0.5
    assert fixed.heat.peak > before.heat.peak


def test_another_half_life_or_class_is_shown_at_once() -> None:
    camera = stood(has_class_heat=True, classes=("person", "cart"))
    before = findings_of(camera)

    camera.restyle(replace(ANALYSIS.style, shown_s=None))
    lifetime = findings_of(camera)
    camera.restyle(replace(ANALYSIS.style, shown_class="cart"))
    cart = findings_of(camera)
    camera.restyle(replace(ANALYSIS.style, shown_class="person"))
    person = findings_of(camera)

    assert (lifetime.heat.half_life_s, lifetime.heat.shown_class) == (None, None)
    assert lifetime.heat.peak > 0.9 > before.heat.peak
    assert (cart.heat.shown_class, cart.heat.peak) == ("cart", 0)
    assert person.heat.peak == pytest.approx(before.heat.peak, abs=1e-3)


def test_a_reset_of_the_heat_leaves_the_counts_and_the_other_way_round() -> None:
    camera = stood()
    camera.reset_heat()
    found = findings_of(camera)
    assert (found.heat.peak, found.total_tracks) == (0, 1)
    assert found.zones["floor"].in_count == 1

    camera = stood()
    camera.reset_counts()
    found = findings_of(camera)
    assert found.heat.peak > 0.2
    assert (found.total_tracks, found.zones["floor"].in_count) == (0, 0)
    found = watch(camera, [detections_of([STANDING])] * 10, start_s=12.0)
    assert (found.total_tracks, found.zones["floor"].in_count) == (1, 1)


def test_an_automatic_scale_begins_anew_with_the_heat() -> None:
    camera = stood(style=replace(ANALYSIS.style, scale=None))
    assert findings_of(camera).heat.scale > 0.05

    camera.reset_heat()

    assert findings_of(camera).heat.scale == 0.05


def test_what_is_kept_over_a_restart_goes_on_from_there() -> None:
    before = stood()
    memory = before.memory(11.8)
    assert memory is not None
    after = CameraAnalysis("door", WATCHED, NAMES)

    after.remember(memory, 30.0, 5000.0)

    found = findings_of(after)
    assert found.heat.peak == pytest.approx(findings_of(before).heat.peak / 2, abs=1e-3)
    assert (found.counts, found.total_tracks) == ({}, 1)
    assert found.zones["floor"].in_count == 1
    again = watch(after, [detections_of([STANDING])] * 10, start_s=5000.2)
    assert (again.total_tracks, again.zones["floor"].in_count) == (2, 2)
    assert again.heat.peak > found.heat.peak


def test_each_minute_is_noted_over_gaps_resets_and_restarts() -> None:
    wall = FakeTime()
    wall.now_s = 1_700_000_040.0
    before = CameraAnalysis("door", WATCHED, NAMES, wall)
    for step in range(300):  # somebody who comes back and forth over the line
        y = 0.4 + 0.3 * abs((step % 100) / 50 - 1)
        wall.now_s += 0.2
        before.update(detections_of([(0.4, y - 0.3, 0.5, y)]), step * 0.2, (320, 180))
        if step == 150:
            before.reset_counts()
    before.gap()
    memory = before.memory(60.0)
    assert memory is not None
    wall.now_s += 60
    after = CameraAnalysis("door", WATCHED, NAMES, wall)
    after.remember(memory, 60.0, 5000.0)
    after.update(detections_of([]), 5000.0, (320, 180))

    first, *rest = after.history()

    assert first.people == pytest.approx(1, abs=0.05)
    assert (first.at, first.most) == (1_700_000_040, 1)
    assert (first.in_count, first.out_count) == (3, 3)
    assert [minute.people for minute in rest] == [1, 0]


def test_nobody_is_noted_while_the_stream_is_interrupted() -> None:
    wall = FakeTime()
    camera = CameraAnalysis("door", WATCHED, NAMES, wall)
    for step in range(5):
        camera.update(detections_of([STANDING]), step * 0.2, (320, 180))
    camera.gap()
    wall.now_s += 4
    camera.update(detections_of([]), 4.0, (320, 180))
    wall.now_s += 4
    camera.update(detections_of([]), 8.0, (320, 180))

    (minute,) = camera.history()

    assert (minute.people, minute.most) == (0.0, 1)


def test_since_when_the_counts_count_is_known_over_resets_and_restarts() -> None:
    wall = FakeTime()
    before = CameraAnalysis("door", WATCHED, NAMES, wall)
    wall.now_s += 5
    since = [watch(before, [detections_of([])]).counts_since]
    before.reset_counts()
    since.append(findings_of(before).counts_since)
    memory = before.memory(0.2)
    assert memory is not None
    wall.now_s += 60
    for one in (memory, replace(memory, counts_since=None)):
        after = CameraAnalysis("door", WATCHED, NAMES, wall)
        after.remember(one, 60.0, 5000.0)
        since.append(findings_of(after).counts_since)

    assert since == [1000.0, 1005.0, 1005.0, None]


def test_what_is_kept_while_the_camera_is_away_has_decayed() -> None:
    camera = stood()
    there, away = camera.memory(11.8), camera.memory(11.8 + 30)

    assert there is not None
    assert away is not None
    assert away.heats[""].grids[0].sum() == pytest.approx(there.heats[""].grids[0].sum() / 2)


def learnt_sizes() -> CameraAnalysis:
    """Return a camera that has seen people everywhere."""
    camera = CameraAnalysis("door", WATCHED, NAMES)
    people = [(x, y - 0.3, x + 0.12, y) for x, y in ((0.2, 0.5), (0.5, 0.65), (0.7, 0.8))]
    watch(camera, [detections_of(people)] * 120)
    return camera


def test_the_size_of_people_is_remembered_and_used_before_the_first_frame() -> None:
    before = learnt_sizes()
    memory = before.memory(23.8)
    assert memory is not None
    assert memory.sizes.table.any()
    after = CameraAnalysis("door", WATCHED, NAMES)

    after.remember(memory, 0.0, 5000.0)

    again = after.memory(5000.0)
    assert again is not None
    np.testing.assert_array_equal(again.sizes.table, memory.sizes.table)
    old, new = before.heat(30.0, None, 23.8), after.heat(30.0, None, 5000.0)
    np.testing.assert_allclose(new.share, old.share, atol=0.02)


def test_a_given_size_of_people_is_not_replaced_by_a_remembered_one() -> None:
    memory = learnt_sizes().memory(23.8)
    assert memory is not None
    width = ((0.0, 0.03), (1.0, 0.03))
    given = CameraAnalysis("door", replace(WATCHED, person_width=width), NAMES)
    learnt = CameraAnalysis("door", WATCHED, NAMES)

    given.remember(memory, 0.0, 5000.0)
    learnt.remember(memory, 0.0, 5000.0)

    warm = [int((camera.heat(30.0, None, 5000.0).share > 0.1).sum()) for camera in (given, learnt)]
    assert warm[0] < warm[1] / 2


def test_of_a_memory_whose_heat_can_not_be_used_the_counts_are() -> None:
    memory = stood().memory(11.8)
    assert memory is not None
    camera = CameraAnalysis("door", WATCHED, NAMES)

    with pytest.raises(ValueError, match="down time"):
        camera.remember(memory, float("inf"), 5000.0)

    assert camera.findings() is None
    found = watch(camera, [detections_of([])], start_s=5000.2)
    assert (found.total_tracks, found.zones["floor"].in_count) == (1, 1)
    assert found.heat.peak == 0


def test_a_camera_may_be_read_and_changed_while_it_is_updated() -> None:
    camera = CameraAnalysis(
        "door", replace(WATCHED, has_class_heat=True, classes=("person", "cart")), NAMES
    )
    watch(camera, [person_and_cart()])
    faults: list[BaseException] = []
    is_over = threading.Event()

    def read() -> None:
        looks = 0
        try:
            while not is_over.is_set() or looks < 20:
                looks += 1
                style = replace(ANALYSIS.style, scale=None if looks % 2 else 0.25)
                camera.restyle(replace(style, shown_s=None if looks % 3 else 30.0))
                found, memory = camera.findings(), camera.memory(looks * 0.2)
                assert found is not None
                assert memory is not None
                camera.heat(30.0, None, looks * 0.2)
                camera.heat(None, "cart", looks * 0.2)
                camera.history()
                if looks % 10 == 0:
                    camera.reset_heat()
                    camera.reset_counts()
        except BaseException as fault:  # noqa: BLE001 - is raised in the test
            faults.append(fault)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for step in range(120):
        frame = person_and_cart() if step % 7 else detections_of([])
        camera.update(frame, step * 0.2, (320, 180))
        if step % 40 == 39:
            camera.gap()
    is_over.set()
    for reader in readers:
        reader.join(30)

    assert faults == []


LEFT = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
CORNER = ((0.0, 0.0), (0.5, 0.0), (0.0, 1.0))


def test_other_lines_and_zones_are_drawn_and_counted_and_the_old_ones_count_on() -> None:
    camera = stood()
    before = findings_of(camera)

    camera.set_regions({}, {"left": LEFT, "floor": FLOOR})

    found = findings_of(camera)
    assert [mark.name for mark in found.overlay.zones] == ["left", "floor"]
    assert (found.overlay.lines, found.lines) == ((), {})
    assert found.zones["floor"] == before.zones["floor"]
    assert found.zones["left"].in_count == 0
    assert found.heat == before.heat
    after = watch(camera, [detections_of([STANDING])] * 20, start_s=12.0)
    assert after.zones["left"].in_count == 1
    assert after.zones["floor"].in_count == before.zones["floor"].in_count


def test_the_heat_is_told_for_the_zones_that_there_are() -> None:
    camera = stood()
    whole = camera.heat(30.0, None, 11.8).zones_person_s
    assert list(whole) == ["floor"]

    camera.set_regions({}, {"left": LEFT, "floor": FLOOR, "corner": CORNER})

    told = camera.heat(30.0, None, 11.8).zones_person_s
    assert list(told) == ["left", "floor", "corner"]
    assert told["floor"] == whole["floor"]
    assert told["left"] == pytest.approx(whole["floor"], rel=0.1)
    camera.set_regions({}, {"floor": CORNER})
    moved = camera.heat(30.0, None, 11.8).zones_person_s
    assert moved == {"floor": told["corner"]}
    assert told["corner"] != told["floor"]


def test_zones_may_change_before_the_first_frame() -> None:
    camera = CameraAnalysis("door", WATCHED, NAMES)
    camera.set_regions({}, {"left": LEFT})
    assert camera.findings() is None

    found = watch(camera, [detections_of([STANDING])] * 20)

    assert found.zones["left"].in_count == 1
    assert list(camera.heat(30.0, None, 4.0).zones_person_s) == ["left"]


def test_zones_that_were_made_ready_before_the_first_frame_came_are_made_with_it() -> None:
    heats = CameraHeats(WATCHED, NAMES)
    masks = heats.masks({"left": LEFT})
    heats.update(nobody(1.0), PersonSize(), (320, 180))
    heats.set_zones({"left": LEFT}, masks)
    assert list(heats.reading(30.0, None, 1.0, 0.25).zones_person_s) == ["left"]


def test_what_a_snapshot_keeps_is_of_the_lines_and_zones_that_there_are() -> None:
    camera = stood()
    camera.set_regions({}, {"left": LEFT})
    memory = camera.memory(11.8)
    assert memory is not None
    assert (list(memory.lines), list(memory.zones)) == ([], ["left"])
    restarted = CameraAnalysis("door", WATCHED, NAMES)
    restarted.remember(memory, 0.0, 5000.0)
    assert list(findings_of(restarted).zones) == ["floor"]
