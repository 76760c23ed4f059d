"""One camera large, on the same connection."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from support.eventually import eventually_async
from support.fake_wall import FakeWall, fake_wall

pytestmark = pytest.mark.e2e


async def open_wall(page: Page, wall: FakeWall) -> None:
    await page.goto(wall.url)
    await expect(page.locator("heat-tile[data-picture='playing']")).to_have_count(len(wall.cameras))


def tile_of(page: Page, camera: str) -> Locator:
    return page.locator(f"heat-tile[data-camera='{camera}']")


async def wait_for_box(page: Page, camera: str, box: object) -> None:
    await page.wait_for_function(
        """([tile, box]) => {
          const {x, y, width, height} = tile.getBoundingClientRect();
          return x === box.x && y === box.y && width === box.width && height === box.height;
        }""",
        arg=[await tile_of(page, camera).element_handle(), box],
    )


async def test_a_click_makes_a_camera_large_and_escape_goes_back(page: Page) -> None:
    async with fake_wall(4) as wall:
        await open_wall(page, wall)
        tile = tile_of(page, "cam2")
        small = await tile.bounding_box()
        await tile.evaluate("(tile) => { tile.querySelector('video').isSame = true; }")
        await tile.click()
        await expect(page.locator("heat-wall")).to_have_attribute("data-focus", "cam2")
        await expect(tile).to_have_attribute("data-tier", "focus")
        await wait_for_box(page, "cam2", await page.locator("heat-wall").bounding_box())
        await expect(tile).to_have_attribute("data-width", "960", timeout=10000)
        await expect(tile_of(page, "cam1")).to_be_hidden()
        await page.keyboard.press("Escape")
        await expect(page.locator("heat-wall")).not_to_have_attribute("data-focus", "cam2")
        await expect(tile).to_have_attribute("data-width", "320", timeout=10000)
        await expect(tile_of(page, "cam1")).to_be_visible()
        await wait_for_box(page, "cam2", small)
        assert await page.evaluate("peersMade") == 1
        assert await tile.evaluate("(tile) => tile.querySelector('video').isSame")


async def test_the_others_are_paused_after_a_moment_and_come_back(page: Page) -> None:
    async with fake_wall(3) as wall:
        await open_wall(page, wall)
        await tile_of(page, "cam2").click()
        await expect(tile_of(page, "cam1")).to_have_attribute("data-tier", "none")
        (session,) = wall.sessions.values()
        await eventually_async(
            lambda: session.slots == [(None, "tile"), ("cam2", "focus"), (None, "tile")]
        )
        assert wall.heard.patches[0] == [{"slot": 1, "camera": "cam2", "tier": "focus"}]
        await tile_of(page, "cam2").click()
        await eventually_async(
            lambda: session.slots == [("cam1", "tile"), ("cam2", "tile"), ("cam3", "tile")]
        )
        await expect(page.locator("heat-tile[data-picture='playing']")).to_have_count(3)
        assert len(wall.heard.posts) == 1


async def test_the_keyboard_reaches_every_camera(page: Page) -> None:
    async with fake_wall(4) as wall:
        await open_wall(page, wall)
        focus = page.locator("heat-wall")
        await tile_of(page, "cam1").focus()
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        await expect(focus).to_have_attribute("data-focus", "cam3")
        await page.keyboard.press("ArrowRight")
        await expect(focus).to_have_attribute("data-focus", "cam4")
        await page.keyboard.press("ArrowRight")
        await expect(focus).to_have_attribute("data-focus", "cam1")
        await page.keyboard.press("Space")
        await expect(page.locator("heat-wall[data-focus]")).to_have_count(0)
        label = tile_of(page, "cam1").get_by_role("button")
        await expect(label).to_have_accessible_name("Entrance, Live, 0 people now. Show large")


async def test_a_reload_keeps_the_large_camera_and_back_leaves_it(page: Page) -> None:
    async with fake_wall(2) as wall:
        await open_wall(page, wall)
        await tile_of(page, "cam2").click()
        await page.wait_for_url("**/#cam2")
        await page.reload()
        await expect(page.locator("heat-wall")).to_have_attribute("data-focus", "cam2")
        await page.go_back()
        await expect(page.locator("heat-wall[data-focus]")).to_have_count(0)
        assert page.url == wall.url


async def test_a_large_camera_that_is_removed_gives_the_wall_back(page: Page) -> None:
    async with fake_wall(2) as wall:
        await open_wall(page, wall)
        await tile_of(page, "cam2").click()
        await expect(page.locator("heat-wall")).to_have_attribute("data-focus", "cam2")
        del wall.cameras["cam2"]
        wall.announce()
        await expect(page.locator("heat-wall[data-focus]")).to_have_count(0)
        await expect(tile_of(page, "cam1")).to_have_attribute("data-picture", "playing")


async def test_a_finger_opens_closes_and_swipes(browser: Browser) -> None:
    page = await browser.new_page(has_touch=True, viewport={"width": 390, "height": 844})
    async with fake_wall(3) as wall:
        await open_wall(page, wall)
        focus = page.locator("heat-wall")
        await tile_of(page, "cam1").tap()
        await expect(focus).to_have_attribute("data-focus", "cam1")
        await tile_of(page, "cam1").tap()
        await expect(page.locator("heat-wall[data-focus]")).to_have_count(0)
        await tile_of(page, "cam1").tap()
        await expect(focus).to_have_attribute("data-focus", "cam1")
        await swipe(page, 300, 60)
        await expect(focus).to_have_attribute("data-focus", "cam2")
        await swipe(page, 60, 300)
        await expect(focus).to_have_attribute("data-focus", "cam1")
    await page.close()


async def swipe(page: Page, start: int, end: int) -> None:
    browser = await page.context.new_cdp_session(page)
    for kind, x in (("touchStart", start), ("touchMove", (start + end) // 2), ("touchMove", end)):
        points = [{"x": x, "y": 400}]
        await browser.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    await browser.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    await browser.detach()
