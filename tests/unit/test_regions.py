from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatwall.regions import Region, changed_regions, warm_regions
from heatwall.values import ByteArray


@st.composite
def heats(draw: st.DrawFn) -> ByteArray:
    """A grid with a few warm blocks, those at the edges among them."""
    rows, columns = draw(st.integers(1, 50)), draw(st.integers(1, 80))
    levels = np.zeros((rows, columns), np.uint8)
    for _ in range(draw(st.integers(0, 4))):
        top, left = draw(st.integers(0, rows - 1)), draw(st.integers(0, columns - 1))
        bottom, right = top + draw(st.integers(1, 9)), left + draw(st.integers(1, 9))
        levels[top:bottom, left:right] = draw(st.integers(1, 255))
    return levels


def cover(regions: tuple[Region, ...], width: int, height: int) -> ByteArray:
    """How many regions hold each sample."""
    times = np.zeros((height, width), np.uint8)
    for region in regions:
        assert 0 <= region.top < region.bottom <= height
        assert 0 <= region.left < region.right <= width
        times[region.slices] += 1
    return times


@settings(deadline=None)
@given(heats(), st.integers(1, 200), st.integers(1, 120), st.integers(0, 3000))
def test_every_sample_that_heat_reaches_lies_in_just_one_region(
    levels: ByteArray, width: int, height: int, waste: int
) -> None:
    times = cover(warm_regions(levels, width, height, waste), width, height)

    assert times.max(initial=0) <= 1
    for size in ((width, height), (2 * width, 2 * height)):
        # The chance of rounding to 0 is taken out: any heat at all counts.
        reached = cv2.resize(levels.astype(np.float64), size) > 1e-9
        finer = cv2.resize(times, size, interpolation=cv2.INTER_NEAREST)
        assert not np.any(reached & (finer == 0))


def test_no_heat_has_no_regions() -> None:
    assert warm_regions(np.zeros((45, 80), np.uint8), 320, 180, 0) == ()
    assert warm_regions(np.zeros((0, 0), np.uint8), 320, 180, 0) == ()


def test_heat_all_over_is_one_region() -> None:
    levels = np.full((45, 80), 9, np.uint8)
    assert warm_regions(levels, 320, 180, 0) == (Region(0, 180, 0, 320),)


def test_two_spots_in_opposite_corners_leave_the_rest_alone() -> None:
    levels = np.zeros((45, 80), np.uint8)
    levels[2:6, 2:6] = levels[-6:-2, -6:-2] = 200

    regions = warm_regions(levels, 320, 180, 100)

    assert len(regions) == 2
    assert sum(region.area for region in regions) < 0.05 * 320 * 180


@pytest.mark.parametrize(("waste", "count"), [(0, 2), (100_000, 1)])
def test_regions_are_joined_where_that_adds_no_more_than_allowed(waste: int, count: int) -> None:
    levels = np.zeros((48, 80), np.uint8)
    levels[2:6, 2:6] = levels[10:14, 12:16] = 200

    assert len(warm_regions(levels, 320, 192, waste)) == count


@settings(deadline=None)
@given(heats(), heats(), st.integers(0, 3), st.integers(0, 20), st.integers(0, 500))
def test_cells_too_far_off_lie_in_just_one_region_of_change(
    levels: ByteArray, other: ByteArray, slack: int, turn: int, waste: int
) -> None:
    rows, columns = levels.shape
    shown = cv2.resize(other, (columns, rows), interpolation=cv2.INTER_NEAREST)
    shown = shown.reshape(rows, columns)

    times = cover(changed_regions(levels, shown, slack, turn, waste), columns, rows)

    assert times.max(initial=0) <= 1
    assert not np.any((cv2.absdiff(levels, shown).reshape(rows, columns) > slack) & (times == 0))


@pytest.mark.parametrize("rows", [1, 4, 45])
def test_cells_a_little_off_have_their_turn_within_six_calls(rows: int) -> None:
    levels = np.full((rows, 80), 7, np.uint8)
    shown = np.full((rows, 80), 6, np.uint8)

    for turn in range(5, 11):
        for region in changed_regions(levels, shown, 2, turn, 0):
            shown[region.slices] = levels[region.slices]

    assert np.array_equal(shown, levels)


def test_the_same_levels_are_no_change() -> None:
    levels = np.full((45, 80), 7, np.uint8)
    assert changed_regions(levels, levels, 0, 0, 0) == ()
