"""The page says when it gets smaller pictures than it asked for."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from heatwall.status import QualityStatus
from support.fake_wall import fake_wall

pytestmark = pytest.mark.e2e

REDUCED = QualityStatus(is_reduced=True, reason="12 % of packets lost")
HINT = "Smaller pictures for now – 12 % of packets lost"


@pytest.mark.parametrize("size", [(1920, 1080), (390, 844)], ids=["desktop", "phone"])
async def test_smaller_pictures_are_explained_for_as_long_as_they_last(
    page: Page, size: tuple[int, int]
) -> None:
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    async with fake_wall(4) as wall:
        await page.goto(wall.url)
        hint = page.locator("#quality")
        await expect(page.locator("heat-tile[data-picture='playing']")).to_have_count(4)
        await expect(hint).to_have_attribute("data-quality", "full")
        await expect(hint).to_be_hidden()
        wall.quality = REDUCED
        wall.announce()
        await expect(hint).to_have_attribute("data-quality", "reduced")
        await expect(page.get_by_text(HINT)).to_be_visible()
        box = await hint.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size[0]
        wall.quality = QualityStatus()
        wall.announce()
        await expect(hint).to_have_attribute("data-quality", "full")
        await expect(hint).to_be_hidden()


async def test_a_lost_server_says_nothing_about_the_pictures_size(page: Page) -> None:
    async with fake_wall(1) as wall:
        wall.quality = REDUCED
        await page.goto(wall.url)
        hint = page.locator("#quality")
        await expect(hint).to_have_attribute("data-quality", "reduced")
        await wall.drop_sockets()
        await expect(page.locator("heat-wall")).to_have_attribute("data-connection", "lost")
        await expect(hint).to_have_attribute("data-quality", "full")
