"""Where the tiles lie on the screen."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from playwright.async_api import Page

from support.fake_wall import fake_wall

pytestmark = pytest.mark.e2e

BOXES = """() => [...document.querySelectorAll('heat-tile')].map((tile) => {
  const {left, top, right, bottom} = tile.getBoundingClientRect();
  return {left, top, right, bottom};
})"""
WALL_BOX = """() => {
  const {left, top, right, bottom} = document.querySelector('heat-wall').getBoundingClientRect();
  return {left, top, right, bottom};
}"""
SCROLLS = """() => {
  const {scrollWidth, scrollHeight} = document.documentElement;
  return scrollWidth > innerWidth || scrollHeight > innerHeight;
}"""
ALL_LAYOUTS = """async (screens) => {
  const {arrange} = await import('/js/layout.js');
  const {LAYOUTS} = await import('/js/view.js');
  const layouts = [];
  for (const [width, height, aspect] of screens) {
    for (let count = 1; count <= 64; count++) {
      for (const layout of LAYOUTS) {
        const screen = {width, height, pixelRatio: 1};
        const {places, height: all} = arrange(count, layout, screen, aspect);
        layouts.push({width, height, all, aspect, count, layout, places});
      }
    }
  }
  return layouts;
}"""

Box = dict[str, float]


def is_apart(one: Box, other: Box) -> bool:
    return (
        one["right"] <= other["left"]
        or other["right"] <= one["left"]
        or one["bottom"] <= other["top"]
        or other["bottom"] <= one["top"]
    )


def assert_fills(boxes: list[Box], wall: Box) -> None:
    """The tiles lie inside, apart, with hairlines, and reach two opposite edges of the wall."""
    assert all(is_apart(one, other) for one, other in itertools.combinations(boxes, 2))
    assert all(box["left"] >= wall["left"] and box["right"] <= wall["right"] for box in boxes)
    assert all(box["top"] >= wall["top"] and box["bottom"] <= wall["bottom"] for box in boxes)
    used_width = max(box["right"] for box in boxes) - min(box["left"] for box in boxes)
    used_height = max(box["bottom"] for box in boxes) - min(box["top"] for box in boxes)
    spare = (wall["right"] - wall["left"] - used_width, wall["bottom"] - wall["top"] - used_height)
    assert min(spare) <= 3
    area = sum((box["right"] - box["left"]) * (box["bottom"] - box["top"]) for box in boxes)
    assert area > 0.985 * used_width * used_height, "gaps are hairlines"


async def open_wall(page: Page, url: str, count: int) -> None:
    await page.goto(url)
    await page.wait_for_selector(f"heat-wall[data-cameras='{count}'][data-layout]")


@pytest.mark.parametrize("count", [1, 4, 9, 16, 25])
async def test_the_tiles_fill_a_full_hd_screen(page: Page, count: int) -> None:
    async with fake_wall(count, fps=1) as wall:
        await open_wall(page, wall.url, count)
        boxes = await page.evaluate(BOXES)
        assert len(boxes) == count
        assert_fills(boxes, await page.evaluate(WALL_BOX))
        side = round(count**0.5)
        layout = await page.locator("heat-wall").get_attribute("data-layout")
        assert layout == f"{side}x{side}"
        assert not await page.evaluate(SCROLLS)


@pytest.mark.parametrize("count", [1, 4, 9, 16, 25])
async def test_the_tiles_keep_to_a_phones_screen(page: Page, count: int) -> None:
    async with fake_wall(count, fps=1) as wall:
        await page.set_viewport_size({"width": 390, "height": 844})
        await open_wall(page, wall.url, count)
        wall_box = await page.evaluate(WALL_BOX)
        bar = await page.locator("#header").bounding_box()
        assert bar is not None
        assert bar["y"] + bar["height"] == 844, "the bar is where the thumb is"
        assert wall_box == {"left": 0, "top": 0, "right": 390, "bottom": bar["y"]}
        boxes: list[Box] = await page.evaluate(BOXES)
        assert all(is_apart(one, other) for one, other in itertools.combinations(boxes, 2))
        assert all(box["left"] >= 0 and box["right"] <= 390 for box in boxes)
        assert all(box["top"] >= 0 and box["bottom"] <= bar["y"] for box in boxes)
        assert not await page.evaluate(SCROLLS)


async def test_the_layout_follows_the_screen(page: Page) -> None:
    async with fake_wall(4, fps=1) as wall:
        await open_wall(page, wall.url, 4)
        await page.set_viewport_size({"width": 390, "height": 1000})
        await page.wait_for_selector("heat-wall[data-layout='1x4']")
        await page.set_viewport_size({"width": 1800, "height": 300})
        await page.wait_for_selector("heat-wall[data-layout='4x1']")


async def test_the_first_cameras_are_larger_where_there_is_room(page: Page) -> None:
    async with fake_wall(5, fps=1) as wall:
        await open_wall(page, wall.url, 5)
        boxes: list[Box] = await page.evaluate(BOXES)
        widths = [box["right"] - box["left"] for box in boxes]
        assert min(widths[:2]) > 1.3 * max(widths[2:])


async def test_every_layout_is_sound_for_every_number_of_cameras(page: Page) -> None:
    screens = [
        (1920, 1080, 16 / 9),
        (1440, 789, 16 / 9),
        (390, 844, 16 / 9),
        (3840, 2160, 4 / 3),
        (1080, 1920, 9 / 16),
        (1000, 1000, 2.4),
    ]
    async with fake_wall(0) as wall:
        await page.goto(wall.url)
        layouts: list[dict[str, Any]] = await page.evaluate(ALL_LAYOUTS, screens)
    assert len(layouts) == 64 * len(screens) * 6
    for layout in layouts:
        if layout["layout"] == "auto" and layout["width"] > 1000:
            assert layout["all"] == layout["height"], "all cameras are on the screen"
        places = layout["places"]
        assert len(places) == layout["count"]
        boxes = [
            {
                "left": place["left"],
                "top": place["top"],
                "right": place["left"] + place["width"],
                "bottom": place["top"] + place["height"],
            }
            for place in places
        ]
        assert all(is_apart(one, other) for one, other in itertools.combinations(boxes, 2))
        assert min(box["left"] for box in boxes) >= 0
        assert min(box["top"] for box in boxes) >= 0
        assert max(box["right"] for box in boxes) <= layout["width"]
        assert max(box["bottom"] for box in boxes) <= layout["all"] + 0.5
        for place in places:
            # To within the snapping to pixels and the hairlines.
            assert abs(place["width"] - place["height"] * layout["aspect"]) <= 5
