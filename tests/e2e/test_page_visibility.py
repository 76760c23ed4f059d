"""A page that nobody sees costs nothing."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from support.eventually import eventually_async
from support.fake_wall import fake_wall

pytestmark = pytest.mark.e2e

SET_VISIBILITY = """(state) => {
  Object.defineProperty(document, 'visibilityState', {get: () => state, configurable: true});
  document.dispatchEvent(new Event('visibilitychange'));
}"""


async def test_a_hidden_page_stops_and_comes_back(page: Page) -> None:
    async with fake_wall(2) as wall:
        await page.goto(wall.url)
        playing = page.locator("heat-tile[data-picture='playing']")
        await expect(playing).to_have_count(2)
        await page.evaluate(SET_VISIBILITY, "hidden")
        await eventually_async(lambda: wall.heard.deletes == ["s1"], timeout_s=20)
        await eventually_async(lambda: not wall.sockets and not wall.sessions)
        await page.evaluate(SET_VISIBILITY, "visible")
        await expect(playing).to_have_count(2)
        assert len(wall.heard.posts) == 2
        await expect(page.locator("#banner")).to_be_hidden()


async def test_a_short_look_elsewhere_keeps_the_session(page: Page) -> None:
    async with fake_wall(1) as wall:
        await page.goto(wall.url)
        tile = page.locator("heat-tile")
        await expect(tile).to_have_attribute("data-picture", "playing")
        await page.evaluate(SET_VISIBILITY, "hidden")
        await page.evaluate(SET_VISIBILITY, "visible")
        seen = int(await tile.get_attribute("data-frames") or 0)
        # Longer than a hidden page waits: 8 frames a second.
        await page.wait_for_function(
            "([tile, seen]) => Number(tile.dataset.frames) > seen + 50",
            arg=[await tile.element_handle(), seen],
        )
        assert wall.heard.deletes == []


async def test_leaving_the_page_ends_the_session(page: Page) -> None:
    async with fake_wall(1) as wall:
        await page.goto(wall.url)
        await expect(page.locator("heat-tile")).to_have_attribute("data-picture", "playing")
        await page.goto("about:blank")
        await eventually_async(lambda: wall.heard.deletes == ["s1"])
