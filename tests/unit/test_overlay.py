from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatwall.overlay import HeatInk, HeatLayer, Planes
from heatwall.palette import alpha_lut, yuv_lut
from heatwall.values import ByteArray, DoubleArray

SIZES = [(1280, 720), (640, 360), (354, 198), (720, 1280), (1278, 718), (64, 36), (2, 2)]
"""Of blocks and of single pixels, with chroma planes of odd sizes, and tiny."""


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


def people(rows: int, columns: int, seed: int) -> ByteArray:
    """Heat as people make it: spots about two cells wide, up to full colour."""
    random = np.random.default_rng(seed)
    spots = np.zeros((rows, columns), np.float32)
    for _ in range(4):
        spots[random.integers(rows), random.integers(columns)] = random.uniform(20, 60)
    spread: ByteArray = np.clip(cv2.GaussianBlur(spots, (0, 0), 2.0) * 255, 0, 255).astype(np.uint8)
    return spread


def blended(levels: ByteArray, ink: HeatInk, plane: int, size: tuple[int, int]) -> DoubleArray:
    """What grey should become: every pixel interpolated and blended by itself, in numbers."""
    grey_value = (100, 128, 128)[plane]
    level = cv2.resize(levels.astype(np.float64), size, interpolation=cv2.INTER_LINEAR)
    alpha = np.interp(level, np.arange(256), ink.alpha)
    colour = np.interp(level, np.arange(256), ink.yuv[:, plane] * ink.alpha.astype(np.float64))
    wanted: DoubleArray = grey_value * (1 - alpha) + colour
    return wanted


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("colormap", ["inferno", "jet"])
def test_every_pixel_becomes_what_it_or_a_near_one_should(
    size: tuple[int, int], colormap: str
) -> None:
    width, height = size
    ink, planes = HeatInk(yuv_lut(colormap), alpha_lut(0.65)), grey(width, height)
    levels = people(max(1, round(80 * height / width)), 80, seed=1)
    layer = HeatLayer(width, height)

    layer.prepare(levels, ink)
    layer.blend(planes)

    for number, plane in enumerate(planes):
        wanted = blended(levels, ink, number, plane.shape[::-1])
        # A block has the heat of its middle, and blocks drift by at most two pixels across a size
        # that is no multiple of theirs. Rounding takes 1; the crests of jet are narrower than a
        # block on the steepest slopes, and lose 4.
        nearby = np.ones((7, 7), np.uint8)
        assert np.all(plane <= cv2.dilate(wanted, nearby) + 5)
        assert np.all(plane >= cv2.erode(wanted, nearby) - 5)
        assert np.abs(plane - wanted).mean() < 1


@pytest.mark.parametrize("size", [(1280, 720), (640, 360)])
def test_slopes_show_no_bands(size: tuple[int, int]) -> None:
    ink, planes = HeatInk(yuv_lut("inferno"), alpha_lut(0.65)), grey(*size)
    layer = HeatLayer(*size)
    levels = np.tile(np.linspace(0, 255, 80).astype(np.uint8), (45, 1))

    layer.prepare(levels, ink)
    layer.blend(planes)

    # From cold to full colour across the picture: neighbours differ by the least steps there are.
    for plane in planes:
        assert np.abs(np.diff(plane[plane.shape[0] // 2].astype(int))).max() <= 2


@settings(deadline=None)
@given(
    st.sampled_from([(192, 108), (190, 106), (64, 36), (2, 2)]),
    st.integers(1, 40),
    st.integers(1, 40),
    st.lists(st.tuples(st.integers(0, 39), st.integers(0, 39), st.integers(1, 255)), max_size=3),
)
def test_what_no_warm_cell_touches_stays_as_it_was(
    size: tuple[int, int], rows: int, columns: int, spots: list[tuple[int, int, int]]
) -> None:
    levels = np.zeros((rows, columns), np.uint8)
    for row, column, level in spots:
        levels[row % rows, column % columns] = level
    ink, planes = HeatInk(yuv_lut("jet"), alpha_lut(1.0)), grey(*size)
    layer = HeatLayer(*size)

    layer.prepare(levels, ink)
    layer.blend(planes)

    for plane, clean in zip(planes, grey(*size), strict=True):
        reached = cv2.resize(levels.astype(np.float64), plane.shape[::-1]) > 0
        near = cv2.dilate(reached.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
        assert np.array_equal(plane[~near], clean[~near])


@pytest.mark.parametrize("size", [(1280, 720), (640, 360)])
def test_heat_that_has_gone_leaves_nothing_behind(size: tuple[int, int], ink: HeatInk) -> None:
    layer, planes, fresh = HeatLayer(*size), grey(*size), grey(*size)
    layer.prepare(np.full((45, 80), 255, np.uint8), ink)
    layer.blend(grey(*size))
    after = people(45, 80, seed=2)

    layer.prepare(after, ink)
    layer.blend(planes)
    other = HeatLayer(*size)
    other.prepare(after, ink)
    other.blend(fresh)

    assert all(np.array_equal(one, two) for one, two in zip(planes, fresh, strict=True))


def test_levels_may_be_written_over_once_they_are_prepared(ink: HeatInk) -> None:
    layer, planes = HeatLayer(64, 36), grey(64, 36)
    levels = np.full((9, 16), 255, np.uint8)
    layer.prepare(levels, ink)

    levels[:] = 0
    layer.prepare(levels, ink)
    layer.blend(planes)

    assert np.all(planes[0] == 100)


def test_other_ink_on_the_same_heat_is_seen(ink: HeatInk) -> None:
    layer, planes = HeatLayer(64, 36), grey(64, 36)
    levels = np.full((9, 16), 255, np.uint8)
    layer.prepare(levels, ink)

    layer.prepare(levels, HeatInk(np.full((256, 3), 77, np.uint8), ink.alpha))
    layer.blend(planes)

    assert [int(plane.max()) for plane in planes] == [77, 77, 77]


def test_a_grid_of_another_size_takes_the_place_of_the_first(ink: HeatInk) -> None:
    layer, planes = HeatLayer(640, 360), grey(640, 360)
    layer.prepare(np.full((45, 80), 255, np.uint8), ink)
    coarse = np.zeros((9, 16), np.uint8)
    coarse[:, :8] = 255

    layer.prepare(coarse, ink)
    layer.blend(planes)

    assert planes[0][180, 100] == 200
    assert planes[0][180, 500] == 100


def test_planes_that_are_windows_of_wider_rows_are_blended_in_place(ink: HeatInk) -> None:
    # An encoder's rows have a longer stride than the picture is wide.
    rows = tuple(np.full((height, 96), 100, np.uint8) for height in (36, 18, 18))
    layer = HeatLayer(64, 36)

    layer.prepare(np.full((9, 16), 255, np.uint8), ink)
    layer.blend((rows[0][:, :64], rows[1][:, :32], rows[2][:, :32]))

    assert [int(row[:, 0].min()) for row in rows] == [200, 60, 180]
    assert all(np.all(row[:, 64:] == 100) for row in rows)


@pytest.mark.parametrize("size", [(1280, 720), (640, 360), (354, 198)])
def test_heat_that_moves_is_shown_as_if_it_had_been_prepared_at_once(
    size: tuple[int, int], ink: HeatInk
) -> None:
    layer, planes, fresh = HeatLayer(*size), grey(*size), grey(*size)
    still, walking = people(45, 80, seed=1), people(45, 80, seed=2)
    heats = [np.maximum(still, np.roll(walking, min(step, 6), axis=1)) for step in range(12)]
    for levels in heats:
        layer.prepare(levels, ink)
    at_once = HeatLayer(*size)
    at_once.prepare(heats[-1], ink)

    layer.blend(planes)
    at_once.blend(fresh)

    # Once it rests, each band has had its turn; OpenCV may round a level the other way.
    assert max(int(cv2.absdiff(*pair).max()) for pair in zip(planes, fresh, strict=True)) <= 1


def test_heat_that_changes_is_never_shown_more_than_two_levels_off(ink: HeatInk) -> None:
    layer = HeatLayer(640, 360)
    for step in range(40):
        levels = np.full((45, 80), 200 - step, np.uint8)
        planes, wanted = grey(640, 360), grey(640, 360)
        at_once = HeatLayer(640, 360)
        at_once.prepare(levels, ink)
        at_once.blend(wanted)

        layer.prepare(levels, ink)
        layer.blend(planes)

        # The ink is opaque at 255: a level is 100 / 255 of luma.
        off = max(int(cv2.absdiff(*pair).max()) for pair in zip(planes, wanted, strict=True))
        assert off <= 2


def test_heat_is_painted_where_it_went_and_nowhere_else(ink: HeatInk) -> None:
    layer, planes, wanted = HeatLayer(640, 360), grey(640, 360), grey(640, 360)
    before, after = np.zeros((45, 80), np.uint8), np.zeros((45, 80), np.uint8)
    before[:5, :5], after[-5:, -5:] = 200, 200
    at_once = HeatLayer(640, 360)
    at_once.prepare(after, ink)
    at_once.blend(wanted)

    layer.prepare(before, ink)
    layer.prepare(after, ink)
    layer.blend(planes)

    assert planes[0][-1, -1] > 150
    assert all(np.array_equal(one, two) for one, two in zip(planes, wanted, strict=True))
