"""An open page follows the config file: cameras come and go, and a refused file is told."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, Page, expect

from support.eventually import eventually_async
from support.fake_wall import FakeWall, fake_camera, fake_wall

pytestmark = pytest.mark.e2e

FAULT = "store.yaml:12: cameras.door.url: is not a URL"


def tile_of(page: Page, camera: str) -> Locator:
    return page.locator(f"heat-tile[data-camera='{camera}']")


async def open_wall(page: Page, wall: FakeWall) -> None:
    await page.goto(wall.url)
    await expect(page.locator("heat-tile[data-picture='playing']")).to_have_count(len(wall.cameras))


async def test_an_operator_is_told_where_the_file_is_wrong_until_it_is_mended(page: Page) -> None:
    async with fake_wall(2) as wall:
        wall.rights = {"role": "operator", "can_operate": True, "can_save": False}
        await open_wall(page, wall)
        wall.config_error = FAULT
        wall.announce()
        await expect(page.get_by_text(FAULT)).to_be_visible()
        await expect(page.locator("heat-tile[data-picture='playing']")).to_have_count(2)
        wall.config_error = None
        wall.announce()
        await expect(page.get_by_text(FAULT)).to_be_hidden()


async def test_a_viewer_is_not_troubled_with_the_file(page: Page) -> None:
    async with fake_wall(2) as wall:
        wall.rights = {"role": "viewer", "can_operate": False, "can_save": False}
        wall.config_error = FAULT
        await open_wall(page, wall)
        wall.set("cam1", people_now=99)
        await expect(tile_of(page, "cam1").get_by_text("99").first).to_be_attached()
        await expect(page.get_by_text(FAULT)).to_have_count(0)


async def test_cameras_come_go_and_come_back_on_an_open_page(page: Page) -> None:
    async with fake_wall(3) as wall:
        await open_wall(page, wall)
        await tile_of(page, "cam1").evaluate(
            "(tile) => { tile.querySelector('video').isSame = true; }"
        )

        wall.cameras["cam4"] = fake_camera(3)
        wall.announce()
        await expect(tile_of(page, "cam4")).to_have_attribute("data-picture", "playing")

        gone = wall.cameras.pop("cam2")
        wall.announce()
        await expect(tile_of(page, "cam2")).to_have_count(0)
        await expect(page.locator("heat-tile[data-picture='playing']")).to_have_count(3)

        wall.cameras["cam2"] = gone
        wall.announce()
        await expect(tile_of(page, "cam2")).to_have_attribute("data-picture", "playing")
        await expect(page.locator("heat-tile[data-picture='playing']")).to_have_count(4)
        assert await tile_of(page, "cam1").evaluate("(tile) => tile.querySelector('video').isSame")


async def test_a_camera_that_is_removed_while_it_is_large_gives_the_wall_back(page: Page) -> None:
    async with fake_wall(3) as wall:
        await open_wall(page, wall)
        await tile_of(page, "cam2").click()
        await expect(page.locator("heat-wall")).to_have_attribute("data-focus", "cam2")
        await expect(tile_of(page, "cam1")).to_be_hidden()

        del wall.cameras["cam2"]
        wall.announce()
        await expect(page.locator("heat-wall[data-focus]")).to_have_count(0)
        await expect(tile_of(page, "cam1")).to_be_visible()
        await expect(page.locator("heat-tile[data-picture='playing']")).to_have_count(2)
        await eventually_async(lambda: "cam2" not in page.url)
        await tile_of(page, "cam1").click()
        await expect(page.locator("heat-wall")).to_have_attribute("data-focus", "cam1")
