from __future__ import annotations

import numpy as np
import pytest

from heatwall.overlay import HeatInk, HeatLayer, Planes


def grey(width: int, height: int) -> Planes:
    return (
        np.full((height, width), 100, np.uint8),
        np.full((height // 2, width // 2), 128, np.uint8),
        np.full((height // 2, width // 2), 128, np.uint8),
    )


@pytest.fixture
def ink() -> HeatInk:
    yuv = np.tile(np.array([200, 60, 180], np.uint8), (256, 1))
    alpha = np.linspace(0, 1, 256).astype(np.float32)
    return HeatInk(yuv, alpha)


def test_a_cold_grid_leaves_every_pixel_as_it_was(ink: HeatInk) -> None:
    layer, planes = HeatLayer(64, 36), grey(64, 36)

    layer.prepare(np.zeros((9, 16), np.uint8), ink)
    layer.blend(planes)

    assert all(
        np.array_equal(plane, clean) for plane, clean in zip(planes, grey(64, 36), strict=True)
    )


def test_full_heat_at_full_opacity_becomes_the_ink_in_all_planes(ink: HeatInk) -> None:
    layer, planes = HeatLayer(64, 36), grey(64, 36)

    layer.prepare(np.full((9, 16), 255, np.uint8), ink)
    layer.blend(planes)

    assert [int(plane.min()) for plane in planes] == [200, 60, 180]
    assert [int(plane.max()) for plane in planes] == [200, 60, 180]


def test_heat_in_one_corner_leaves_the_far_corner_untouched(ink: HeatInk) -> None:
    layer, planes = HeatLayer(64, 36), grey(64, 36)
    levels = np.zeros((9, 16), np.uint8)
    levels[:2, :2] = 255

    layer.prepare(levels, ink)
    layer.blend(planes)

    assert planes[0][1, 1] > 150
    assert np.array_equal(planes[0][18:, 32:], grey(64, 36)[0][18:, 32:])


def test_half_opacity_is_halfway(ink: HeatInk) -> None:
    layer, planes = HeatLayer(64, 36), grey(64, 36)

    layer.prepare(np.full((9, 16), 128, np.uint8), ink)
    layer.blend(planes)

    assert int(planes[0][18, 32]) == pytest.approx(150, abs=2)


def test_an_odd_grid_fits_any_even_picture(ink: HeatInk) -> None:
    layer, planes = HeatLayer(354, 198), grey(354, 198)

    layer.prepare(np.full((45, 80), 200, np.uint8), ink)
    layer.blend(planes)

    assert planes[0].min() > 100
