"""Everybody can use the page: axe-core finds nothing serious wherever one can get to."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from heatwall.states import CameraState
from support.axe import serious_faults
from support.fake_wall import FakeWall, fake_wall
from support.region_editor import DOOR, QUEUE

pytestmark = pytest.mark.e2e

THEMES = ("dark", "light")


async def open_wall(page: Page, wall: FakeWall, theme: str) -> None:
    await page.emulate_media(reduced_motion="reduce")  # judged as it stays, not while it fades
    await page.goto(f"{wall.url}?theme={theme}")
    await expect(page.locator("heat-tile[data-picture='playing']").first).to_be_visible()


@pytest.mark.parametrize("theme", THEMES)
async def test_the_wall(page: Page, theme: str) -> None:
    async with fake_wall(6, fps=2) as wall:
        wall.groups = [{"id": "front", "name": "Front", "cameras": ["cam1", "cam2"]}]
        wall.set("cam2", state=CameraState.RETRYING, state_reason="the camera does not answer")
        wall.set("cam3", state=CameraState.REFUSED, state_reason="the password is wrong")
        wall.set("cam4", notices=("the machine is busy: detection at 1 of 5 a second",))
        await open_wall(page, wall, theme)
        assert await serious_faults(page) == []


@pytest.mark.parametrize("theme", THEMES)
async def test_a_large_camera_and_its_panel(page: Page, theme: str) -> None:
    async with fake_wall(2, fps=2) as wall:
        await open_wall(page, wall, theme)
        await page.locator("heat-tile[data-camera='cam2']").click()
        await expect(page.locator("#panel[data-panel='camera']")).to_be_visible()
        await expect(page.locator("heat-tile[data-focused]")).to_have_attribute(
            "data-picture", "playing"
        )
        assert await serious_faults(page) == []


@pytest.mark.parametrize("theme", THEMES)
async def test_the_heats_controls(page: Page, theme: str) -> None:
    async with fake_wall(2, fps=2) as wall:
        await open_wall(page, wall, theme)
        await page.keyboard.press("h")
        await expect(
            page.locator("#panel[data-panel='heat'] input[type='range']").first
        ).to_be_visible()
        assert await serious_faults(page) == []


async def test_the_controls_of_who_may_only_look(page: Page) -> None:
    async with fake_wall(2, fps=2) as wall:
        wall.rights = {"role": "viewer", "can_operate": False, "can_save": False}
        await open_wall(page, wall, "dark")
        await page.keyboard.press("h")
        await expect(
            page.locator("#panel[data-panel='heat'] input[type='range']").first
        ).to_be_visible()
        assert await serious_faults(page) == []


@pytest.mark.parametrize("theme", THEMES)
async def test_the_editor_of_lines_and_zones(page: Page, theme: str) -> None:
    async with fake_wall(2, fps=2) as wall:
        wall.regions["cam2"] = {"lines": {"door": DOOR}, "zones": {"queue": QUEUE}}
        await open_wall(page, wall, theme)
        await page.locator("heat-tile[data-camera='cam2']").click()
        await page.keyboard.press("e")
        await expect(page.locator("#panel[data-panel='regions']")).to_be_visible()
        await page.locator(".region", has_text="door").get_by_role("button").first.click()
        assert await serious_faults(page) == []
        await page.get_by_role("textbox", name="Name").fill("Main door")
        await page.locator(".region", has_text="queue").get_by_role("button").first.click()
        await expect(page.locator(".region .fault").first).to_be_visible()
        assert await serious_faults(page) == []
        await page.get_by_role("button", name="Zone", exact=True).click()
        assert await serious_faults(page) == []


async def test_the_editor_of_who_may_only_look(page: Page) -> None:
    async with fake_wall(2, fps=2) as wall:
        wall.rights = {"role": "viewer", "can_operate": False, "can_save": False}
        wall.regions["cam2"] = {"lines": {"door": DOOR}, "zones": {"queue": QUEUE}}
        await open_wall(page, wall, "dark")
        await page.locator("heat-tile[data-camera='cam2']").click()
        await page.keyboard.press("e")
        await page.locator(".region", has_text="door").get_by_role("button").first.click()
        assert await serious_faults(page) == []


@pytest.mark.parametrize("opener", ["Layout", "More"])
async def test_the_menus(page: Page, opener: str) -> None:
    async with fake_wall(2, fps=2) as wall:
        await open_wall(page, wall, "dark")
        await page.get_by_role("button", name=opener).click()
        await expect(page.get_by_role("menu")).to_be_visible()
        assert await serious_faults(page) == []


async def test_the_list_of_keys_and_the_figures(page: Page) -> None:
    async with fake_wall(2, fps=2) as wall:
        await open_wall(page, wall, "light")
        await page.keyboard.press("i")
        await page.keyboard.press("?")
        await expect(page.get_by_role("dialog")).to_be_visible()
        assert await serious_faults(page) == []


async def test_a_phone(browser: Browser) -> None:
    page = await browser.new_page(has_touch=True, viewport={"width": 390, "height": 844})
    async with fake_wall(4, fps=2) as wall:
        await open_wall(page, wall, "dark")
        assert await serious_faults(page) == []
        await page.locator("heat-tile[data-camera='cam2']").tap()
        await expect(page.locator("heat-wall")).to_have_attribute("data-focus", "cam2")
        assert await serious_faults(page) == []
    await page.close()


async def test_a_wall_without_cameras(page: Page) -> None:
    async with fake_wall(0) as wall:
        await page.goto(wall.url)
        await expect(page.locator("#empty")).to_contain_text("No cameras yet")
        assert await serious_faults(page) == []
