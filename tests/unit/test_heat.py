from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatwall.footprint import Footprint
from heatwall.heat import MAX_STEP_S, HeatMap, HeatState
from heatwall.kernel import Kernel
from heatwall.values import FloatArray, Tracks
from support.tracks import tracks_at

HALF_LIFE_S = 30.0
TAU_S = HALF_LIFE_S / math.log(2)
HALF_LIVES_S = (HALF_LIFE_S, 600.0, 7200.0, None)
FOOTPRINTS: tuple[Footprint, ...] = ("foot", "circle", "rect")
Box = tuple[float, float, float, float]

INSIDE = st.floats(0, 1, width=32)
ANYWHERE = st.floats(allow_nan=True, allow_infinity=True, width=32)


def stand(heat: HeatMap, seconds: float, fps: float, start_s: float = 0.0) -> float:
    """Let one person stand in the middle; returns the last time."""
    times = [start_s + step / fps for step in range(round(seconds * fps) + 1)]
    for time_s in times:
        heat.update(tracks_at(time_s, {1: (0.5, 0.5)}))
    return times[-1]


def boxes_at(time_s: float, *boxes: Box, ids: list[int] | None = None) -> Tracks:
    count = len(boxes)
    return Tracks(
        time_s,
        np.array(ids or range(1, count + 1), np.int32),
        np.array(boxes, np.float32).reshape(count, 4),
        np.ones(count, np.float32),
        np.zeros(count, np.int32),
    )


def stay_s(seconds: float, half_life_s: float | None) -> float:
    """Decayed seconds of a stay that ends now."""
    if half_life_s is None:
        return seconds
    return half_life_s / math.log(2) * (1 - 2 ** (-seconds / half_life_s))


def coarse(grid: FloatArray, columns: int, rows: int) -> FloatArray:
    """Sum a grid into fewer cells."""
    down, across = grid.shape[0] // rows, grid.shape[1] // columns
    summed: FloatArray = grid.reshape(rows, down, columns, across).sum(axis=(1, 3))
    return summed


@pytest.mark.parametrize("fps", [2, 5, 15, 30])
def test_the_mass_of_a_stay_is_the_decayed_seconds_at_any_frame_rate(fps: float) -> None:
    heat = HeatMap(80, 45, HALF_LIVES_S)

    stand(heat, 60, fps)

    for half_life_s in HALF_LIVES_S:
        expected = stay_s(60, half_life_s)
        assert heat.mass_s(half_life_s).sum() == pytest.approx(expected, rel=1e-6)


def test_one_person_who_never_moves_comes_to_a_share_of_one() -> None:
    heat = HeatMap(81, 45, [HALF_LIFE_S, None])

    stand(heat, 600, 2)

    # Their row's middle is not hit: the feet are at the edge of two cells.
    assert heat.share(HALF_LIFE_S).max() == pytest.approx(1.0, abs=0.001)
    assert heat.share(None).max() == pytest.approx(1.0, abs=0.001)


def test_a_person_between_two_cells_loses_a_little_of_the_peak() -> None:
    heat = HeatMap(80, 45, [HALF_LIFE_S])

    stand(heat, 600, 2)

    assert heat.share(HALF_LIFE_S).max() == pytest.approx(0.94, abs=0.01)


def test_heat_halves_in_a_half_life_after_people_left() -> None:
    heat = HeatMap(80, 45, [HALF_LIFE_S])
    end_s = stand(heat, 20, 5)
    before = heat.mass_s(HALF_LIFE_S)

    heat.update(tracks_at(end_s + HALF_LIFE_S, {}))

    assert heat.mass_s(HALF_LIFE_S) == pytest.approx(before / 2, rel=1e-6)


def test_a_lifetime_sum_never_decays() -> None:
    heat = HeatMap(80, 45, [None])
    end_s = stand(heat, 10, 5)

    heat.update(tracks_at(end_s + 86_400, {}))

    assert heat.mass_s(None).sum() == pytest.approx(10, rel=1e-4)
    assert heat.age_s == pytest.approx(86_410)
    assert heat.share(None).max() == pytest.approx(0.94 * 10 / 86_410, rel=0.01)


def test_heat_lies_where_the_feet_were_and_nowhere_else() -> None:
    heat = HeatMap(80, 45, [HALF_LIFE_S])

    stand(heat, 10, 5)

    rows, columns = np.nonzero(heat.mass_s(HALF_LIFE_S))
    assert set(columns) <= {39, 40}
    assert set(rows) <= {21, 22, 23}


def test_a_walk_leaves_a_line_without_gaps() -> None:
    heat = HeatMap(80, 45, [HALF_LIFE_S])

    heat.update(tracks_at(0.0, {1: (0.1, 0.5)}))
    heat.update(tracks_at(0.5, {1: (0.9, 0.5)}))

    line = heat.mass_s(HALF_LIFE_S).sum(axis=0)
    assert np.all(line[10:70] > 0)
    assert line.sum() == pytest.approx(stay_s(0.5, HALF_LIFE_S), rel=1e-6)


def test_a_long_absence_of_a_track_is_credited_with_one_second_only() -> None:
    heat = HeatMap(80, 45, [None])

    heat.update(tracks_at(0.0, {1: (0.5, 0.5)}))
    heat.update(tracks_at(20.0, {1: (0.5, 0.5)}))

    assert heat.mass_s(None).sum() == pytest.approx(MAX_STEP_S, rel=1e-6)


def test_a_track_is_credited_since_it_is_known_to_be_there() -> None:
    heat = HeatMap(80, 45, [None])
    heat.update(tracks_at(0.0, {}))

    late = tracks_at(5.0, {1: (0.5, 0.5), 2: (0.2, 0.5), 3: (0.8, 0.5)})
    heat.update(replace(late, begun_s=np.array([4.6, 1.0, 5.0])))

    across = heat.mass_s(None).sum(axis=0)
    assert across[38:42].sum() == pytest.approx(0.4)
    assert across[14:18].sum() == pytest.approx(MAX_STEP_S)
    assert across.sum() == pytest.approx(0.4 + MAX_STEP_S)


@pytest.mark.parametrize("begun_s", [9.9, 1e9, math.nan, math.inf, -math.inf])
def test_a_beginning_that_can_not_be_is_not_credited(begun_s: float) -> None:
    heat = HeatMap(80, 45, [None])
    heat.update(tracks_at(10.0, {}))

    heat.update(replace(tracks_at(10.2, {1: (0.5, 0.5)}), begun_s=np.array([begun_s])))

    assert heat.mass_s(None).sum() == 0


@pytest.mark.parametrize("interrupt", [HeatMap.gap, HeatMap.reset])
def test_nothing_is_credited_across_a_gap_or_a_reset(interrupt: Callable[[HeatMap], None]) -> None:
    heat = HeatMap(80, 45, [None])

    heat.update(tracks_at(0.0, {1: (0.5, 0.5)}))
    interrupt(heat)
    person = tracks_at(0.5, {1: (0.5, 0.5), 2: (0.2, 0.2)})
    heat.update(replace(person, begun_s=np.array([-0.2, -0.2])))

    assert heat.mass_s(None).sum() == 0


def test_reset_empties_every_half_life_and_the_age() -> None:
    heat = HeatMap(80, 45, [HALF_LIFE_S, None], footprint="rect")
    stand(heat, 5, 5)

    heat.reset()

    assert heat.age_s == 0
    for half_life_s in heat.half_lives_s:
        assert heat.mass_s(half_life_s).sum() == heat.share(half_life_s).sum() == 0


@pytest.mark.parametrize("back_s", [0.0, 0.5, 3.0, 1e9, math.nan])
def test_time_that_stands_still_or_goes_back_changes_nothing(back_s: float) -> None:
    heat = HeatMap(80, 45, HALF_LIVES_S)
    end_s = stand(heat, 5, 5)
    before = [heat.mass_s(half_life_s) for half_life_s in HALF_LIVES_S]

    heat.update(tracks_at(end_s - back_s, {1: (0.5, 0.5), 2: (0.1, 0.1)}))

    assert np.array_equal(before, [heat.mass_s(half_life_s) for half_life_s in HALF_LIVES_S])


def test_a_frame_out_of_order_takes_no_time_from_those_that_follow() -> None:
    heat = HeatMap(80, 45, [None])
    end_s = stand(heat, 5, 5)

    heat.update(tracks_at(end_s - 0.3, {1: (0.5, 0.5)}))
    stand(heat, 5, 5, start_s=end_s)

    assert heat.mass_s(None).sum() == pytest.approx(10)
    assert heat.age_s == pytest.approx(10)


def test_the_heat_goes_on_by_another_clock() -> None:
    heat = HeatMap(80, 45, [HALF_LIFE_S])
    stand(heat, 30, 5, start_s=1e6)

    stand(heat, 30, 5, start_s=20.0)

    assert heat.mass_s(HALF_LIFE_S).sum() == pytest.approx(stay_s(60, HALF_LIFE_S), rel=1e-6)
    assert heat.age_s == pytest.approx(60)
    assert heat.time_s == 50.0


def test_hours_without_anybody_and_a_gap_of_a_day_are_decays_like_any_other() -> None:
    heat = HeatMap(80, 45, HALF_LIVES_S)
    end_s = stand(heat, 10, 5)

    for minute in range(1, 600):
        heat.update(tracks_at(end_s + 60 * minute, {}))
    heat.update(tracks_at(end_s + 86_400, {}))

    for half_life_s in HALF_LIVES_S:
        mass = heat.mass_s(half_life_s)
        left = 1 if half_life_s is None else 2 ** (-86_400 / half_life_s)
        assert mass.sum() == pytest.approx(stay_s(10, half_life_s) * left, rel=1e-5, abs=1e-30)
    stand(heat, 10, 5, start_s=end_s + 86_500)
    expected = stay_s(10, HALF_LIFE_S)
    assert heat.mass_s(HALF_LIFE_S).sum() == pytest.approx(expected, rel=1e-6)


@settings(deadline=None)
@given(st.lists(st.tuples(INSIDE, INSIDE), min_size=2, max_size=20))
def test_mass_is_conserved_on_any_path_in_view(path: list[tuple[float, float]]) -> None:
    heat = HeatMap(20, 11, [None])

    for step, (x, y) in enumerate(path):
        heat.update(boxes_at(step * 0.2, (x, y, x, y)))

    mass = heat.mass_s(None)
    assert mass.min() >= 0
    assert mass.sum() == pytest.approx(0.2 * (len(path) - 1), rel=1e-6)


@pytest.mark.parametrize(
    ("foot", "is_in_view"),
    [
        ((0.5, 1.0), True),
        ((0.5, 1.0000001), True),
        ((0.0, 0.5), True),
        ((1.0, 0.5), True),
        ((0.5, 0.0), True),
        ((0.5, 1.001), False),
        ((-0.001, 0.5), False),
        ((1.001, 0.5), False),
    ],
)
def test_feet_outside_the_picture_add_nothing_those_on_its_edge_do(
    foot: tuple[float, float], is_in_view: bool
) -> None:
    heat = HeatMap(80, 45, [None])
    x, y = foot

    for second in range(3):
        heat.update(boxes_at(second, (x - 0.1, y - 0.2, x + 0.1, y)))

    assert heat.mass_s(None).sum() == pytest.approx(2 if is_in_view else 0)
    assert heat.ignored == 0


@pytest.mark.parametrize("fps", [2, 5, 30])
def test_of_a_walk_out_of_the_picture_and_back_the_time_in_view_counts(fps: int) -> None:
    heat = HeatMap(80, 45, [None])

    for step in range(20 * fps + 1):
        y = 0.8 + 0.4 * math.sin(step / fps)
        heat.update(boxes_at(step / fps, (0.4, y - 0.5, 0.5, y)))

    times = np.linspace(0, 20, 200_001)
    in_view_s = 20 * np.mean(0.8 + 0.4 * np.sin(times) <= 1)
    assert heat.mass_s(None).sum() == pytest.approx(in_view_s, abs=0.1)


@settings(deadline=None)
@given(
    st.lists(st.lists(st.tuples(*[ANYWHERE | INSIDE] * 4), max_size=4), min_size=1, max_size=8),
    st.sampled_from(FOOTPRINTS),
)
def test_no_box_whatever_it_holds_poisons_the_heat(
    updates: list[list[Box]], footprint: Footprint
) -> None:
    heat = HeatMap(20, 11, [HALF_LIFE_S, None], footprint=footprint)

    for step, boxes in enumerate(updates):
        heat.update(boxes_at(step * 0.3, *boxes))

    present_s = sum(0.3 * len(boxes) for boxes in updates)
    for half_life_s in heat.half_lives_s:
        for grid in (heat.mass_s(half_life_s), heat.share(half_life_s)):
            assert np.isfinite(grid).all()
            assert grid.min() >= 0
        assert heat.mass_s(half_life_s).sum() <= present_s + 4


def test_boxes_that_can_not_be_are_counted_and_do_not_hurt_the_others() -> None:
    heat = HeatMap(80, 45, [None])
    nobody = [(math.nan,) * 4, (0.4, 0.2, 0.3, 0.6), (0.3, 0.6, 0.4, 0.2), (1.2, 0.1, 1.3, 0.2)]

    for step in range(11):
        heat.update(boxes_at(step * 0.2, (0.4, 0.3, 0.5, 0.6), *nobody))

    assert heat.mass_s(None).sum() == pytest.approx(2)
    assert heat.ignored == 44


def test_an_id_given_twice_is_one_person() -> None:
    heat = HeatMap(80, 45, [None])

    for step in range(11):
        heat.update(boxes_at(step * 0.2, (0.4, 0.3, 0.5, 0.6), (0.8, 0.3, 0.9, 0.6), ids=[7, 7]))

    assert heat.mass_s(None).sum() == pytest.approx(2)
    assert heat.mass_s(None)[:, 50:].sum() == 0


@settings(deadline=None)
@given(st.lists(st.floats(0.01, 0.9), min_size=1, max_size=30), st.integers(1, 4))
def test_the_mass_is_that_of_the_decayed_person_seconds(steps_s: list[float], people: int) -> None:
    heat = HeatMap(80, 45, HALF_LIVES_S)
    times_s = np.cumsum([0.0, *steps_s])

    for time_s in times_s:
        feet = {
            key: (0.5 + 0.4 * math.sin(time_s + key), 0.5 + 0.4 * math.cos(key * time_s))
            for key in range(1, people + 1)
        }
        heat.update(tracks_at(float(time_s), feet))

    for half_life_s in HALF_LIVES_S:
        expected = people * stay_s(float(times_s[-1]), half_life_s)
        assert heat.mass_s(half_life_s).sum() == pytest.approx(expected, rel=1e-5)


@settings(deadline=None)
@given(st.lists(st.floats(0.001, 0.999), min_size=1, max_size=10))
def test_the_heat_does_not_depend_on_how_time_is_split(cuts: list[float]) -> None:
    straight, cut = HeatMap(80, 45, HALF_LIVES_S), HeatMap(80, 45, HALF_LIVES_S)
    for time_s in (0.0, 1.0):
        straight.update(tracks_at(time_s, {1: (0.3, 0.6)}))
    for time_s in sorted({0.0, *cuts, 1.0}):
        cut.update(tracks_at(time_s, {1: (0.3, 0.6)}))

    for half_life_s in HALF_LIVES_S:
        assert np.allclose(cut.mass_s(half_life_s), straight.mass_s(half_life_s), atol=1e-6)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_order_of_tracks_makes_no_difference(seed: int) -> None:
    chance = random.Random(seed)
    one, other = HeatMap(20, 11, HALF_LIVES_S), HeatMap(20, 11, HALF_LIVES_S)

    for step in range(10):
        feet = [(key, (chance.random(), chance.random())) for key in range(1, 8)]
        feet = feet[: chance.randint(0, 7)]
        one.update(tracks_at(step * 0.3, dict(feet)))
        chance.shuffle(feet)
        other.update(tracks_at(step * 0.3, dict(feet)))

    for half_life_s in HALF_LIVES_S:
        assert np.allclose(one.mass_s(half_life_s), other.mass_s(half_life_s), rtol=1e-5)


def wander(seed: int) -> Callable[[float], dict[int, tuple[float, float]]]:
    """Return three people's places by time, smooth, all through in view."""
    chance = random.Random(seed)
    waves = [[chance.uniform(0.05, 0.5) for _ in range(4)] for _ in range(3)]

    def at(time_s: float) -> dict[int, tuple[float, float]]:
        return {
            key: (
                0.5 + 0.3 * math.sin(a * time_s + key) + 0.1 * math.sin(b * time_s),
                0.6 + 0.2 * math.cos(c * time_s + key) + 0.1 * math.cos(d * time_s),
            )
            for key, (a, b, c, d) in enumerate(waves, start=1)
        }

    return at


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_same_walk_leaves_the_same_heat_on_grids_of_any_size(seed: int) -> None:
    sizes = [(40, 22), (80, 44), (160, 88)]
    heats = [HeatMap(columns, rows, [HALF_LIFE_S]) for columns, rows in sizes]
    at = wander(seed)

    for step in range(300):
        for heat in heats:
            heat.update(tracks_at(step * 0.2, at(step * 0.2)))

    first, *others = (coarse(heat.mass_s(HALF_LIFE_S), 5, 2) for heat in heats)
    for other in others:
        assert other.sum() == pytest.approx(first.sum(), rel=1e-6)
        # Half a cell of the coarsest grid may fall on the other side of a border.
        assert np.abs(other - first).max() <= 0.05 * first.max()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_polyline_leaves_the_same_heat_at_any_frame_rate(seed: int) -> None:
    at = wander(seed)
    corners = [at(corner / 2) for corner in range(121)]
    shares = []
    for fps in (2, 10, 30):
        heat = HeatMap(80, 45, [HALF_LIFE_S])
        for step in range(60 * fps + 1):
            corner, part = divmod(step * 2 / fps, 1)
            here, there = corners[int(corner)], corners[min(int(corner) + 1, 120)]
            feet = {
                key: (x + part * (there[key][0] - x), y + part * (there[key][1] - y))
                for key, (x, y) in here.items()
            }
            heat.update(tracks_at(step / fps, feet))
        shares.append(heat.share(HALF_LIFE_S, Kernel(2.0)))

    for share in shares[1:]:
        assert np.abs(share - shares[0]).max() <= 0.005 * shares[0].max()


@pytest.mark.parametrize("footprint", FOOTPRINTS)
def test_excluded_cells_get_nothing_and_show_nothing(footprint: Footprint) -> None:
    excluded = np.zeros((45, 80), bool)
    excluded[:, :40] = True
    heat = HeatMap(80, 45, [HALF_LIFE_S], footprint=footprint, excluded=excluded)
    free = HeatMap(80, 45, [HALF_LIFE_S], footprint=footprint)

    for one in (heat, free):
        stand(one, 10, 5)

    assert heat.mass_s(HALF_LIFE_S)[excluded].sum() == 0
    assert heat.share(HALF_LIFE_S)[excluded].sum() == 0
    kept = ~excluded
    assert np.array_equal(heat.mass_s(HALF_LIFE_S)[kept], free.mass_s(HALF_LIFE_S)[kept])
    assert heat.mass_s(HALF_LIFE_S).sum() > 0


def test_a_mask_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match=r"excluded is \(80, 45\); allowed: \(45, 80\)"):
        HeatMap(80, 45, [HALF_LIFE_S], excluded=np.zeros((80, 45), bool))


@pytest.mark.parametrize("half_life_s", [0.0, -1.0, math.nan, math.inf])
def test_a_half_life_that_can_not_be_is_refused(half_life_s: float) -> None:
    with pytest.raises(ValueError, match="allowed: above 0, or None"):
        HeatMap(80, 45, [30.0, half_life_s])


@pytest.mark.parametrize("footprint", ["circle", "rect"])
def test_the_share_of_a_cover_is_the_share_of_time_that_the_box_was_there(
    footprint: Footprint,
) -> None:
    heat = HeatMap(80, 45, [HALF_LIFE_S, None], footprint=footprint)

    for step in range(601):
        heat.update(boxes_at(step, (0.4, 0.2, 0.6, 0.8), (0.45, 0.3, 0.55, 0.7)))

    for half_life_s in heat.half_lives_s:
        share = heat.share(half_life_s)
        assert share[22, 39] == pytest.approx(2.0, rel=1e-4)
        assert share[22, 34] == pytest.approx(1.0, rel=1e-4)
        assert share[22, 30] == share[5, 39] == 0
        assert share[10, 33] == pytest.approx(1.0 if footprint == "rect" else 0.0, rel=1e-4)
    # Person-seconds are kept apart, and are the same for all footprints.
    assert heat.mass_s(None).sum() == pytest.approx(1200)


def test_the_part_of_a_box_in_view_gets_its_full_time() -> None:
    heat = HeatMap(80, 45, [None], footprint="rect")

    for second in range(11):
        heat.update(boxes_at(second, (-0.5, 0.5, 0.25, 1.4)))

    assert heat.share(None)[30, :20] == pytest.approx(np.ones(20))
    assert heat.share(None)[:, 20:].sum() == 0
    assert heat.mass_s(None).sum() == 0  # its feet are not in view


@pytest.mark.parametrize("footprint", FOOTPRINTS)
def test_what_was_kept_comes_back_decayed_by_the_down_time(footprint: Footprint) -> None:
    heat = HeatMap(80, 45, HALF_LIVES_S, footprint=footprint)
    stand(heat, 100, 5)

    again = HeatMap(80, 45, HALF_LIVES_S, footprint=footprint)
    again.restore(heat.state(), down_s=50.0)

    for half_life_s in HALF_LIVES_S:
        left = 1 if half_life_s is None else 2 ** (-50 / half_life_s)
        assert again.mass_s(half_life_s) == pytest.approx(heat.mass_s(half_life_s) * left)
        if half_life_s is not None:
            assert again.share(half_life_s) == pytest.approx(heat.share(half_life_s) * left)
    assert again.age_s == pytest.approx(150)
    assert again.share(None) == pytest.approx(heat.share(None) * 100 / 150)


def test_heat_that_came_back_goes_on_as_if_it_had_never_been_away() -> None:
    straight, first = HeatMap(80, 45, HALF_LIVES_S), HeatMap(80, 45, HALF_LIVES_S)
    for heat in (straight, first):
        stand(heat, 100, 5)
    again = HeatMap(80, 45, HALF_LIVES_S)
    again.restore(first.state(), down_s=0.0)
    straight.gap()

    for heat, start_s in ((straight, 100.0), (again, 7e5)):
        heat.update(tracks_at(start_s, {}))
        stand(heat, 100, 5, start_s=start_s)

    for half_life_s in HALF_LIVES_S:
        expected = straight.mass_s(half_life_s).sum()
        assert again.mass_s(half_life_s).sum() == pytest.approx(expected, rel=5e-3)


def test_heat_comes_back_on_a_grid_of_another_size_with_other_half_lives() -> None:
    heat = HeatMap(80, 45, [HALF_LIFE_S, 600.0])
    stand(heat, 20, 5)

    again = HeatMap(64, 48, [90.0, HALF_LIFE_S])
    again.restore(heat.state(), down_s=0.0)

    expected = heat.mass_s(HALF_LIFE_S).sum()
    assert again.mass_s(HALF_LIFE_S).sum() == pytest.approx(expected, rel=1e-5)
    assert again.mass_s(90.0).sum() == 0


def test_a_lifetime_sum_that_begins_empty_begins_its_age_too() -> None:
    heat = HeatMap(80, 45, [HALF_LIFE_S])
    stand(heat, 20, 5)
    again = HeatMap(80, 45, [HALF_LIFE_S, None])

    again.restore(heat.state(), down_s=0.0)

    assert again.age_s == 0


def test_the_cover_of_another_footprint_is_not_taken_over() -> None:
    heat = HeatMap(80, 45, [HALF_LIFE_S], footprint="rect")
    stand(heat, 20, 5)
    again = HeatMap(80, 45, [HALF_LIFE_S], footprint="circle")

    again.restore(heat.state(), down_s=0.0)

    assert again.share(HALF_LIFE_S).sum() == 0
    assert again.mass_s(HALF_LIFE_S).sum() > 0


def test_what_comes_back_stays_out_of_excluded_cells() -> None:
    heat = HeatMap(80, 45, [HALF_LIFE_S])
    stand(heat, 20, 5)
    again = HeatMap(80, 45, [HALF_LIFE_S], excluded=np.ones((45, 80), bool))

    again.restore(heat.state(), down_s=0.0)

    assert again.mass_s(HALF_LIFE_S).sum() == 0


@pytest.mark.parametrize("down_s", [-1.0, math.nan, math.inf])
def test_a_down_time_that_can_not_be_is_refused_and_changes_nothing(down_s: float) -> None:
    heat = HeatMap(80, 45, [HALF_LIFE_S])
    stand(heat, 20, 5)
    before = heat.mass_s(HALF_LIFE_S)

    with pytest.raises(ValueError, match="a down time of"):
        heat.restore(heat.state(), down_s)

    assert np.array_equal(heat.mass_s(HALF_LIFE_S), before)


def test_heat_that_has_seen_nothing_has_a_state_too() -> None:
    state = HeatMap(80, 45, HALF_LIVES_S).state()

    assert isinstance(state, HeatState)
    assert state.age_s == 0
    assert state.grids.sum() == 0


@pytest.mark.parametrize("footprint", FOOTPRINTS)
def test_a_camera_needs_less_than_a_megabyte_also_after_many_people(footprint: Footprint) -> None:
    heat = HeatMap(80, 45, (30.0, 600.0, 7200.0), footprint=footprint)
    chance = random.Random(5)

    for step in range(200):
        feet = {1 + step * 40 + person: (chance.random(), chance.random()) for person in range(40)}
        heat.update(tracks_at(step * 0.2, feet))

    assert heat.nbytes < 1_000_000
