from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatwall.footprint import Ground, Marks
from heatwall.values import DoubleArray

COLUMNS, ROWS = 16, 9

PLACES = st.lists(
    st.tuples(
        st.floats(-0.5, COLUMNS - 0.5),
        st.floats(-0.5, ROWS - 0.5),
        st.floats(-0.5, COLUMNS - 0.5),
        st.floats(-0.5, ROWS - 0.5),
    ),
    min_size=1,
    max_size=8,
)


def grid_of(marks: Marks) -> DoubleArray:
    cells, shares = marks
    flat = np.zeros(COLUMNS * ROWS + COLUMNS + 2)
    np.add.at(flat, cells.ravel(), shares.ravel())
    assert flat[COLUMNS * ROWS :].sum() == 0
    return flat[: COLUMNS * ROWS].reshape(ROWS, COLUMNS)


def column(*numbers: float) -> DoubleArray:
    return np.array(numbers, np.float64)[:, None]


@settings(deadline=None)
@given(PLACES)
def test_the_shares_of_a_walk_in_view_sum_to_one(ways: list[tuple[float, ...]]) -> None:
    begin, finish = np.array(ways).T[:2], np.array(ways).T[2:]

    cells, shares = Ground(COLUMNS, ROWS).tread(begin, finish)

    assert shares.sum(axis=0) == pytest.approx(np.ones(len(ways)))
    assert shares.min() >= 0
    assert cells.min() >= 0
    assert (cells[shares > 0] < COLUMNS * ROWS).all()


@settings(deadline=None)
@given(PLACES)
def test_to_know_that_all_are_in_view_changes_nothing(ways: list[tuple[float, ...]]) -> None:
    begin, finish = np.array(ways).T[:2], np.array(ways).T[2:]
    ground = Ground(COLUMNS, ROWS)

    looked = ground.tread(begin, finish)
    known = ground.tread(begin, finish, is_inside=True)

    assert np.array_equal(looked[0], known[0])
    assert np.array_equal(looked[1], known[1])


def test_a_walk_has_its_middle_in_the_middle_of_its_way() -> None:
    grid = grid_of(Ground(COLUMNS, ROWS).tread(column(2.25, 3.5), column(9.75, 6.5)))

    assert (grid.sum(axis=0) * np.arange(COLUMNS)).sum() == pytest.approx(6.0)
    assert (grid.sum(axis=1) * np.arange(ROWS)).sum() == pytest.approx(5.0)


def test_a_walk_is_the_same_there_and_back() -> None:
    ground = Ground(COLUMNS, ROWS)
    there = grid_of(ground.tread(column(2.2, 3.5), column(9.7, 6.1)))
    back = grid_of(ground.tread(column(9.7, 6.1), column(2.2, 3.5)))

    assert there == pytest.approx(back)


@pytest.mark.parametrize("corner", [(-0.5, -0.5), (15.5, -0.5), (-0.5, 8.5), (15.5, 8.5)])
def test_feet_on_the_edge_itself_are_in_the_cell_at_the_edge(corner: tuple[float, float]) -> None:
    grid = grid_of(Ground(COLUMNS, ROWS).tread(column(*corner), column(*corner)))

    assert grid[0 if corner[1] < 0 else -1, 0 if corner[0] < 0 else -1] == 1.0


@pytest.mark.parametrize("place", [(-0.6, 4.0), (15.7, 4.0), (5.0, -0.6), (5.0, 8.7), (40.0, 40.0)])
def test_feet_outside_the_picture_leave_nothing(place: tuple[float, float]) -> None:
    assert grid_of(Ground(COLUMNS, ROWS).tread(column(*place), column(*place))).sum() == 0


def test_of_a_walk_out_of_the_picture_the_part_inside_counts() -> None:
    grid = grid_of(Ground(COLUMNS, ROWS).tread(column(5.0, 4.5), column(5.0, 12.5)))

    assert grid.sum() == pytest.approx(0.5, abs=0.05)


def test_a_jump_across_any_distance_costs_a_bounded_number_of_samples() -> None:
    cells, _ = Ground(COLUMNS, ROWS).tread(column(-1e4, 0.0), column(1e4, 0.0))

    assert len(cells) <= 4 * 64


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (5, 1)])
def test_the_smallest_grids_work(size: tuple[int, int]) -> None:
    cells, shares = Ground(*size).tread(column(-0.5, -0.5), column(size[0] - 0.5, size[1] - 0.5))

    assert shares.sum() == pytest.approx(1)
    assert (cells[shares > 0] < size[0] * size[1]).all()


def test_a_box_covers_its_cells_for_all_of_its_time_and_those_at_its_edge_in_part() -> None:
    box = column(2.5, 1.0, 5.0, 3.25)

    grid = grid_of(Ground(COLUMNS, ROWS).cover_rect(box, box))

    expected = np.zeros((ROWS, COLUMNS))
    expected[1:4, 2:5] = np.outer([1, 1, 0.25], [0.5, 1, 1])
    assert grid == pytest.approx(expected)


@settings(deadline=None)
@given(st.floats(-20, 20), st.floats(-20, 20), st.floats(0, 30), st.floats(0, 30), st.floats(-8, 8))
def test_a_box_covers_the_area_that_it_has_in_view(
    left: float, top: float, width: float, height: float, moved: float
) -> None:
    begin = column(left, top, left + width, top + height)
    finish = begin + moved

    grid = grid_of(Ground(COLUMNS, ROWS).cover_rect(begin, finish))

    samples = 1 + int(np.abs(finish - begin).max())
    part = (np.arange(samples) + 0.5) / samples
    at = begin + (finish - begin) * part
    across = np.clip(at[2], 0, COLUMNS) - np.clip(at[0], 0, COLUMNS)
    down = np.clip(at[3], 0, ROWS) - np.clip(at[1], 0, ROWS)
    assert grid.sum() == pytest.approx((across * down).mean(), abs=1e-6)
    assert grid.max() <= 1 + 1e-9


@pytest.mark.parametrize("radius", [1.0, 2.0, 3.3])
def test_a_disc_is_inscribed_in_the_middle_of_its_box(radius: float) -> None:
    box = column(8 - radius, 4.5 - radius, 8 + radius, 4.5 + radius)
    tall = column(8 - radius, 0.0, 8 + radius, 9.0)
    ground = Ground(COLUMNS, ROWS)

    grid = grid_of(ground.cover_circle(box, box))

    assert grid == pytest.approx(grid_of(ground.cover_circle(tall, tall)))
    assert grid.sum() == pytest.approx(math.pi * radius**2, rel=0.03, abs=0.4)
    assert grid[4, 8] == 1.0
    assert grid == pytest.approx(grid[:, ::-1])


def test_of_a_disc_partly_outside_the_part_in_view_counts() -> None:
    box = column(-3.0, 1.5, 3.0, 7.5)

    grid = grid_of(Ground(COLUMNS, ROWS).cover_circle(box, box))

    assert grid.sum() == pytest.approx(math.pi * 9 / 2, rel=0.05)
    assert grid[:, 5:].sum() == 0


@settings(deadline=None)
@given(
    st.lists(st.tuples(*[st.floats(-16, 32)] * 2, *[st.floats(0, 40)] * 2), min_size=1, max_size=5)
)
def test_any_boxes_cover_cells_of_the_grid_for_at_most_their_time(
    boxes: list[tuple[float, float, float, float]],
) -> None:
    edges = np.array([(x, y, x + width, y + height) for x, y, width, height in boxes]).T
    ground = Ground(COLUMNS, ROWS)

    for cells, shares in (
        ground.cover_rect(edges, edges[:, ::-1]),
        ground.cover_circle(edges, edges[:, ::-1]),
    ):
        assert np.isfinite(shares).all()
        assert shares.min() >= 0
        assert cells.min() >= 0
        assert cells.max() < COLUMNS * ROWS
        assert grid_of((cells, shares)).max() <= len(boxes) + 1e-9
