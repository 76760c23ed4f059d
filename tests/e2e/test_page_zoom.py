"""Zoom of the large picture, and what a click on it means."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from playwright.async_api import Browser, Page, expect

from heatwall.values import ByteArray
from support.fake_wall import FakeWall, fake_wall

pytestmark = pytest.mark.e2e

BOXES = """() => {
  const tile = document.querySelector('heat-tile[data-focused]');
  return ['frame', 'scene'].map((part) => {
    const {left, top, right, bottom, width, height} =
      tile.querySelector(`[data-part="${part}"]`).getBoundingClientRect();
    return {left, top, right, bottom, width, height};
  });
}"""
SETTLED = """() => {
  const tile = document.querySelector('heat-tile[data-focused]');
  return !document.querySelector('heat-wall[data-moving]')
    && tile.getAnimations({subtree: true}).every(({playState}) => playState !== 'running');
}"""
SCALE = """() => {
  const tile = document.querySelector('heat-tile[data-focused]');
  const [frame, scene] = ['frame', 'scene'].map((part) =>
    tile.querySelector(`[data-part="${part}"]`).getBoundingClientRect().width);
  return scene / frame;
}"""

TURNED = """() => {
  window.turned = new Promise((done) => addEventListener(
    'wheel', () => requestAnimationFrame(done), {once: true, passive: true}));
}"""

Box = dict[str, float]


async def open_large(page: Page, wall: FakeWall, camera: str = "cam2") -> None:
    await page.goto(f"{wall.url}#{camera}")
    await expect(page.locator("heat-tile[data-focused]")).to_have_attribute("data-width", "960")
    await expect(page.get_by_role("button", name="All cameras", exact=True)).to_be_visible()
    await page.wait_for_function(SETTLED)


async def boxes(page: Page) -> tuple[Box, Box]:
    """Return where the frame and the scene in it lie, once they have come to rest."""
    await page.wait_for_function(SETTLED)
    frame, scene = await page.evaluate(BOXES)
    return frame, scene


async def expect_scale(page: Page, scale: float) -> None:
    await page.wait_for_function(f"(wanted) => Math.abs(({SCALE})() - wanted) < 0.02", arg=scale)


async def wheel(page: Page, x: float, y: float, turn: int) -> None:
    """Turn the wheel, and wait until the page has seen it: `mouse.wheel` does not."""
    await page.mouse.move(x, y)
    await page.evaluate(TURNED)
    await page.mouse.wheel(0, turn)
    await page.evaluate("window.turned")


def share_of(scene: Box, x: float, y: float) -> tuple[float, float]:
    return (x - scene["left"]) / scene["width"], (y - scene["top"]) / scene["height"]


def assert_covers(scene: Box, frame: Box) -> None:
    assert scene["left"] <= frame["left"] + 0.5
    assert scene["top"] <= frame["top"] + 0.5
    assert scene["right"] >= frame["right"] - 0.5
    assert scene["bottom"] >= frame["bottom"] - 0.5


async def picture(page: Page, box: Box) -> ByteArray:
    clip: Any = {"x": box["left"], "y": box["top"], "width": box["width"], "height": box["height"]}
    png = np.frombuffer(await page.screenshot(clip=clip), np.uint8)
    return np.asarray(cv2.imdecode(png, cv2.IMREAD_GRAYSCALE), np.uint8)


def likeness(one: ByteArray, other: ByteArray) -> float:
    """Return the correlation of two pictures, 1 for the same; of any sizes."""
    small = [cv2.resize(each, (160, 90)).astype(np.float64).ravel() for each in (one, other)]
    return float(np.corrcoef(small)[0, 1])


async def test_the_wheel_zooms_to_what_is_under_the_pointer(page: Page) -> None:
    async with fake_wall(2, fps=4) as wall:
        wall.cameras["cam2"].shop.is_still = True
        await open_large(page, wall)
        frame, scene = await boxes(page)
        x, y = frame["left"] + frame["width"] * 0.3, frame["top"] + frame["height"] * 0.25
        whole = await picture(page, frame)
        before = share_of(scene, x, y)
        for _ in range(3):
            await wheel(page, x, y, -200)
        await expect(page.locator("heat-tile[data-focused]")).to_have_attribute("data-zoomed", "")
        frame, scene = await boxes(page)
        assert scene["width"] / frame["width"] > 2
        assert share_of(scene, x, y) == pytest.approx(before, abs=0.003)
        assert_covers(scene, frame)
        # Nobody walks: what is seen now is that part of what was seen before.
        shown = await picture(page, frame)
        left, top = share_of(scene, frame["left"], frame["top"])
        right, bottom = share_of(scene, frame["right"], frame["bottom"])
        rows = slice(round(top * whole.shape[0]), round(bottom * whole.shape[0]))
        part = whole[rows, round(left * whole.shape[1]) : round(right * whole.shape[1])]
        middle = slice(shown.shape[0] // 5, shown.shape[0] // 2)
        part_middle = slice(part.shape[0] // 5, part.shape[0] // 2)
        assert likeness(shown[middle], part[part_middle]) > 0.8
        assert likeness(shown, whole) < 0.6


async def test_the_zoom_ends_at_eight_times_and_at_the_whole_picture(page: Page) -> None:
    async with fake_wall(1, fps=2) as wall:
        await open_large(page, wall, "cam1")
        for _ in range(15):
            await wheel(page, 500, 500, -240)
        await expect_scale(page, 8)
        await expect(page.locator(".zoom-badge")).to_have_text("8.0×")
        for _ in range(15):
            await wheel(page, 500, 500, 240)
        await expect_scale(page, 1)
        await expect(page.locator("heat-tile[data-zoomed]")).to_have_count(0)
        await expect(page.locator(".zoom-badge")).to_be_hidden()


async def test_a_trackpads_pinch_zooms_the_picture_and_not_the_page(page: Page) -> None:
    async with fake_wall(1, fps=2) as wall:
        await open_large(page, wall, "cam1")
        await page.keyboard.down("Control")
        for _ in range(6):
            await wheel(page, 500, 500, -12)
        await page.keyboard.up("Control")
        await expect_scale(page, 2.2)
        assert await page.evaluate("visualViewport.scale") == 1


async def test_a_drag_moves_a_zoomed_picture_up_to_its_edge_and_is_no_click(page: Page) -> None:
    async with fake_wall(2, fps=2) as wall:
        await open_large(page, wall)
        await wheel(page, 700, 500, -240)
        await wheel(page, 700, 500, -240)
        _, before = await boxes(page)
        await page.mouse.down()
        await page.mouse.move(750, 520, steps=4)
        await page.mouse.up()
        frame, scene = await boxes(page)
        assert scene["left"] - before["left"] == pytest.approx(50, abs=1)
        assert scene["top"] - before["top"] == pytest.approx(20, abs=1)
        for x, y in ((1900, 1070), *[(20, 60)] * 5):
            await page.mouse.move(900, 500)
            await page.mouse.down()
            await page.mouse.move(x, y, steps=3)
            await page.mouse.up()
            frame, scene = await boxes(page)
            assert_covers(scene, frame)
        assert scene["right"] == pytest.approx(frame["right"], abs=1)
        assert scene["bottom"] == pytest.approx(frame["bottom"], abs=1)
        await expect(page.locator("heat-wall")).to_have_attribute("data-focus", "cam2")


async def test_a_drag_of_the_whole_picture_is_a_click_as_ever(page: Page) -> None:
    async with fake_wall(2, fps=2) as wall:
        await open_large(page, wall)
        await page.mouse.move(600, 500)
        await page.mouse.down()
        await page.mouse.move(640, 500, steps=3)
        await page.mouse.up()
        await expect(page.locator("heat-wall[data-focus]")).to_have_count(0)


async def test_a_double_click_goes_closer_and_back(page: Page) -> None:
    async with fake_wall(2, fps=2) as wall:
        await open_large(page, wall)
        frame, whole = await boxes(page)
        x, y = frame["left"] + 0.25 * frame["width"], frame["top"] + 0.4 * frame["height"]
        await page.mouse.dblclick(x, y)
        await expect_scale(page, 2)
        _, scene = await boxes(page)
        assert share_of(scene, x, y) == pytest.approx(share_of(whole, x, y), abs=0.003)
        await page.mouse.click(x, y)
        await page.mouse.dblclick(x + 200, y)
        await expect_scale(page, 1)
        await expect(page.locator("heat-wall")).to_have_attribute("data-focus", "cam2")
        await page.mouse.click(x, y)
        await expect(page.locator("heat-wall[data-focus]")).to_have_count(0)


async def test_a_double_click_on_the_wall_opens_and_no_more(page: Page) -> None:
    async with fake_wall(2, fps=2) as wall:
        await open_large(page, wall)
        await page.keyboard.press("Escape")
        await expect(page.locator("heat-wall[data-focus]")).to_have_count(0)
        await page.locator("heat-tile[data-camera='cam1']").dblclick()
        await expect(page.locator("heat-wall")).to_have_attribute("data-focus", "cam1")
        await expect(page.locator("heat-tile[data-focused]")).to_have_attribute("data-width", "960")
        await page.wait_for_function(SETTLED)
        await expect(page.locator("heat-wall")).to_have_attribute("data-focus", "cam1")
        await expect(page.locator("heat-tile[data-zoomed]")).to_have_count(0)


async def test_keys_zoom_and_look_about(page: Page) -> None:
    async with fake_wall(2, fps=2) as wall:
        await open_large(page, wall)
        await page.keyboard.press("+")
        await page.keyboard.press("+")
        await expect_scale(page, 2.25)
        _, before = await boxes(page)
        await page.keyboard.press("Shift+ArrowRight")
        await page.keyboard.press("Shift+ArrowDown")
        frame, scene = await boxes(page)
        assert scene["left"] == pytest.approx(before["left"] - 0.12 * frame["width"], abs=1)
        assert scene["top"] == pytest.approx(before["top"] - 0.12 * frame["height"], abs=1)
        await page.keyboard.press("-")
        await expect_scale(page, 1.5)
        await page.keyboard.press("0")
        await expect_scale(page, 1)
        await page.keyboard.press("=")
        await expect_scale(page, 1.5)
        await page.get_by_role("button", name="1.5× closer. The whole picture").click()
        await expect_scale(page, 1)
        await page.keyboard.press("?")
        await expect(page.get_by_role("dialog")).to_contain_text("Look about in a closer picture")


async def test_the_next_camera_begins_whole(page: Page) -> None:
    async with fake_wall(2, fps=2) as wall:
        await open_large(page, wall)
        await page.keyboard.press("+")
        await expect(page.locator("heat-tile[data-zoomed]")).to_have_count(1)
        await page.keyboard.press("ArrowRight")
        await expect(page.locator("heat-wall")).to_have_attribute("data-focus", "cam1")
        await expect(page.locator("heat-tile[data-zoomed]")).to_have_count(0)
        await expect_scale(page, 1)
        await page.keyboard.press("+")
        await page.keyboard.press("Escape")
        await expect(page.locator("heat-wall[data-focus]")).to_have_count(0)
        style = "[...document.querySelectorAll('.scene')].map(({style}) => style.transform)"
        assert await page.evaluate(style) == ["", ""]


async def test_the_zoom_holds_when_the_page_changes_its_size(page: Page) -> None:
    async with fake_wall(1, fps=2) as wall:
        await open_large(page, wall, "cam1")
        await wheel(page, 300, 300, -240)
        frame, scene = await boxes(page)
        before = share_of(scene, frame["left"], frame["top"])
        await page.set_viewport_size({"width": 1300, "height": 700})
        frame, scene = await boxes(page)
        assert share_of(scene, frame["left"], frame["top"]) == pytest.approx(before, abs=0.003)
        assert_covers(scene, frame)


async def test_whoever_draws_zooms_by_wheel_and_keeps_the_drag(page: Page) -> None:
    async with fake_wall(2, fps=2) as wall:
        await open_large(page, wall)
        await page.evaluate("document.querySelector('heat-wall').isEditing = true")
        await wheel(page, 700, 500, -240)
        await expect(page.locator("heat-tile[data-zoomed]")).to_have_count(1)
        _, before = await boxes(page)
        await page.mouse.down()
        await page.mouse.move(800, 560, steps=4)
        await page.mouse.up()
        assert await boxes(page) == (_, before)
        await expect(page.locator("heat-wall")).to_have_attribute("data-focus", "cam2")


async def test_two_fingers_zoom_and_one_moves(browser: Browser) -> None:
    page = await browser.new_page(has_touch=True, viewport={"width": 390, "height": 844})
    async with fake_wall(3, fps=2) as wall:
        await open_large(page, wall)
        frame, _ = await boxes(page)
        x, y = round(frame["left"] + frame["width"] / 2), round(frame["top"] + 110)
        fingers = [[(x - 30 * step, y), (x + 30 * step, y)] for step in (1, 2, 3)]
        await touch(page, fingers)
        await expect_scale(page, 3)
        assert await page.evaluate("visualViewport.scale") == 1
        _, before = await boxes(page)
        await touch(page, [[(x, y)], [(x - 60, y)], [(x - 120, y)]])
        frame, scene = await boxes(page)
        assert scene["left"] - before["left"] == pytest.approx(-120, abs=2)
        await expect(page.locator("heat-wall")).to_have_attribute("data-focus", "cam2")
        await page.touchscreen.tap(x, y)
        await touch(page, list(reversed(fingers)))
        await touch(page, list(reversed(fingers)))
        await expect_scale(page, 1)
        # Neither the tap on the zoomed picture nor the fingers led away.
        await expect(page.locator("heat-wall")).to_have_attribute("data-focus", "cam2")
        await expect(page.locator("heat-tile[data-zoomed]")).to_have_count(0)
        await touch(page, [[(300, y)], [(180, y)], [(60, y)]])
        await expect(page.locator("heat-wall")).to_have_attribute("data-focus", "cam3")
    await page.close()


async def touch(page: Page, moves: list[list[tuple[int, int]]]) -> None:
    browser = await page.context.new_cdp_session(page)
    for index, fingers in enumerate(moves):
        points = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(fingers)]
        kind = "touchMove" if index else "touchStart"
        await browser.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    await browser.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    await browser.detach()


async def test_a_camera_that_is_opened_further_down_the_wall_is_seen(page: Page) -> None:
    async with fake_wall(9, fps=1) as wall:
        await page.goto(f"{wall.url}?layout=2")
        await page.wait_for_selector("heat-wall[data-scrolls]")
        area = page.locator("heat-wall")
        await page.locator("heat-tile[data-camera='cam9']").scroll_into_view_if_needed()
        scrolled = await area.evaluate("(wall) => wall.scrollTop")
        assert scrolled > 100
        await page.locator("heat-tile[data-camera='cam9']").click()
        await page.wait_for_function(SETTLED)
        box, tile = await area.bounding_box(), page.locator("heat-tile[data-focused]")
        assert await tile.bounding_box() == box
        await page.keyboard.press("Escape")
        await expect(page.locator("heat-wall[data-focus]")).to_have_count(0)
        assert await area.evaluate("(wall) => wall.scrollTop") == scrolled
