"""The whole wall: simulated cameras, a real server, a real browser."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import AsyncIterator, Iterator

import numpy as np
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page

from heatwall.simulator.clips import ensure_clips
from heatwall.simulator.faults import Fault
from heatwall.simulator.simulate import SimulationOptions
from support.eventually import eventually, eventually_async
from support.screen import KEEP_PEERS, packets_lost, picture, playing, tile
from support.server import Server, running_server
from support.store import Store, running_store

pytestmark = pytest.mark.e2e

CAMERAS = ["cam1", "cam2", "cam3", "cam4"]


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    clips = tuple(clip.path for clip in ensure_clips(4))
    with running_store(5, SimulationOptions(clips=clips), {"cam5": Fault.OFF}) as cameras:
        yield cameras


@pytest.fixture(scope="module")
def server(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    config = {
        "model": {"path": "demo", "imgsz": 320, "iou": 0.5},
        "defaults": {"overlay": {"scale": 0.3}},
        "cameras": {f"cam{index + 1}": {"url": url} for index, url in enumerate(store.urls)},
    }
    with running_server(tmp_path_factory.mktemp("wall"), config) as running:
        yield running


@pytest_asyncio.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(viewport={"width": 1280, "height": 720})
    await context.add_init_script(KEEP_PEERS)
    yield context
    await context.close()


@pytest_asyncio.fixture
async def page(context: BrowserContext, server: Server) -> AsyncIterator[Page]:
    page = await context.new_page()
    await page.goto(server.address)
    for camera in CAMERAS:
        await playing(page, camera)
    yield page


async def test_four_tiles_show_moving_pictures(page: Page) -> None:
    first = {camera: (await picture(page, camera)).astype(int) for camera in CAMERAS}

    async def have_all_changed() -> bool:
        for camera in CAMERAS:
            now = (await picture(page, camera)).astype(int)
            if float(np.abs(now - first[camera]).mean()) < 0.5:
                return False
        return True

    await eventually_async(have_all_changed, timeout_s=30)


async def test_a_second_and_a_third_viewer_start_no_further_encoder(
    page: Page, context: BrowserContext, server: Server
) -> None:
    assert page.url
    for _ in range(2):
        another = await context.new_page()
        await another.goto(server.address)
        await playing(another, "cam1")

    assert server.metric("heatwall_viewers") == 3
    assert server.metric("heatwall_slots", camera="cam1") == 3
    for camera in CAMERAS:
        assert server.metric("heatwall_encoders_running", camera=camera) == 1


async def test_without_webrtc_the_same_encoder_serves_the_page_over_http(
    page: Page, browser: Browser, server: Server
) -> None:
    context = await browser.new_context(viewport={"width": 1280, "height": 720})
    await context.add_init_script("delete globalThis.RTCPeerConnection;")
    another = await context.new_page()
    await another.goto(server.address)
    for camera in CAMERAS:
        await playing(another, camera, beyond=20)
        assert (await tile(another, camera))["transport"] == "mp4"
    first = (await picture(another, "cam1")).astype(int)

    async def has_moved() -> bool:
        return float(np.abs(await picture(another, "cam1") - first).mean()) > 0.5

    await eventually_async(has_moved, timeout_s=30)
    assert (await tile(page, "cam1"))["transport"] == "webrtc"
    assert server.metric("heatwall_encoders_running", camera="cam1") == 1

    await another.locator('heat-tile[data-camera="cam2"]').click()
    await another.wait_for_selector(
        'heat-tile[data-camera="cam2"][data-width="1280"]', timeout=20_000
    )
    await context.close()


async def test_a_viewer_who_joins_late_has_a_picture_within_two_seconds(
    page: Page, context: BrowserContext, server: Server
) -> None:
    assert page.url
    late = await context.new_page()
    await late.goto(server.address)

    began_s = time.monotonic()
    await playing(late, "cam1", timeout_s=2)

    assert time.monotonic() - began_s < 2


async def test_focus_is_larger_on_the_same_connection_and_esc_goes_back(
    page: Page, server: Server
) -> None:
    wide = 'heat-tile[data-camera="cam2"][data-width="1280"]'
    small = 'heat-tile[data-camera="cam2"][data-width="640"]'
    await page.wait_for_selector(small)

    await page.locator('heat-tile[data-camera="cam2"]').click()
    await page.wait_for_selector(wide, timeout=15_000)
    assert (await tile(page, "cam2"))["tier"] == "focus"
    await page.keyboard.press("Escape")
    await page.wait_for_selector(small, timeout=15_000)

    assert await page.evaluate("globalThis.peers.length") == 1
    assert server.metric("heatwall_viewers") == 1


async def test_an_encoder_stops_after_its_last_viewer_left(page: Page, server: Server) -> None:
    assert server.metric("heatwall_encoders_running", tier="tile") >= 4

    await page.close()

    eventually(lambda: server.metric("heatwall_encoders_running") == 0, timeout_s=30)


async def test_a_killed_worker_is_back_while_the_others_lose_no_frame(
    page: Page, server: Server
) -> None:
    def restarts() -> dict[str, float]:
        return {
            name: server.metric("heatwall_worker_restarts_total", camera=name) for name in CAMERAS
        }

    def shown(camera: str) -> float:
        return server.metric("heatwall_frames_shown_total", camera=camera, tier="tile")

    before = restarts()
    lost = await packets_lost(page)
    victims = server.worker_pids()
    pid = min(victims)
    began_s = time.monotonic()
    counts = {camera: shown(camera) for camera in CAMERAS}

    os.kill(pid, signal.SIGKILL)

    eventually(lambda: restarts() != before)
    after = restarts()
    victim = next(camera for camera in CAMERAS if after[camera] != before[camera])
    back = counts[victim]
    eventually(lambda: shown(victim) > back + 10, timeout_s=10)
    assert time.monotonic() - began_s < 5
    frames = int((await tile(page, victim))["frames"])
    await playing(page, victim, timeout_s=10, beyond=frames + 5)
    took_s = time.monotonic() - began_s
    for camera in set(CAMERAS) - {victim}:
        # 15 fps, less what is under way at either end.
        assert shown(camera) - counts[camera] >= 15 * (took_s - 1.5)
        assert server.camera(camera)["state"] == "live"
        assert (
            server.metric("heatwall_frames_dropped_total", camera=camera, reason="main_busy") == 0
        )
        assert server.metric("heatwall_pictures_dropped_total", camera=camera) == 0
    assert await packets_lost(page) == lost
    assert {name for name in CAMERAS if after[name] != before[name]} == {victim}


async def test_a_camera_that_is_off_shows_why_and_appears_when_it_is_switched_on(
    page: Page, store: Store
) -> None:
    shown = await tile(page, "cam5")
    assert shown["state"] in {"retrying", "connecting"}
    words = await page.locator('heat-tile[data-camera="cam5"]').inner_text()
    assert "since" in words
    assert "path" in words

    store.break_camera("cam5", Fault.NONE)

    await playing(page, "cam5", timeout_s=45)
    store.break_camera("cam5", Fault.OFF)
