"""The wall fed by cameras that nobody here wrote: GStreamer's RTSP server, and real footage."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from playwright.async_api import Page

from heatwall.values import Tier
from support.eventually import eventually_async
from support.gst_camera import Kind, gst_camera
from support.screen import picture, playing
from support.server import Server, running_server

pytestmark = pytest.mark.e2e

PASSWORD = "canary-4711"
CAMERAS = {
    "bframes": Kind.H264_B_FRAMES,
    "hevc": Kind.H265,
    "mjpeg": Kind.MJPEG,
    "digest": Kind.H264,
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with contextlib.ExitStack() as stack:
        urls = {
            name: stack.enter_context(
                gst_camera(kind, user="viewer", password=PASSWORD)
                if name == "digest"
                else gst_camera(kind)
            )
            for name, kind in CAMERAS.items()
        }
        if clip := os.environ.get("HEATWALL_REAL_CLIP"):
            urls["real"] = stack.enter_context(gst_camera(Kind.H264, clip=Path(clip)))
        config = {
            "model": {"path": "demo", "imgsz": 320, "iou": 0.5},
            "defaults": {"detect": {"fps": 2}},
            "cameras": {name: {"url": url} for name, url in urls.items()},
        }
        folder = tmp_path_factory.mktemp("foreign")
        with running_server(folder, config) as running:
            yield running
        assert PASSWORD not in running.log.read_text()


@pytest_asyncio.fixture
async def wall(page: Page, server: Server) -> AsyncIterator[Page]:
    await page.goto(server.address)
    yield page


async def shows_moving_pictures(page: Page, camera: str) -> None:
    await playing(page, camera, timeout_s=45)
    first = (await picture(page, camera)).astype(int)

    async def has_changed() -> bool:
        now = (await picture(page, camera)).astype(int)
        return float(np.abs(now - first).mean()) > 0.2

    await eventually_async(has_changed, timeout_s=30)


@pytest.mark.parametrize("camera", CAMERAS)
async def test_a_camera_of_this_kind_moves_on_the_wall(
    wall: Page, server: Server, camera: str
) -> None:
    await shows_moving_pictures(wall, camera)

    status = server.camera(camera)
    codecs = {"bframes": "h264", "hevc": "hevc", "mjpeg": "mjpeg", "digest": "h264"}
    assert status["codec"] == codecs[camera]
    assert Tier.TILE in status["tiers"]


async def test_real_footage_moves_on_the_wall(wall: Page, server: Server) -> None:
    if "HEATWALL_REAL_CLIP" not in os.environ:
        pytest.skip("HEATWALL_REAL_CLIP is not set: no real footage to show")

    await shows_moving_pictures(wall, "real")

    status = server.camera("real")
    assert (status["width"], status["height"]) == (640, 360)


def test_no_password_is_in_any_answer(server: Server) -> None:
    for path in ("/api/cameras", "/metrics", "/", "/healthz"):
        assert PASSWORD not in server.get(path)
