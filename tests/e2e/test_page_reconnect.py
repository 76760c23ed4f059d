"""The page comes back by itself, whatever breaks."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from heatwall.states import CameraState
from support.eventually import eventually_async
from support.fake_wall import FakeWall, fake_wall

pytestmark = pytest.mark.e2e

LOST = "Connection to the server lost – reconnecting"
TIMEOUT_MS = 30000


async def open_wall(page: Page, wall: FakeWall) -> None:
    await page.goto(wall.url)
    await expect(page.locator("heat-tile[data-picture='playing']")).to_have_count(len(wall.cameras))


async def test_a_dropped_websocket_comes_back_on_the_same_session(page: Page) -> None:
    async with fake_wall(2) as wall:
        await open_wall(page, wall)
        await eventually_async(lambda: wall.heard.sids == ["s1"])
        await wall.drop_sockets()
        await expect(page.locator("heat-wall")).to_have_attribute("data-connection", "lost")
        await expect(page.locator("heat-wall")).to_have_attribute("data-connection", "up")
        await eventually_async(lambda: wall.heard.sids == ["s1", "s1"])
        await eventually_async(lambda: len(wall.heard.patches) == 1)
        assert await page.evaluate("peersMade") == 1


async def test_a_restarted_server_gets_a_new_session(page: Page) -> None:
    async with fake_wall(2) as wall:
        await open_wall(page, wall)
        await wall.stop()
        await expect(page.get_by_text(LOST)).to_be_visible()
        await expect(page.locator("heat-wall")).to_have_attribute("data-connection", "lost")
        await wall.start()
        await expect(page.get_by_text(LOST)).to_be_hidden(timeout=TIMEOUT_MS)
        await eventually_async(lambda: len(wall.sessions) == 1, timeout_s=30)
        frames = page.locator("heat-tile").first
        seen = int(await frames.get_attribute("data-frames") or 0)
        await page.wait_for_function(
            "([tile, seen]) => Number(tile.dataset.frames) > seen + 5",
            arg=[await frames.element_handle(), seen],
            timeout=TIMEOUT_MS,
        )
        assert wall.heard.sids[-1] == next(iter(wall.sessions))


async def test_a_forgotten_session_is_made_again(page: Page) -> None:
    async with fake_wall(2) as wall:
        await open_wall(page, wall)
        wall.sessions.clear()
        await page.locator("heat-tile").first.click()
        await eventually_async(lambda: len(wall.heard.posts) == 2)
        tile = page.locator("heat-tile").first
        await expect(tile).to_have_attribute("data-width", "960", timeout=TIMEOUT_MS)


async def test_a_live_camera_without_pictures_gets_a_new_session(page: Page) -> None:
    async with fake_wall(2) as wall:
        await open_wall(page, wall)
        for track in wall.sessions["s1"].tracks:
            track.shop = None
        await eventually_async(lambda: len(wall.heard.posts) == 2, timeout_s=20)
        await eventually_async(lambda: list(wall.sessions) == ["s2"])
        await expect(page.locator("heat-tile[data-picture='playing']")).to_have_count(2)


async def test_the_last_picture_stays_until_there_is_a_new_one(page: Page) -> None:
    async with fake_wall(1) as wall:
        await open_wall(page, wall)
        still = page.locator("heat-tile canvas")
        await expect(still).to_be_hidden()
        wall.set("cam1", state=CameraState.STALLED)
        await expect(page.locator("heat-tile")).to_have_attribute("data-state", "stalled")
        await wall.forget_sessions()
        await wall.drop_sockets()
        await eventually_async(lambda: len(wall.sessions) == 1, timeout_s=30)
        await expect(still).to_be_visible(timeout=TIMEOUT_MS)
        wall.set("cam1", state=CameraState.LIVE)
        await expect(still).to_be_hidden(timeout=TIMEOUT_MS)


async def test_a_refused_offer_is_explained_and_tried_again(page: Page) -> None:
    async with fake_wall(1) as wall:
        wall.refusal = "too many viewers"
        await page.goto(wall.url)
        banner = page.get_by_text("No pictures: too many viewers – trying again")
        await expect(banner).to_be_visible(timeout=TIMEOUT_MS)
        wall.refusal = None
        await expect(page.locator("heat-tile")).to_have_attribute(
            "data-picture", "playing", timeout=TIMEOUT_MS
        )
        await expect(banner).to_be_hidden()
