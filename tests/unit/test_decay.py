from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatwall.decay import DecayingGrids
from heatwall.footprint import Marks

HALF_LIVES_S = (0.5, 30.0, 7200.0, None)


def mark(cell: int, share: float = 1.0) -> Marks:
    return np.array([[cell]]), np.array([[share]])


def stay_s(seconds: float, half_life_s: float | None) -> float:
    """Decayed seconds of a stay that ends now: the integral of the decay."""
    if half_life_s is None:
        return seconds
    tau_s = half_life_s / math.log(2)
    return tau_s * (1 - 2 ** (-seconds / half_life_s))


@settings(deadline=None)
@given(st.lists(st.floats(1e-3, 400), min_size=1, max_size=60))
def test_a_stay_adds_the_same_however_its_time_is_split(steps_s: list[float]) -> None:
    grids = DecayingGrids(HALF_LIVES_S, 4, 3)

    for step_s in steps_s:
        grids.let_pass(step_s)
        grids.add(mark(5), np.array([step_s]))

    for index, half_life_s in enumerate(HALF_LIVES_S):
        expected = stay_s(math.fsum(steps_s), half_life_s)
        assert grids.read(index)[1, 1] == pytest.approx(expected, rel=1e-6)
        assert grids.read(index).sum() == grids.read(index)[1, 1]


@settings(deadline=None)
@given(st.lists(st.floats(0, 1e5), max_size=40))
def test_what_is_there_only_ever_decays(waits_s: list[float]) -> None:
    grids = DecayingGrids(HALF_LIVES_S, 4, 3)
    grids.let_pass(1.0)
    grids.add(mark(0), np.array([1.0]))
    last = grids.read_all()

    for wait_s in waits_s:
        grids.let_pass(wait_s)
        now = grids.read_all()
        assert np.isfinite(now).all()
        assert (now >= 0).all()
        assert (now <= last * (1 + 1e-6)).all()
        last = now

    assert last[3].sum() == pytest.approx(1)


@pytest.mark.parametrize("wait_s", [86_400.0, 3e8, 1e300])
def test_the_longest_wait_leaves_zero_and_no_overflow(wait_s: float) -> None:
    grids = DecayingGrids([30.0], 4, 3)
    grids.let_pass(1.0)
    grids.add(mark(0), np.array([1.0]))

    grids.let_pass(wait_s)

    assert grids.read(0).sum() == 0


def test_a_very_long_half_life_is_not_lost_in_rounding_at_a_high_frame_rate() -> None:
    grids = DecayingGrids([86_400.0], 2, 2)
    grids.write(0, np.full((2, 2), 100.0))

    for _ in range(30 * 600):
        grids.let_pass(1 / 30)

    assert grids.read(0)[0, 0] == pytest.approx(100 * 2 ** (-600 / 86_400), rel=1e-6)


def test_a_lifetime_sum_goes_on_growing_after_years() -> None:
    grids = DecayingGrids([None], 2, 2)
    grids.write(0, np.full((2, 2), 1e9))
    before = grids.read(0).astype(np.float64)

    for _ in range(1000):
        grids.let_pass(0.2)
        grids.add(mark(0), np.array([0.2]))

    assert grids.read(0, factor=1.0)[0, 0] - before[0, 0] == pytest.approx(200, abs=64)


def test_an_index_beyond_the_last_cell_with_no_share_changes_nothing() -> None:
    grids = DecayingGrids([30.0, None], 4, 3)
    grids.let_pass(1.0)

    grids.add(mark(4 * 3 - 1 + 4 + 1, share=0.0), np.array([1.0]))

    assert grids.read_all().sum() == 0


def test_reading_gives_a_copy_and_writing_is_read_back_at_any_time() -> None:
    grids = DecayingGrids([30.0], 4, 3)
    grids.let_pass(500.0)
    wanted = np.arange(12, dtype=np.float32).reshape(3, 4)

    grids.write(0, wanted)
    grids.read(0)[:] = 9

    assert grids.read(0) == pytest.approx(wanted)
    assert grids.read(0, factor=2.0) == pytest.approx(2 * wanted)
    assert grids.read_all()[0] == pytest.approx(wanted)
    grids.clear()
    assert grids.read_all().sum() == 0
