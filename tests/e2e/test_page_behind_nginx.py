"""The real page, below a path of a site that nginx serves by TLS."""

from __future__ import annotations

import asyncio
import ipaddress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, expect

from heatwall.forwarded import Proxy
from support.delivery import serving_delivery
from support.nginx import nginx

pytestmark = pytest.mark.e2e

PREFIX = "/heatwall"
WEB = Path(__file__).parents[2] / "web"


@pytest.mark.parametrize("has_webrtc", [True, False])
async def test_all_tiles_play_below_a_prefix(
    browser: Browser, tmp_path: Path, has_webrtc: bool
) -> None:
    proxy = Proxy((ipaddress.ip_network("127.0.0.1"),), prefix=PREFIX)
    async with serving_delivery(WEB, proxy=proxy) as stand:
        # In a thread each: what they wait for needs this event loop.
        front = nginx(tmp_path, urlsplit(stand.base).port or 0)
        at = await asyncio.to_thread(front.__enter__)
        context = await browser.new_context(ignore_https_errors=True)
        try:
            page = await context.new_page()
            if not has_webrtc:
                await page.add_init_script("delete globalThis.RTCPeerConnection;")
            await page.goto(f"{at.base(PREFIX)}{PREFIX}")  # without the slash, as people type it
            way = "webrtc" if has_webrtc else "mp4"
            playing = f"heat-tile[data-transport='{way}'][data-picture='playing']"
            await expect(page.locator(playing)).to_have_count(2, timeout=20_000)
        finally:
            await context.close()
            await asyncio.to_thread(front.__exit__, None, None, None)
