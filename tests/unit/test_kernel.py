from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatwall.feet import PersonSize
from heatwall.kernel import Kernel
from heatwall.values import FloatArray

COLUMNS, ROWS = 80, 45
GROWING = [0.4 + 0.12 * row for row in range(ROWS)]
"""As people do: small above, large below."""


def someone(row: int, column: int) -> FloatArray:
    grid = np.zeros((ROWS, COLUMNS), np.float32)
    grid[row, column] = 1
    return grid


@pytest.mark.parametrize("kernel", [Kernel(2.0), Kernel(GROWING), Kernel(GROWING[::-1])])
@pytest.mark.parametrize("row", [0, 7, 22, 38, 44])
def test_one_person_comes_to_one_at_their_own_cell_on_every_row(kernel: Kernel, row: int) -> None:
    spread = kernel.spread(someone(row, 40))

    assert spread[row, 40] == pytest.approx(1)
    assert spread.max() == spread[row, 40]


@pytest.mark.parametrize("row", [4, 22, 36])
def test_a_person_is_round_and_as_wide_as_their_row_says(row: int) -> None:
    kernel = Kernel(GROWING)
    sigma = kernel.sigma_cells[row]

    spread = kernel.spread(someone(row, 40))

    assert spread[row, 40:46] == pytest.approx(spread[row : row + 6, 40], abs=1e-6)
    offsets = np.arange(-2, 3)
    expected = np.exp(-(offsets[:, None] ** 2 + offsets**2) / (2 * sigma**2))
    assert spread[row - 2 : row + 3, 38:43] == pytest.approx(expected, abs=1e-5)


def test_widths_by_row_are_kept_sane_and_close_to_what_was_asked() -> None:
    kernel = Kernel([0.01, 1.7, 3.0, 500.0])

    assert kernel.sigma_cells[0] == pytest.approx(1.0)
    assert kernel.sigma_cells[1:3] == pytest.approx([1.7, 3.0], rel=0.04)
    assert kernel.sigma_cells[3] == pytest.approx(8.0, rel=0.04)


def test_one_width_on_all_rows_is_the_same_as_one_width() -> None:
    grid = np.random.default_rng(3).random((ROWS, COLUMNS), np.float32)
    by_row = Kernel([3.0] * ROWS)

    assert by_row.spread(grid) == pytest.approx(Kernel(by_row.sigma_cells[0]).spread(grid))


def test_bands_of_rows_add_up_to_the_plain_sum_of_gaussians() -> None:
    grid = np.random.default_rng(3).random((ROWS, COLUMNS), np.float32)
    kernel = Kernel(GROWING)

    total = np.zeros((ROWS, COLUMNS))
    for row in range(ROWS):
        sigma = kernel.sigma_cells[row]
        radius = np.ceil(3 * sigma)
        x, y = np.arange(COLUMNS), np.arange(ROWS) - row
        across = np.exp(-((x[:, None] - x) ** 2) / (2 * sigma**2))
        across[np.abs(x[:, None] - x) > radius] = 0
        down = np.where(np.abs(y) <= radius, np.exp(-(y**2) / (2 * sigma**2)), 0)
        total += down[:, None] * (across @ grid[row])

    assert kernel.spread(grid) == pytest.approx(total, rel=1e-4)


@settings(deadline=None)
@given(st.integers(0, ROWS - 1), st.integers(0, COLUMNS - 1), st.integers(0, ROWS - 1))
def test_heat_of_several_people_is_the_sum_of_theirs(row: int, column: int, other: int) -> None:
    kernel = Kernel(GROWING)

    both = kernel.spread(someone(row, column) + someone(other, 11))

    alone = kernel.spread(someone(row, column)) + kernel.spread(someone(other, 11))
    assert np.allclose(both, alone, atol=1e-5)


def test_the_kernel_of_people_is_half_as_wide_as_they_are() -> None:
    size = PersonSize.given([(0.2, 0.05), (0.9, 0.15)])

    kernel = Kernel.of_people(size, COLUMNS, ROWS)

    assert kernel is not None
    assert kernel.sigma_cells[0] == pytest.approx(0.05 * 80 / 2, rel=0.04)
    assert kernel.sigma_cells[-1] == pytest.approx(0.15 * 80 / 2, rel=0.04)


def test_there_is_no_kernel_of_people_before_their_size_is_known() -> None:
    assert Kernel.of_people(PersonSize(), COLUMNS, ROWS) is None


def test_a_grid_of_another_height_is_refused() -> None:
    with pytest.raises(ValueError, match="a grid of 9 rows; allowed: 45"):
        Kernel(GROWING).spread(np.zeros((9, COLUMNS), np.float32))


@pytest.mark.parametrize("sigma", [0.0, -1.0, float("nan"), float("inf")])
def test_a_width_that_can_not_be_is_refused(sigma: float) -> None:
    with pytest.raises(ValueError, match=r"Gaussians \["):
        Kernel(sigma)
    with pytest.raises(ValueError, match=r"Gaussians \["):
        Kernel([2.0, sigma])
    with pytest.raises(ValueError, match="at least one"):
        Kernel([])
