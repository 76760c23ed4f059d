"""Where WebRTC finds no way the pictures come as MP4, and go back to WebRTC when it does."""

from __future__ import annotations

import time

import numpy as np
import pytest
from playwright.async_api import Locator, Page, expect

from support.eventually import eventually_async
from support.fake_wall import FakeWall, fake_wall
from support.screen import picture

pytestmark = pytest.mark.e2e

NO_WEBRTC = "delete globalThis.RTCPeerConnection;"
NO_MSE = "delete globalThis.MediaSource; delete globalThis.ManagedMediaSource;"
NO_H264_IN_MSE = "MediaSource.isTypeSupported = (type) => !type.includes('avc1');"
NO_H264_IN_WEBRTC = """
const capabilities = RTCRtpReceiver.getCapabilities.bind(RTCRtpReceiver);
RTCRtpReceiver.getCapabilities = (kind) => {
  const {codecs, ...others} = capabilities(kind);
  return {...others, codecs: codecs.filter(({mimeType}) => mimeType !== "video/H264")};
};
"""
BLOCKED_UDP = """
globalThis.isUdpBlocked = true;
const setRemote = RTCPeerConnection.prototype.setRemoteDescription;
RTCPeerConnection.prototype.setRemoteDescription = function ({ type, sdp }) {
  // Checks that nobody answers, as behind a firewall that drops what it does not know.
  const blocked = sdp.replaceAll(/a=ice-pwd:.*/g, `a=ice-pwd:${"x".repeat(22)}`);
  return setRemote.call(this, { type, sdp: isUdpBlocked ? blocked : sdp });
};
"""
FALLEN_BACK_MS = 9000
"""Five seconds of patience, and what a busy machine needs for the rest."""


def with_transport(page: Page, transport: str) -> Locator:
    return page.locator(f"heat-tile[data-transport='{transport}'][data-picture='playing']")


async def test_without_webrtc_the_pictures_come_as_mp4_at_once(page: Page) -> None:
    await page.add_init_script(NO_WEBRTC)
    async with fake_wall(3) as wall:
        await page.goto(wall.url)
        await expect(with_transport(page, "mp4")).to_have_count(3)
        await expect(page.locator("heat-wall")).to_have_attribute("data-transport", "mp4")
        await expect(page.get_by_text("Pictures come over HTTP – a little later")).to_be_visible()
        await expect(page.locator("heat-tile[data-age='live']")).to_have_count(3)
        await expect(page.locator("#banner")).to_be_hidden()
        assert wall.heard.posts == []

        before = (await picture(page, "cam2")).astype(int)

        async def has_moved() -> bool:
            now = (await picture(page, "cam2")).astype(int)
            return float(np.abs(now - before).mean()) > 0.2

        await eventually_async(has_moved, timeout_s=20)


@pytest.mark.parametrize("code", ["no_port", "no_address"])
async def test_when_the_server_has_no_port_left_the_pictures_come_as_mp4(
    page: Page, code: str
) -> None:
    answer = {"error": {"code": code, "message": "All UDP ports are taken."}}
    await page.route("**/whep?*", lambda route: route.fulfill(status=503, json=answer))
    async with fake_wall(2) as wall:
        await page.goto(wall.url)
        await expect(with_transport(page, "mp4")).to_have_count(2, timeout=FALLEN_BACK_MS)


async def test_each_mp4_tile_shows_its_own_camera(page: Page) -> None:
    await page.add_init_script(NO_WEBRTC)
    async with fake_wall(2) as wall:
        await page.goto(wall.url)
        await expect(with_transport(page, "mp4")).to_have_count(2)
        # Camera 1 has nobody and no heat: grey. Camera 2 has heat: its warmest pixel is orange.
        assert await warmth(page, "cam1") < 60
        assert await warmth(page, "cam2") > 90


async def warmth(page: Page, camera: str) -> int:
    """Return how much more red than blue the floor has at its warmest."""
    floor = (await picture(page, camera))[100:].astype(int)
    return int((floor[..., 0] - floor[..., 2]).max())


async def test_a_large_picture_comes_on_the_same_link_and_the_others_rest(page: Page) -> None:
    await page.add_init_script(NO_WEBRTC)
    async with fake_wall(3) as wall:
        await page.goto(wall.url)
        await expect(with_transport(page, "mp4")).to_have_count(3)
        tile = page.locator("heat-tile[data-camera='cam2']")
        await tile.click()
        await expect(tile).to_have_attribute("data-width", "960", timeout=10000)
        await eventually_async(
            lambda: (
                {(change.slot, change.camera) for told in wall.media.heard for change in told}
                >= {(0, None), (2, None)}
            )
        )
        await page.keyboard.press("Escape")
        await expect(tile).to_have_attribute("data-width", "320", timeout=10000)
        await expect(with_transport(page, "mp4")).to_have_count(3)
        # Whoever comes back does not find old pictures played one by one.
        behind = (
            "[...document.querySelectorAll('video')]"
            ".map((video) => video.buffered.end(0) - video.currentTime)"
        )
        assert max(await page.evaluate(behind)) < 1.2


async def test_a_link_that_is_cut_comes_back_with_pictures(page: Page) -> None:
    await page.add_init_script(NO_WEBRTC)
    async with fake_wall(2) as wall:
        await page.goto(wall.url)
        await expect(with_transport(page, "mp4")).to_have_count(2)
        await wall.stop()
        await expect(page.locator("heat-tile[data-age='offline']")).to_have_count(2, timeout=10000)
        await expect(page.get_by_text("No connection to the server").first).to_be_visible()
        await wall.start()
        await expect(page.locator("heat-tile[data-age='live']")).to_have_count(2, timeout=30000)
        await expect(page.locator("#banner")).to_be_hidden()


async def test_behind_a_firewall_mp4_comes_in_time_and_webrtc_when_it_can(page: Page) -> None:
    await page.add_init_script(BLOCKED_UDP)
    async with fake_wall(2) as wall:
        began = time.monotonic()
        await page.goto(wall.url)
        await expect(with_transport(page, "mp4")).to_have_count(2, timeout=FALLEN_BACK_MS)
        assert time.monotonic() - began > 4, "WebRTC had its time"
        assert len(wall.heard.posts) > 1, "and left nothing untried"
        await expect(page.locator("#banner")).to_be_hidden()
        deletes = len(wall.heard.deletes)

        # Tried again while it is still blocked: nobody sees that.
        await page.evaluate("dispatchEvent(new Event('online'))")
        await eventually_async(lambda: len(wall.heard.deletes) > deletes, timeout_s=20)
        await expect(with_transport(page, "mp4")).to_have_count(2)
        assert "webrtc" not in await transports(page)

        await page.evaluate("isUdpBlocked = false; dispatchEvent(new Event('online'))")
        await expect(with_transport(page, "webrtc")).to_have_count(2, timeout=20000)
        await expect(page.locator("heat-wall")).to_have_attribute("data-transport", "webrtc")
        await expect(page.locator("#quality")).to_be_hidden()
        await eventually_async(
            lambda: wall.media.count("start") == wall.media.count("stop"), timeout_s=20
        )
        assert len(wall.sessions) == 1


async def transports(page: Page) -> list[str]:
    found: list[str] = await page.evaluate(
        "[...document.querySelectorAll('heat-tile')].map((tile) => tile.dataset.transport)"
    )
    return found


async def test_a_connection_that_brings_no_picture_is_no_way_either(page: Page) -> None:
    async with fake_wall(2) as wall:
        wall.blocks_webrtc = True
        await page.goto(wall.url)
        await expect(with_transport(page, "mp4")).to_have_count(2, timeout=2 * FALLEN_BACK_MS)


async def test_webrtc_without_h264_is_not_even_tried(page: Page) -> None:
    await page.add_init_script(NO_H264_IN_WEBRTC)
    async with fake_wall(1) as wall:
        await page.goto(wall.url)
        await expect(with_transport(page, "mp4")).to_have_count(1)
        assert wall.heard.posts == []


@pytest.mark.parametrize(
    ("scripts", "lack"),
    [
        ((NO_WEBRTC, NO_MSE), "neither WebRTC nor Media Source Extensions"),
        ((NO_WEBRTC, NO_H264_IN_MSE), "neither WebRTC nor H.264 for Media Source Extensions"),
        (
            (NO_H264_IN_WEBRTC, NO_MSE),
            "neither H.264 for WebRTC nor Media Source Extensions",
        ),
    ],
    ids=["nothing", "no decoder", "no mse"],
)
async def test_a_browser_that_can_play_neither_says_what_it_lacks(
    page: Page, scripts: tuple[str, str], lack: str
) -> None:
    for script in scripts:
        await page.add_init_script(script)
    async with fake_wall(2) as wall:
        await page.goto(wall.url)
        for camera in ("cam1", "cam2"):
            tile = page.locator(f"heat-tile[data-camera='{camera}']")
            await expect(tile.get_by_text("This browser can’t show the pictures")).to_be_visible()
            await expect(tile.get_by_text(lack)).to_be_visible()
            await expect(tile).to_have_attribute("data-age", "offline")
        await expect(page.locator("heat-wall")).to_have_attribute("data-transport", "none")


async def test_a_full_server_is_no_reason_for_another_way(page: Page) -> None:
    async with fake_wall(1) as wall:
        wall.refusal = "too many viewers"
        await page.goto(wall.url)
        banner = page.get_by_text("No pictures: too many viewers – trying again")
        await expect(banner).to_be_visible(timeout=20000)
        await eventually_async(lambda: len(wall.heard.posts) > 3, timeout_s=20)
        assert wall.media.heard == []
        await fallen_not(page, wall)


async def fallen_not(page: Page, wall: FakeWall) -> None:
    """WebRTC comes by itself once there is room."""
    wall.refusal = None
    await expect(with_transport(page, "webrtc")).to_have_count(1, timeout=20000)
