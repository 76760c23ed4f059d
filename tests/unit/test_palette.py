from __future__ import annotations

import cv2
import numpy as np
import pytest

from heatwall.palette import (
    COLORMAPS,
    alpha_lut,
    heat_png,
    heat_rgba,
    legend,
    lut_rgb,
    parse_colormap,
    yuv_lut,
)


def test_every_colour_map_of_opencv_is_known_by_its_number_there() -> None:
    numbers = {
        name.removeprefix("COLORMAP_").lower(): getattr(cv2, name)
        for name in dir(cv2)
        if name.startswith("COLORMAP_")
    }
    assert numbers == {name: number for number, name in enumerate(COLORMAPS)}


@pytest.mark.parametrize(
    "value",
    ["parula", "Parula", "COLORMAP_PARULA", "colormap_parula", "cv2.COLORMAP_PARULA", 12, "12"],
)
def test_a_colour_map_is_taken_in_every_spelling_that_people_use(value: str | int) -> None:
    assert parse_colormap(value) == "parula"


@pytest.mark.parametrize("number", range(22))
def test_each_of_the_22_is_taken_by_its_name_its_number_and_its_constant(number: int) -> None:
    name = COLORMAPS[number]
    constant = f"COLORMAP_{name.upper()}"
    for value in (name, constant, f"cv2.{constant}", number, getattr(cv2, constant)):
        assert parse_colormap(value) == name


@pytest.mark.parametrize("value", ["infreno", "", 22, -1, "-1", "²", True, "COLORMAP_"])
def test_what_is_no_colour_map_is_refused_with_the_list_of_those_there_are(
    value: str | int,
) -> None:
    with pytest.raises(ValueError, match=r"is not a colour map.*allowed: autumn, .*deepgreen"):
        parse_colormap(value)


def test_a_misspelt_colour_map_gets_a_suggestion() -> None:
    with pytest.raises(ValueError, match=r"did you mean inferno\?"):
        parse_colormap("infreno")


@pytest.mark.parametrize("name", COLORMAPS)
def test_the_colours_are_red_green_and_blue_as_opencv_draws_them(name: str) -> None:
    ramp = np.arange(256, dtype=np.uint8).reshape(1, 256)
    drawn = cv2.applyColorMap(ramp, getattr(cv2, f"COLORMAP_{name.upper()}"))
    assert np.array_equal(lut_rgb(name), cv2.cvtColor(drawn, cv2.COLOR_BGR2RGB)[0])


@pytest.mark.parametrize("name", COLORMAPS)
def test_video_colours_come_back_as_the_screen_colours(name: str) -> None:
    # OpenCV's own conversion is BT.601 limited range too, and nobody here wrote it. One colour
    # fills a whole 2×2 block, so that no chroma is shared between neighbours.
    for colour, (luma, blue, red) in zip(lut_rgb(name), yuv_lut(name), strict=True):
        planes = np.array([luma] * 4 + [blue, red], np.uint8).reshape(3, 2)
        back = cv2.cvtColor(planes, cv2.COLOR_YUV2RGB_I420)[0, 0]
        # Half a level of luma and of chroma lost to rounding is up to 2 levels of a colour.
        assert np.abs(back.astype(int) - colour.astype(int)).max() <= 3


def test_black_and_white_get_the_ends_of_the_limited_range() -> None:
    # The first of `hot` is black and its last is white.
    assert tuple(yuv_lut("hot")[0]) == (16, 128, 128)
    assert tuple(yuv_lut("hot")[255]) == (235, 128, 128)


def test_no_heat_is_unseen_and_opacity_rises_to_its_limit() -> None:
    alpha = alpha_lut(0.65)
    assert alpha.shape == (256,)
    assert alpha.dtype == np.float32
    assert alpha[0] == 0
    assert np.all(np.diff(alpha) >= 0)
    assert alpha[51] == pytest.approx(0.2 * 2.2 * 0.65)
    assert alpha[255] == pytest.approx(0.65)


@pytest.mark.parametrize("opacity", [-0.01, 1.01, float("nan")])
def test_an_opacity_out_of_range_is_refused(opacity: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        alpha_lut(opacity)


def test_the_legend_shows_what_is_blended_into_the_picture() -> None:
    stops = legend("inferno", 0.5, stops=3)
    assert [stop.at for stop in stops] == [0.0, pytest.approx(0.5, abs=0.01), 1.0]
    assert stops[0].alpha == 0
    assert stops[-1].alpha == 0.5
    red, green, blue = lut_rgb("inferno")[255]
    assert stops[-1].color == f"#{red:02x}{green:02x}{blue:02x}"
    assert len(legend("jet", 0.5)) == 12


def test_a_legend_of_one_stop_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        legend("inferno", 0.5, stops=1)


def test_tables_are_shared_and_so_can_not_be_written() -> None:
    for table in (lut_rgb("jet"), yuv_lut("jet"), alpha_lut(1)):
        with pytest.raises(ValueError, match="read-only"):
            table[0] = 1


def test_a_heat_picture_has_the_colours_of_the_map_and_the_alpha_of_the_level() -> None:
    levels = np.arange(256, dtype=np.uint8).reshape(8, 32)

    rgba = heat_rgba(levels, "viridis", 0.65)

    assert rgba.shape == (8, 32, 4)
    assert np.array_equal(rgba[..., :3].reshape(256, 3), lut_rgb("viridis"))
    assert np.array_equal(rgba[..., 3].ravel(), np.rint(255 * alpha_lut(0.65)))
    assert rgba[0, 0, 3] == 0


def test_a_heat_picture_is_as_large_as_was_asked_for() -> None:
    levels = np.zeros((9, 16), np.uint8)
    levels[:, 8:] = 255

    rgba = heat_rgba(levels, "inferno", 1.0, (640, 360))

    assert rgba.shape == (360, 640, 4)
    assert np.all(rgba[:, :300, 3] == 0)
    assert np.all(rgba[:, 340:] == (*lut_rgb("inferno")[255], 255))
    # Between warm and cold the colours are those of the levels in between, not mixtures.
    known = {tuple(colour) for colour in lut_rgb("inferno").tolist()}
    assert {tuple(colour) for colour in rgba[180, :, :3].tolist()} <= known


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (7, 1)])
def test_a_heat_picture_may_be_a_pixel_wide(size: tuple[int, int]) -> None:
    assert heat_rgba(np.full((9, 16), 90, np.uint8), "jet", 0.5, size).shape == (*size[::-1], 4)


@pytest.mark.parametrize("size", [(0, 5), (5, 0), (-1, 5)])
def test_a_heat_picture_of_no_size_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="at least 1×1"):
        heat_rgba(np.zeros((9, 16), np.uint8), "jet", 0.5, size)


def test_the_file_of_a_heat_picture_holds_the_picture() -> None:
    levels = np.random.default_rng(3).integers(0, 256, (45, 80), np.uint8)

    png = heat_png(levels, "turbo", 0.6, (160, 90))

    assert png.startswith(b"\x89PNG\r\n")
    read = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    wanted = heat_rgba(levels, "turbo", 0.6, (160, 90))
    assert np.array_equal(cv2.cvtColor(read, cv2.COLOR_BGRA2RGBA), wanted)


@pytest.mark.parametrize("opacity", [0.0, 0.3, 1.0])
def test_a_hotter_level_is_never_more_transparent(opacity: float) -> None:
    ramp = np.arange(256, dtype=np.uint8)[None]
    alpha = heat_rgba(ramp, "hot", opacity)[0, :, 3].astype(int)
    assert alpha[0] == 0
    assert np.all(np.diff(alpha) >= 0)
    assert alpha[255] == round(255 * opacity)
