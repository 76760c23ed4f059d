"""Debian's Chromium, driven by Playwright, as fixtures."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--autoplay-policy=no-user-gesture-required",
]

COUNT_PEERS = """
globalThis.peersMade = 0;
globalThis.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...args) {
    super(...args);
    globalThis.peersMade += 1;
  }
};
"""
"""Init script: counts the peer connections that a page makes."""


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    """A fresh browser."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A desktop's window with a full-HD area, in a time zone whose times a test can know."""
    context = await browser.new_context(
        viewport={"width": 1920, "height": 1080}, timezone_id="Europe/Berlin"
    )
    await context.add_init_script(COUNT_PEERS)
    yield context
    await context.close()


@pytest_asyncio.fixture
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """An empty page; a test fails when one of the page's scripts failed."""
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert errors == []
