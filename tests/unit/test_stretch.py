from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatwall.regions import Region
from heatwall.stretch import Stretch

SIZES = [((80, 45), (640, 360)), ((80, 45), (177, 99)), ((80, 65), (352, 288)), ((7, 5), (3, 2))]
"""Cells and samples: whole samples a cell, hardly a common line, by one axis alone, and fewer."""


@settings(deadline=None)
@given(st.sampled_from(SIZES), st.data())
def test_a_part_is_what_it_is_in_the_whole(
    sizes: tuple[tuple[int, int], tuple[int, int]], draw: st.DataObject
) -> None:
    (columns, rows), samples = sizes
    top, left = draw.draw(st.integers(0, rows - 1)), draw.draw(st.integers(0, columns - 1))
    cells = Region(
        top,
        draw.draw(st.integers(top + 1, rows)),
        left,
        draw.draw(st.integers(left + 1, columns)),
    )
    chance = np.random.default_rng(draw.draw(st.integers(0, 99)))
    before = chance.integers(0, 256, (rows, columns), dtype=np.uint8)
    after = before.copy()
    after[cells.slices] = chance.integers(0, 256, after[cells.slices].shape, dtype=np.uint8)
    stretched = cv2.resize(before, samples).reshape(samples[::-1])
    wanted = cv2.resize(after, samples).reshape(samples[::-1])

    out = np.empty(samples[0] * samples[1], np.uint8)
    found, inner, reached = Stretch((columns, rows), samples).part(after, cells, out)
    stretched[reached] = found[inner]

    # OpenCV rounds by where a sample lies from the beginning of what it is given.
    assert np.abs(stretched.astype(int) - wanted).max() <= 1


@pytest.mark.parametrize(("cells", "most"), [(Region(10, 12, 10, 12), 48 * 48)])
def test_a_small_part_costs_little(cells: Region, most: int) -> None:
    out = np.empty(640 * 360, np.uint8)

    found, _, _ = Stretch((80, 45), (640, 360)).part(np.zeros((45, 80), np.uint8), cells, out)

    assert found.size <= most
