from __future__ import annotations

import numpy as np
import pytest

from heatwall.overlay import HeatInk, Planes
from heatwall.palette import alpha_lut, yuv_lut
from heatwall.render.legend import Legend

INK = HeatInk(yuv_lut("inferno"), alpha_lut(1.0))


def blank(width: int, height: int) -> Planes:
    y = np.full((height, width), 90, np.uint8)
    u, v = (np.full((height // 2, width // 2), 100, np.uint8) for _ in range(2))
    return y, u, v


def test_it_stands_in_the_lower_left_corner_and_nowhere_else() -> None:
    planes = blank(640, 360)

    Legend(INK, 0.7, "of recent time", 360).draw(planes, 0.25)

    rows, columns = np.nonzero(planes[0] != 90)
    assert rows.min() > 320
    assert columns.max() < 400
    assert (planes[1] != 100).any()


def test_half_way_along_the_bar_is_the_colour_of_half_the_scale() -> None:
    planes, gamma = blank(1280, 720), 0.5
    legend = Legend(INK, gamma, "of recent time", 720)
    legend.draw(planes, 0.25)

    bar = legend._bar(101)

    level = round(0.5**gamma * 255)
    assert [int(plane[50]) for plane in bar] == INK.yuv[level].tolist()


def test_it_says_another_scale_as_soon_as_there_is_one() -> None:
    legend = Legend(INK, 0.7, "of recent time", 360)
    first, second, third = blank(640, 360), blank(640, 360), blank(640, 360)

    legend.draw(first, 0.25)
    legend.draw(second, 0.5)
    legend.draw(third, 0.25)

    assert (first[0] != second[0]).any()
    assert (first[0] == third[0]).all()


@pytest.mark.parametrize("size", [(16, 16), (64, 36), (130, 50)])
def test_a_picture_too_small_for_it_gets_what_fits(size: tuple[int, int]) -> None:
    planes = blank(*size)

    Legend(INK, 0.7, "of recent time (half-life 30s)", size[1]).draw(planes, 0.25)

    assert (planes[0] != 90).any()
