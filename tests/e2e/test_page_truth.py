"""No tile looks live that is not: how old the picture is, since when, and why."""

from __future__ import annotations

import re

import cv2
import numpy as np
import pytest
from playwright.async_api import Locator, Page, expect

from heatwall.states import CameraState
from support.eventually import eventually_async
from support.fake_wall import FakeWall, fake_wall

pytestmark = pytest.mark.e2e

FREEZE = """(tile) => {
  // Frames that no longer arrive, without a word of anybody.
  const video = tile.querySelector("video");
  for (const track of video.srcObject.getTracks()) track.stop();
}"""


async def open_wall(page: Page, wall: FakeWall) -> Locator:
    await page.goto(wall.url)
    await expect(page.locator("heat-tile[data-age='live']")).to_have_count(len(wall.cameras))
    return page.locator("heat-tile").first


async def opacity(tile: Locator) -> float:
    return float(await tile.locator("video").evaluate("(video) => getComputedStyle(video).opacity"))


async def test_a_frozen_picture_is_dimmed_and_its_age_counts_up(page: Page) -> None:
    async with fake_wall(1) as wall:
        tile = await open_wall(page, wall)
        assert await opacity(tile) == 1
        await tile.evaluate(FREEZE)
        await expect(tile).to_have_attribute("data-age", "late")
        chip = tile.locator(".chip")
        await expect(chip).to_have_text("Picture is 3 s old")
        await expect(chip).to_have_text("Picture is 4 s old", timeout=1500)

        async def is_dimmed() -> bool:
            return 0.5 < await opacity(tile) < 0.8

        await eventually_async(is_dimmed)
        await expect(tile.locator(".notice")).to_be_hidden()


async def test_what_stands_still_for_long_is_grey_and_says_since_when(page: Page) -> None:
    async with fake_wall(1) as wall:
        tile = await open_wall(page, wall)
        colourful = await saturation(tile)
        # Neither way brings anything, and the server thinks that it does.
        wall.refusal = wall.media.refusal = "later"
        await wall.forget_sessions()
        await expect(tile).to_have_attribute("data-age", "stale", timeout=20000)
        await expect(tile.get_by_text("The picture stands still")).to_be_visible()
        await expect(tile.locator("[data-part='notice-since']")).to_have_text(
            re.compile(r"since \d\d:\d\d")
        )
        await expect(tile.get_by_text("The server has newer ones")).to_be_visible()
        await expect(tile.locator(".open")).to_have_attribute(
            "aria-label", re.compile("The picture stands still")
        )

        async def is_grey() -> bool:
            return await saturation(tile) < colourful / 4

        await eventually_async(is_grey)


async def saturation(tile: Locator) -> float:
    """Return how colourful the tile looks, 0 to 255: the largest difference of its colours."""
    image = cv2.imdecode(np.frombuffer(await tile.screenshot(), np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    middle = image[image.shape[0] // 8 : image.shape[0] // 3].astype(int)
    return float(np.ptp(middle, axis=2).mean())


async def test_old_pictures_that_the_camera_sends_are_old_too(page: Page) -> None:
    async with fake_wall(2) as wall:
        tile = await open_wall(page, wall)
        wall.set("cam1", frame_age_s=4.0)
        await expect(tile).to_have_attribute("data-age", "late")
        await expect(tile.locator(".chip")).to_have_text(re.compile(r"Picture is [45] s old"))
        await expect(tile).to_have_attribute("data-picture", "playing")
        await expect(page.locator("heat-tile[data-camera='cam2']")).to_have_attribute(
            "data-age", "live"
        )
        wall.set("cam1", frame_age_s=0.1)
        await expect(tile).to_have_attribute("data-age", "live")
        await expect(tile.locator(".chip")).to_be_hidden()


async def test_a_tile_says_that_the_server_is_gone_and_that_it_is_back(page: Page) -> None:
    async with fake_wall(2) as wall:
        tile = await open_wall(page, wall)
        await wall.stop()
        await expect(tile).to_have_attribute("data-age", "offline", timeout=10000)
        await expect(tile.get_by_text("No connection to the server")).to_be_visible()
        await expect(tile.locator("[data-part='notice-since']")).to_have_text(
            re.compile(r"since \d\d:\d\d")
        )
        await expect(tile.locator(".legend")).to_be_hidden()
        await wall.start()
        await expect(page.locator("heat-tile[data-age='live']")).to_have_count(2, timeout=30000)
        await expect(tile.locator(".notice")).to_be_hidden()


async def test_a_camera_that_is_not_live_is_offline_and_its_last_picture_grey(page: Page) -> None:
    async with fake_wall(1) as wall:
        tile = await open_wall(page, wall)
        wall.set("cam1", state=CameraState.STALLED, state_reason="no frame for 2 s")
        await expect(tile).to_have_attribute("data-age", "offline")
        await expect(tile.get_by_text("No frame for 2 s")).to_be_visible()

        async def is_dark() -> bool:
            return await opacity(tile) < 0.3

        await eventually_async(is_dark)


async def test_a_tile_out_of_sight_is_not_called_late_when_it_comes_back(page: Page) -> None:
    async with fake_wall(2) as wall:
        await open_wall(page, wall)
        await page.evaluate(
            """() => {
              globalThis.ages = new Set();
              const tile = document.querySelector("heat-tile[data-camera='cam2']");
              new MutationObserver(() => ages.add(tile.dataset.age)).observe(
                tile, {attributes: true, attributeFilter: ["data-age"]});
            }"""
        )
        other = page.locator("heat-tile[data-camera='cam2']")
        await page.locator("heat-tile[data-camera='cam1']").click()
        await expect(other).to_have_attribute("data-age", "paused", timeout=10000)
        # Longer than a picture may be old.
        await page.wait_for_function(
            "() => performance.now() - (globalThis.since ??= performance.now()) > 2500"
        )
        await page.keyboard.press("Escape")
        await expect(other).to_have_attribute("data-age", "live")
        assert set(await page.evaluate("[...ages]")) <= {"live", "paused"}


@pytest.mark.parametrize("theme", ["dark", "light"])
async def test_the_reason_can_be_read_over_a_white_picture(page: Page, theme: str) -> None:
    async with fake_wall(1) as wall:
        await page.goto(f"{wall.url}?theme={theme}")
        tile = page.locator("heat-tile")
        await expect(tile).to_have_attribute("data-age", "live")
        wall.set("cam1", state=CameraState.RETRYING, state_reason="no route to 192.0.2.12")
        await expect(tile.get_by_text("No route to 192.0.2.12")).to_be_visible()
        ratio = await tile.evaluate(
            """(tile) => {
              const parse = (text) => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
              const light = (rgb) => {
                const [r, g, b] = rgb.map((v) => v / 255).map((v) =>
                  v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
              };
              const style = (name) => getComputedStyle(tile.querySelector(name));
              const ground = parse(style(".frame").backgroundColor);
              const worst = ground.map((v) => v * 0.8 + 255 * 0.2);
              const text = parse(style(".notice-reason").color);
              return (light(text) + 0.05) / (light(worst) + 0.05);
            }"""
        )
        assert ratio >= 4.5


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("Entrance " * 22, (1920, 1080)),
        ("<b>Till</b> & <i>more</i>", (720, 1280)),
        ("مدخل المتجر الرئيسي " * 9, (2560, 720)),
    ],
    ids=["200 letters", "markup, portrait", "right to left, 32:9"],
)
@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["desktop", "phone"])
async def test_names_and_words_stay_in_their_tile(
    page: Page, name: str, shape: tuple[int, int], size: tuple[int, int]
) -> None:
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    async with fake_wall(6) as wall:
        for camera in list(wall.cameras)[:3]:
            wall.set(
                camera,
                name=name,
                width=shape[0],
                height=shape[1],
                state=CameraState.RETRYING,
                state_reason="no answer from 192.0.2.12 within 5 s, and no other way there",
            )
        wall.set("cam4", name=name, frame_age_s=6.0, people_now=123)
        await page.goto(wall.url)
        await expect(page.locator("heat-tile[data-age='late']")).to_have_count(1)
        await expect(page.locator("heat-tile[data-age='offline']")).to_have_count(3)
        await expect(page.locator("heat-tile b, heat-tile i")).to_have_count(0)
        outside = await page.evaluate(
            """() => [...document.querySelectorAll("heat-tile")].flatMap((tile) => {
              const box = tile.querySelector(".frame").getBoundingClientRect();
              const parts = [".name", ".chip", ".people", ".notice-title", ".notice-since"];
              return parts.map((part) => [part, tile.querySelector(part).getBoundingClientRect()])
                .filter(([, {width}]) => width > 0)
                .filter(([, {left, right, top, bottom}]) => left < box.left - 1 ||
                  right > box.right + 1 || top < box.top - 1 || bottom > box.bottom + 1)
                .map(([part]) => `${tile.dataset.camera} ${part}`);
            })"""
        )
        assert outside == []
        says = page.locator("heat-tile[data-age='late'] .chip")
        assert re.search(r"[67] s old", await says.inner_text())
