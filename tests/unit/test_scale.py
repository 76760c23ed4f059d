from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatwall.scale import HeatScale, levels
from heatwall.values import FloatArray


def warm(share: float) -> FloatArray:
    return np.full((9, 16), share, np.float32)


def test_the_auto_scale_rises_faster_than_it_falls() -> None:
    scale = HeatScale(None)

    scale.follow(warm(0.8), 0.0)
    up = scale.follow(warm(0.8), 10.0)
    down = scale.follow(warm(0.1), 20.0)

    assert up > 0.7
    assert 0.6 < down < up


def test_a_fixed_scale_never_moves() -> None:
    scale = HeatScale(0.25)

    scale.follow(warm(1.0), 0.0)

    assert scale.follow(warm(1.0), 60.0) == scale.value == 0.25


def test_the_auto_scale_rests_while_the_heat_is_near_to_it() -> None:
    scale = HeatScale(None)
    for second in range(100):
        scale.follow(warm(0.5), float(second))
    rest = scale.value

    moved = {scale.follow(warm(0.5 * near), 200.0) for near in (0.9, 0.95, 1.0)}

    assert moved == {rest}


def test_the_auto_scale_never_goes_below_five_per_cent() -> None:
    scale = HeatScale(None)

    assert scale.follow(warm(0.0), 0.0) == 0.05
    assert scale.follow(warm(0.0), 3600.0) == 0.05
    assert scale.follow(warm(0.011), 7200.0) == 0.05


def test_one_hot_cell_does_not_set_the_scale() -> None:
    scale = HeatScale(None)
    share = warm(0.1)
    share[0, 0] = 1.0

    scale.follow(share, 0.0)

    assert scale.follow(share, 600.0) < 0.12


def test_time_that_goes_back_moves_no_scale_and_is_not_counted_twice() -> None:
    scale = HeatScale(None)
    scale.follow(warm(0.8), 100.0)
    before = scale.follow(warm(0.8), 101.0)

    assert scale.follow(warm(0.8), 100.1) == before
    assert scale.follow(warm(0.8), 101.0) == before


def test_the_auto_scale_goes_on_by_another_clock() -> None:
    scale = HeatScale(None)
    scale.follow(warm(0.0), 5000.0)

    assert scale.follow(warm(0.8), 0.0) == 0.05
    assert scale.follow(warm(0.8), 4.0) > 0.3


def test_the_first_heat_is_taken_as_it_is() -> None:
    assert HeatScale(None).follow(warm(0.8), 5000.0) == 0.8


def printed(share: float) -> float:
    """What the page's legend shows: tenths of a per cent below ten, else whole ones."""
    percent = share * 100
    return round(percent, 1 if percent < 10 and abs(percent - round(percent)) >= 0.05 else 0) / 100


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1.2), st.floats(0, 60)), min_size=1, max_size=30))
def test_the_auto_scale_is_always_exactly_what_a_legend_prints(
    steps: list[tuple[float, float]],
) -> None:
    scale = HeatScale(None)
    time_s = 0.0
    for share, dt_s in steps:
        time_s += dt_s
        value = scale.follow(warm(share), time_s)
        assert value == pytest.approx(printed(value), abs=1e-9)
        assert 0.05 <= value <= 1.2


def test_levels_run_from_none_to_full_colour() -> None:
    share = np.array([[0.0, 0.125, 0.25, 9.0, 1e30]], np.float32)

    assert levels(share, 0.25, 1.0).tolist() == [[0, 128, 255, 255, 255]]


def test_levels_survive_the_finest_scale() -> None:
    share = np.array([[0.0, 1.0]], np.float32)

    assert levels(share, 1e-300, 0.7).tolist() == [[0, 255]]


@pytest.mark.parametrize("gamma", [0.1, 0.7, 1.0, 2.5])
def test_levels_are_the_power_of_the_share_of_the_scale(gamma: float) -> None:
    share = np.linspace(0, 0.5, 3600, dtype=np.float32).reshape(45, 80)

    found = levels(share, 0.4, gamma)

    exact = np.minimum((share.astype(np.float64) / 0.4), 1) ** gamma * 255
    assert found.dtype == np.uint8
    assert found.shape == share.shape
    assert np.abs(found - exact).max() <= 0.502
    assert found[0, 0] == 0
