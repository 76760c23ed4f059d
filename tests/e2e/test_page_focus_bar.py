"""What stands on the large picture: the ways back, on, and to what belongs to the camera."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from heatwall.states import CameraState
from support.fake_wall import FakeWall, fake_wall

pytestmark = pytest.mark.e2e

FOCUSED_LABEL = "() => document.activeElement.getAttribute('aria-label')"
SIZES = """() => [...document.querySelectorAll('.focus-bar :is(button, a)')]
  .filter((one) => one.checkVisibility())
  .map((one) => one.getBoundingClientRect())
  .map(({left, top, right, bottom, width, height}) => ({left, top, right, bottom, width, height}))
"""


async def open_large(page: Page, wall: FakeWall, camera: str = "cam2") -> None:
    await page.goto(f"{wall.url}#{camera}")
    await expect(page.locator("heat-tile[data-focused]")).to_have_attribute("data-width", "960")
    await expect(page.locator(".focus-back")).to_be_visible()


async def test_all_of_it_can_be_reached_by_tab_and_leads_back(page: Page) -> None:
    async with fake_wall(3, fps=2) as wall:
        await open_large(page, wall)
        await page.locator("heat-tile[data-focused]").focus()
        labels = []
        for _ in range(7):
            await page.keyboard.press("Tab")
            labels.append(await page.evaluate(FOCUSED_LABEL))
        assert labels == [
            "All cameras",
            "Save this picture (JPEG)",
            "Draw lines and zones",
            "Facts about the camera",
            "Full screen",
            "Previous camera",
            "Next camera",
        ]
        await page.locator(".focus-back").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("heat-wall[data-focus]")).to_have_count(0)
        await expect(page.locator(".focus-bar")).to_have_count(0)
        # The keyboard is where the camera is.
        assert str(await page.evaluate(FOCUSED_LABEL)).startswith("Checkout 1–4")


async def test_the_buttons_to_the_neighbours_keep_the_keyboard(page: Page) -> None:
    async with fake_wall(3, fps=2) as wall:
        await open_large(page, wall)
        await page.get_by_role("button", name="Next camera").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("heat-wall")).to_have_attribute("data-focus", "cam3")
        assert await page.evaluate(FOCUSED_LABEL) == "Next camera"
        await page.keyboard.press("Enter")
        await expect(page.locator("heat-wall")).to_have_attribute("data-focus", "cam1")
        await page.get_by_role("button", name="Previous camera").click()
        await expect(page.locator("heat-wall")).to_have_attribute("data-focus", "cam3")


async def test_the_edges_are_free_again_when_the_mouse_rests(page: Page) -> None:
    async with fake_wall(2, fps=2) as wall:
        await open_large(page, wall)
        step = page.get_by_role("button", name="Next camera")
        await page.mouse.move(500, 500)
        await expect(step).to_have_css("opacity", "1")
        await expect(step).to_have_css("opacity", "0")
        await page.mouse.move(520, 510)
        await expect(step).to_have_css("opacity", "1")


async def test_the_panel_opens_and_closes_from_the_picture(page: Page) -> None:
    async with fake_wall(2, fps=2) as wall:
        await open_large(page, wall)
        opener = page.get_by_role("button", name="Facts about the camera")
        await expect(opener).to_have_attribute("aria-expanded", "true")
        await opener.click()
        await expect(page.locator("#panel")).to_be_hidden()
        await expect(opener).to_have_attribute("aria-expanded", "false")
        await opener.click()
        await expect(page.locator("#panel")).to_be_visible()
        await page.get_by_role("button", name="Draw lines and zones", exact=True).click()
        await expect(page.locator("#panel")).to_have_attribute("data-panel", "regions")


async def test_the_picture_can_be_kept_while_there_is_one(page: Page) -> None:
    async with fake_wall(2, fps=2) as wall:
        await open_large(page, wall)
        snapshot = page.locator(".focus-bar").get_by_role("link", name="Save this picture (JPEG)")
        await expect(snapshot).to_have_attribute(
            "href", f"{wall.url}api/cameras/cam2/snapshot.jpg?tier=focus"
        )
        await expect(snapshot).to_have_attribute("download", "cam2-picture.jpg")
        await page.keyboard.press("ArrowRight")
        await expect(snapshot).to_have_attribute(
            "href", f"{wall.url}api/cameras/cam1/snapshot.jpg?tier=focus"
        )
        wall.set("cam1", state=CameraState.RETRYING)
        await expect(snapshot).to_be_hidden()
        await page.keyboard.press("ArrowRight")
        await expect(snapshot).to_be_visible()


async def test_whoever_may_only_look_is_offered_nothing_else(page: Page) -> None:
    async with fake_wall(1, fps=2) as wall:
        wall.rights = {"role": "viewer", "can_operate": False, "can_save": False}
        await open_large(page, wall, "cam1")
        bar = page.locator(".focus-bar")
        await expect(bar.get_by_role("link")).to_be_visible()
        await expect(bar.get_by_role("button", name="Draw lines and zones")).to_be_hidden()
        # Nor is there a neighbour of the only camera.
        await expect(bar.get_by_role("button", name="Next camera")).to_be_hidden()


async def test_full_screen_shows_the_picture_without_the_pages_bar(page: Page) -> None:
    async with fake_wall(2, fps=2) as wall:
        await open_large(page, wall)
        await page.locator(".focus-bar").get_by_role("button", name="Full screen").click()
        await page.wait_for_function("document.fullscreenElement?.localName === 'main'")
        await page.locator(".focus-bar").get_by_role("button", name="Full screen").click()
        await page.wait_for_function("document.fullscreenElement === null")


async def test_a_rotation_shows_nothing_to_press(page: Page) -> None:
    async with fake_wall(2, fps=2) as wall:
        await page.goto(f"{wall.url}?kiosk=3600")
        await page.wait_for_selector("heat-tile[data-focused] .focus-bar", state="attached")
        await expect(page.locator(".focus-bar")).to_be_hidden()


@pytest.mark.parametrize("shape", [(1920, 1080), (1080, 1920)])
async def test_a_finger_meets_each_button_on_a_phone(
    browser: Browser, shape: tuple[int, int]
) -> None:
    page = await browser.new_page(has_touch=True, viewport={"width": 390, "height": 844})
    async with fake_wall(2, fps=2) as wall:
        wall.set("cam2", width=shape[0], height=shape[1])
        await open_large(page, wall)
        buttons = await page.evaluate(SIZES)
        assert len(buttons) >= 6
        assert all(box["width"] >= 40 and box["height"] >= 40 for box in buttons)
        apart = [
            one["right"] <= other["left"]
            or other["right"] <= one["left"]
            or one["bottom"] <= other["top"]
            or other["bottom"] <= one["top"]
            for index, one in enumerate(buttons)
            for other in buttons[:index]
        ]
        assert all(apart)
    await page.close()
