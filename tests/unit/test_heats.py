from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from heatwall.analysis.heats import CameraHeats, covered
from heatwall.analysis.spec import AnalysisSpec, Polygon
from heatwall.feet import PersonSize
from heatwall.values import Tracks
from support.tracks import ANALYSIS, tracks_at

NAMES = {0: "person", 1: "cart", 2: "dog"}
PICTURE = (640, 360)
LEFT: Polygon = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
SPEC = replace(ANALYSIS, classes=("person", "cart"), half_lives_s=(30.0, None))
BY_CLASS = replace(SPEC, has_class_heat=True)


def heats(spec: AnalysisSpec = SPEC) -> CameraHeats:
    return CameraHeats(spec, NAMES)


def seen(time_s: float, *people: tuple[int, int, float, float]) -> Tracks:
    """Return tracks of (number, class, x, y), known since a fifth of a second before."""
    tracks = tracks_at(time_s, {number: (x, y) for number, _, x, y in people})
    classes = np.array([class_id for _, class_id, _, _ in people], np.int32)
    return replace(tracks, class_id=classes, begun_s=np.full(len(people), time_s - 0.2))


def stand(
    camera: CameraHeats,
    *people: tuple[int, int, float, float],
    start_s: float = 0.0,
    for_s: float = 10.0,
    sizes: PersonSize | None = None,
) -> float:
    """Let people stand, seen five times a second; returns when they were seen last."""
    steps = round(for_s * 5)
    for step in range(steps + 1):
        camera.update(seen(start_s + step / 5, *people), sizes or PersonSize(), PICTURE)
    return start_s + steps / 5


def test_each_class_has_its_own_heat_and_together_they_are_the_heat_of_all() -> None:
    camera = heats(BY_CLASS)
    now_s = stand(camera, (1, 0, 0.3, 0.8))
    now_s = stand(camera, (1, 0, 0.3, 0.8), (2, 1, 56.5 / 80, 27.5 / 45), start_s=now_s + 0.2)

    for half_life_s in SPEC.half_lives_s:
        everyone, person, cart = (
            camera.reading(half_life_s, name, now_s, 0.25) for name in (None, "person", "cart")
        )
        np.testing.assert_allclose(person.mass_s + cart.mass_s, everyone.mass_s, atol=1e-4)
        np.testing.assert_allclose(person.share + cart.share, everyone.share, atol=1e-4)
        assert person.person_s > cart.person_s > 5
        assert person.age_s == cart.age_s == everyone.age_s
    assert camera.reading(None, "cart", now_s, 0.25).person_s == pytest.approx(10.2, abs=0.01)
    # Somebody who came half way through was there for half of the time.
    assert camera.share(None, "cart").max() == pytest.approx(0.5, abs=0.02)


def test_a_class_never_seen_has_no_heat_and_one_that_does_not_count_is_not_known() -> None:
    camera = heats(BY_CLASS)
    now_s = stand(camera, (1, 0, 0.3, 0.8))

    assert camera.share(30.0, "cart").shape == (45, 80)
    assert not camera.share(30.0, "cart").any()
    assert camera.reading(30.0, "cart", now_s, 0.25).person_s == 0
    with pytest.raises(KeyError, match="cart, person"):
        camera.reading(30.0, "dog", now_s, 0.25)


def test_classes_have_no_heat_of_their_own_unless_that_is_wanted() -> None:
    camera = heats(SPEC)
    now_s = stand(camera, (1, 0, 0.3, 0.8))

    assert list(camera.states(now_s)) == [""]
    with pytest.raises(KeyError, match="none"):
        camera.reading(30.0, "person", now_s, 0.25)


def test_nobody_adds_heat_in_an_excluded_polygon_in_any_heat() -> None:
    camera = heats(replace(BY_CLASS, excluded=(LEFT,)))
    now_s = stand(camera, (1, 0, 0.3, 0.8), (2, 0, 0.7, 0.8))

    for name in (None, "person"):
        reading = camera.reading(30.0, name, now_s, 0.25)
        assert not reading.mass_s[:, :40].any()
        assert not reading.share[:, :40].any()
        assert reading.person_s == pytest.approx(9, abs=1)


def test_who_stands_still_too_long_adds_no_more() -> None:
    camera = heats(replace(BY_CLASS, half_lives_s=(None,), ignore_still_s=4.0))

    now_s = stand(camera, (1, 0, 0.3, 0.8), for_s=20)

    assert camera.reading(None, None, now_s, 0.25).person_s == pytest.approx(4, abs=0.5)
    assert camera.reading(None, "person", now_s, 0.25).person_s == pytest.approx(4, abs=0.5)


def spot(camera: CameraHeats) -> int:
    """How many cells are as warm as half of the warmest."""
    share = camera.share(30.0, None)
    return int((share > share.max() / 2).sum())


def test_a_given_width_of_people_is_how_wide_they_are_shown_from_the_first_frame_on() -> None:
    narrow, wide = heats(), heats()
    stand(narrow, (1, 0, 0.5, 0.5), sizes=PersonSize.given(((0.0, 0.03), (1.0, 0.03))), for_s=1)
    stand(wide, (1, 0, 0.5, 0.5), sizes=PersonSize.given(((0.0, 0.12), (1.0, 0.12))), for_s=1)

    assert spot(wide) > 8 * spot(narrow)


def test_the_kernel_follows_peoples_size_only_now_and_then() -> None:
    camera = heats()
    stand(camera, (1, 0, 0.5, 0.5), for_s=1)
    unknown = spot(camera)
    wide = PersonSize.given(((0.0, 0.12), (1.0, 0.12)))

    stand(camera, (1, 0, 0.5, 0.5), start_s=1.2, for_s=8, sizes=wide)
    assert spot(camera) == unknown

    stand(camera, (1, 0, 0.5, 0.5), start_s=9.4, for_s=1, sizes=wide)
    assert spot(camera) > 3 * unknown


@pytest.mark.parametrize("footprint", ["circle", "rect"])
def test_the_other_footprints_show_where_boxes_were(footprint: str) -> None:
    camera = heats(replace(SPEC, footprint=footprint))  # type: ignore[arg-type]  # by parameter
    stand(camera, (1, 0, 0.5, 0.8), for_s=30)

    # The box is from 0.48 to 0.52 and from 0.6 to 0.8.
    share = camera.share(30.0, None)
    assert share[31, 39] == pytest.approx(0.5, abs=0.01)
    assert share[20, 39] == share[31, 30] == 0
    assert (share[27, 38] > 0.2) == (footprint == "rect")


def test_a_reading_decays_while_the_camera_is_away() -> None:
    camera = heats(replace(SPEC, zones={"left": LEFT}))
    now_s = stand(camera, (1, 0, 0.3, 0.8))
    there = camera.reading(30.0, None, now_s, 0.25)

    assert camera.reading(30.0, None, now_s + 1, 0.25).person_s == there.person_s
    away = camera.reading(30.0, None, now_s + 60, 0.25)

    assert away.person_s == pytest.approx(there.person_s / 4, rel=1e-4)
    assert away.share.max() == pytest.approx(there.share.max() / 4, rel=1e-4)
    assert away.zones_person_s["left"] == pytest.approx(there.person_s / 4, rel=1e-4)
    assert [there.age_s, away.age_s] == pytest.approx([10, 70])


@pytest.mark.parametrize("half_life_s", SPEC.half_lives_s)
def test_a_reading_while_away_is_what_the_heat_is_when_the_camera_is_back(
    half_life_s: float | None,
) -> None:
    camera = heats(SPEC)
    now_s = stand(camera, (1, 0, 0.3, 0.8))
    away = camera.reading(half_life_s, None, now_s + 60, 0.25)

    camera.gap()
    camera.update(seen(now_s + 60), PersonSize(), PICTURE)

    back = camera.reading(half_life_s, None, now_s + 60, 0.25)
    np.testing.assert_allclose(away.mass_s, back.mass_s, rtol=1e-4)
    np.testing.assert_allclose(away.share, back.share, rtol=1e-4)
    assert away.age_s == pytest.approx(back.age_s)


def test_the_person_seconds_of_a_zone_are_those_of_its_cells() -> None:
    camera = heats(replace(SPEC, zones={"left": LEFT, "top": ((0, 0), (1, 0), (1, 0.4), (0, 0.4))}))
    now_s = stand(camera, (1, 0, 0.3, 0.8), (2, 0, 0.8, 0.8), (3, 0, 0.9, 0.8))

    reading = camera.reading(None, None, now_s, 0.25)

    assert reading.zones_person_s == {"left": pytest.approx(10.0, abs=0.3), "top": 0.0}
    assert reading.person_s == pytest.approx(30, abs=0.7)


def test_nobody_is_credited_for_a_gap() -> None:
    camera = heats(SPEC)
    now_s = stand(camera, (1, 0, 0.3, 0.8))
    camera.gap()
    now_s = stand(camera, (1, 0, 0.3, 0.8), start_s=now_s + 0.8, for_s=1)

    assert camera.reading(None, None, now_s, 0.25).person_s == pytest.approx(11.3, abs=0.15)


def test_a_reset_empties_the_heats_of_all_classes_and_their_age() -> None:
    camera = heats(BY_CLASS)
    now_s = stand(camera, (1, 0, 0.3, 0.8))

    camera.reset()

    for name in (None, "person"):
        reading = camera.reading(30.0, name, now_s, 0.25)
        assert (reading.person_s, reading.age_s) == (0, 0)


def test_heats_go_on_after_a_restart_decayed_by_the_time_away() -> None:
    before, after = heats(BY_CLASS), heats(BY_CLASS)
    now_s = stand(before, (1, 0, 0.3, 0.8), (2, 1, 0.7, 0.8))

    after.restore(before.states(now_s), PersonSize(), 30.0, 5000.0)

    assert after.has_grid
    for name in (None, "person", "cart"):
        for half_life_s, left in ((30.0, 0.5), (None, 1.0)):
            old = before.reading(half_life_s, name, now_s, 0.25)
            new = after.reading(half_life_s, name, 5000.0, 0.25)
            np.testing.assert_allclose(new.mass_s, old.mass_s * left, rtol=1e-4)
            assert new.age_s == pytest.approx(40)


def test_heat_saved_while_the_camera_is_away_has_decayed_until_then() -> None:
    camera = heats(replace(BY_CLASS, footprint="rect"))
    now_s = stand(camera, (1, 0, 0.3, 0.8))
    there, away = camera.states(now_s), camera.states(now_s + 60)

    for name in ("", "person"):
        np.testing.assert_allclose(away[name].grids[0], there[name].grids[0] / 4, rtol=1e-4)
        np.testing.assert_array_equal(away[name].grids[1], there[name].grids[1])
        covers = there[name].covers, away[name].covers
        assert covers[0] is not None
        assert covers[1] is not None
        np.testing.assert_allclose(covers[1][0], covers[0][0] / 4, rtol=1e-4)
        assert away[name].age_s == pytest.approx(there[name].age_s + 60)


def test_heat_is_restored_onto_another_grid_and_to_other_half_lives() -> None:
    before = heats(SPEC)
    now_s = stand(before, (1, 0, 0.3, 0.8))
    after = heats(replace(SPEC, half_lives_s=(600.0, 30.0)))
    after.update(seen(5000.0), PersonSize(), (640, 480))

    after.restore(before.states(now_s), PersonSize(), 0.0, 5000.2)

    kept = after.reading(30.0, None, 5000.2, 0.25)
    assert kept.share.shape == (60, 80)
    assert kept.person_s == pytest.approx(
        before.reading(30.0, None, now_s, 0.25).person_s, rel=0.01
    )
    row, column = np.unravel_index(int(kept.mass_s.argmax()), kept.mass_s.shape)
    assert max(abs(int(row) - 0.8 * 60), abs(int(column) - 0.3 * 80)) <= 1
    assert after.reading(600.0, None, 5000.2, 0.25).person_s == 0


def test_class_heats_are_left_out_when_they_are_wanted_no_more() -> None:
    before, after = heats(BY_CLASS), heats(SPEC)
    now_s = stand(before, (1, 0, 0.3, 0.8))

    after.restore(before.states(now_s), PersonSize(), 0.0, 5000.0)

    assert list(after.states(5000.0)) == [""]


def test_remembered_heat_is_shown_as_wide_as_people_are() -> None:
    wide = PersonSize.given(((0.0, 0.12), (1.0, 0.12)))
    before, after = heats(), heats()
    now_s = stand(before, (1, 0, 0.5, 0.5), sizes=wide)

    after.restore(before.states(now_s), wide, 0.0, 5000.0)

    assert spot(after) == spot(before)


@pytest.mark.parametrize("down_s", [-1.0, float("inf"), float("nan")])
def test_an_impossible_time_away_takes_nothing_over(down_s: float) -> None:
    before, after = heats(), heats()
    now_s = stand(before, (1, 0, 0.5, 0.5))

    with pytest.raises(ValueError, match="down time"):
        after.restore(before.states(now_s), PersonSize(), down_s, 5000.0)

    assert not after.has_grid


def test_cells_are_covered_when_their_centre_is() -> None:
    mask = covered([LEFT, ((0.9, 0.9), (1.0, 0.9), (1.0, 1.0), (0.9, 1.0))], (10, 10))

    assert mask.shape == (10, 10)
    assert mask[:, :5].all()
    assert mask.sum() == 51
    assert mask[9, 9]
