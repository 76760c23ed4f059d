from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatwall.heat import MAX_STEP_S, HeatMap, HeatScale, levels
from support.tracks import tracks_at

HALF_LIFE_S = 30.0
TAU_S = HALF_LIFE_S / math.log(2)


def stand(heat: HeatMap, seconds: float, fps: float, start_s: float = 0.0) -> float:
    """Let one person stand in the middle; returns the last time."""
    times = [start_s + step / fps for step in range(round(seconds * fps) + 1)]
    for time_s in times:
        heat.update(tracks_at(time_s, {1: (0.5, 0.5)}))
    return times[-1]


@pytest.mark.parametrize("fps", [2, 5, 15, 30])
def test_the_mass_of_a_stay_is_the_decayed_seconds_at_any_frame_rate(fps: float) -> None:
    heat = HeatMap(80, 45, [HALF_LIFE_S])

    stand(heat, 60, fps)

    expected = TAU_S * (1 - 2 ** (-60 / HALF_LIFE_S))
    assert heat.mass_s(HALF_LIFE_S).sum() == pytest.approx(expected, rel=1e-4)


def test_one_person_who_never_moves_comes_to_a_share_of_one() -> None:
    heat = HeatMap(80, 45, [HALF_LIFE_S])

    stand(heat, 600, 2)

    # The point lies between four cells, so its bilinear footprint takes a little off the peak.
    assert heat.share(HALF_LIFE_S).max() == pytest.approx(1.0, abs=0.08)


def test_heat_halves_in_a_half_life_after_people_left() -> None:
    heat = HeatMap(80, 45, [HALF_LIFE_S])
    end_s = stand(heat, 20, 5)
    before = heat.mass_s(HALF_LIFE_S).sum()

    heat.update(tracks_at(end_s + HALF_LIFE_S, {}))

    assert heat.mass_s(HALF_LIFE_S).sum() == pytest.approx(before / 2, rel=1e-4)


def test_a_lifetime_sum_never_decays() -> None:
    heat = HeatMap(80, 45, [None])
    end_s = stand(heat, 10, 5)

    heat.update(tracks_at(end_s + 86_400, {}))

    assert heat.mass_s(None).sum() == pytest.approx(10, rel=1e-4)


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
    assert line.sum() == pytest.approx(TAU_S * (1 - 2 ** (-0.5 / HALF_LIFE_S)), rel=1e-4)


def test_a_long_absence_of_a_track_is_credited_with_one_second_only() -> None:
    heat = HeatMap(80, 45, [None])

    heat.update(tracks_at(0.0, {1: (0.5, 0.5)}))
    heat.update(tracks_at(20.0, {1: (0.5, 0.5)}))

    assert heat.mass_s(None).sum() == pytest.approx(MAX_STEP_S, rel=1e-4)


def test_nothing_is_credited_across_a_gap() -> None:
    heat = HeatMap(80, 45, [None])

    heat.update(tracks_at(0.0, {1: (0.5, 0.5)}))
    heat.gap()
    heat.update(tracks_at(0.5, {1: (0.5, 0.5)}))

    assert heat.mass_s(None).sum() == 0


def test_time_that_goes_back_changes_nothing() -> None:
    heat = HeatMap(80, 45, [HALF_LIFE_S])
    end_s = stand(heat, 5, 5)
    before = heat.mass_s(HALF_LIFE_S)

    heat.update(tracks_at(end_s - 3, {1: (0.5, 0.5)}))

    assert np.array_equal(before, heat.mass_s(HALF_LIFE_S))


def test_reset_empties_every_half_life() -> None:
    heat = HeatMap(80, 45, [HALF_LIFE_S, None])
    stand(heat, 5, 5)

    heat.reset()

    assert heat.mass_s(HALF_LIFE_S).sum() == heat.mass_s(None).sum() == 0


@given(
    st.lists(
        st.tuples(st.floats(-0.5, 1.5), st.floats(-0.5, 1.5)),
        min_size=2,
        max_size=20,
    )
)
def test_mass_is_conserved_on_any_path_even_outside_the_picture(
    path: list[tuple[float, float]],
) -> None:
    heat = HeatMap(20, 11, [None])

    for step, foot in enumerate(path):
        heat.update(tracks_at(step * 0.2, {7: foot}))

    mass = heat.mass_s(None)
    assert mass.min() >= 0
    assert mass.sum() == pytest.approx(0.2 * (len(path) - 1), rel=1e-3)


def test_the_auto_scale_rises_faster_than_it_falls() -> None:
    scale = HeatScale(None)
    hot = np.full((4, 4), 0.8, np.float32)
    cold = np.full((4, 4), 0.1, np.float32)

    scale.follow(hot, 0.0)
    up = scale.follow(hot, 10.0)
    down = scale.follow(cold, 20.0)

    assert up > 0.7
    assert down > 0.6


def test_a_fixed_scale_never_moves() -> None:
    scale = HeatScale(0.25)

    scale.follow(np.ones((4, 4), np.float32), 0.0)

    assert scale.follow(np.ones((4, 4), np.float32), 60.0) == 0.25


def test_levels_run_from_none_to_full_colour() -> None:
    share = np.array([[0.0, 0.125, 0.25, 9.0]], np.float32)

    assert levels(share, 0.25, 1.0).tolist() == [[0, 128, 255, 255]]
