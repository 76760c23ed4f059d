from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatwall.heat_state import HeatState


def state(columns: int = 8, rows: int = 4, seed: int = 1) -> HeatState:
    grids = np.random.default_rng(seed).random((2, rows, columns), np.float32)
    return HeatState(columns, rows, (30.0, None), grids, 60.0, "rect", grids.copy())


@settings(deadline=None)
@given(st.integers(1, 20), st.integers(1, 20), st.integers(1, 20), st.integers(1, 20))
def test_on_another_grid_mass_keeps_its_sum_and_cover_its_mean(
    columns: int, rows: int, new_columns: int, new_rows: int
) -> None:
    before = state(columns, rows)

    after = before.on_grid(new_columns, new_rows)

    assert after.grids.shape == (2, new_rows, new_columns)
    assert after.grids.sum(axis=(1, 2)) == pytest.approx(before.grids.sum(axis=(1, 2)), rel=1e-5)
    assert after.grids.min() >= 0
    assert after.covers is not None
    assert before.covers is not None
    assert after.covers.mean() == pytest.approx(before.covers.mean(), rel=1e-5)
    assert after.covers.max() <= before.covers.max() * (1 + 1e-6)


def test_on_a_grid_twice_as_fine_each_cell_is_split_into_four() -> None:
    after = state(8, 4).on_grid(16, 8)

    assert after.on_grid(8, 4).grids == pytest.approx(state(8, 4).grids, rel=1e-6)
    assert after.grids[0, :2, :2] == pytest.approx(state(8, 4).grids[0, 0, 0] / 4)


def test_on_its_own_grid_it_is_itself() -> None:
    one = state()

    assert one.on_grid(8, 4) is one


def test_its_arrays_can_not_be_written() -> None:
    with pytest.raises(ValueError, match="read-only"):
        state().grids[0, 0, 0] = 1


@pytest.mark.parametrize("value", [np.nan, np.inf, -1.0])
@pytest.mark.parametrize("name", ["grids", "covers"])
def test_numbers_that_no_heat_has_are_refused(name: str, value: float) -> None:
    arrays = {key: np.zeros((1, 4, 8), np.float32) for key in ("grids", "covers")}
    arrays[name][0, 1, 2] = value

    with pytest.raises(ValueError, match=f"{name} hold negative, infinite or undefined seconds"):
        HeatState(8, 4, (30.0,), arrays["grids"], 0.0, "rect", arrays["covers"])


@pytest.mark.parametrize("shape", [(4, 8), (1, 8, 4), (2, 4, 8), (1, 4, 8, 1)])
def test_arrays_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"grids are .* allowed: float32 \(1, 4, 8\)"):
        HeatState(8, 4, (30.0,), np.zeros(shape, np.float32), 0.0)


@pytest.mark.parametrize("age_s", [-1.0, float("nan"), float("inf")])
def test_an_age_that_can_not_be_is_refused(age_s: float) -> None:
    with pytest.raises(ValueError, match="an age of"):
        HeatState(8, 4, (30.0,), np.zeros((1, 4, 8), np.float32), age_s)


@pytest.mark.parametrize("half_life_s", [0.0, -1.0, float("nan"), float("inf")])
def test_a_half_life_that_can_not_be_is_refused(half_life_s: float) -> None:
    with pytest.raises(ValueError, match="a half-life of"):
        HeatState(8, 4, (half_life_s,), np.zeros((1, 4, 8), np.float32), 0.0)


def test_a_grid_without_cells_is_refused() -> None:
    with pytest.raises(ValueError, match="a grid of 0×4 cells"):
        HeatState(0, 4, (30.0,), np.zeros((1, 4, 0), np.float32), 0.0)
