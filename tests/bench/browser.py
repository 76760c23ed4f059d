"""A Chromium that shows the wall, driven from outside."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass

from playwright.sync_api import Browser, Page, sync_playwright

from support.browser import ARGUMENTS, CHROMIUM

VIEWPORT = (1920, 1080)
_ROUND_TRIPS = 60


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Run Chromium until the context ends."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def opened(browser: Browser, script: str) -> Iterator[Page]:
    """Give an empty page that runs `script` before any of a site's own, with no cache."""
    width, height = VIEWPORT
    context = browser.new_context(viewport={"width": width, "height": height})
    try:
        context.add_init_script(script)
        yield context.new_page()
    finally:
        context.close()


@dataclass(frozen=True, slots=True)
class PageClock:
    """Where the page's clock stands against the machine's.

    Attributes:
        offset_ms: Monotonic clock less `performance.now()`, milliseconds.
        error_ms: Most that the offset can be wrong: half of the fastest round trip.
    """

    offset_ms: float
    error_ms: float


def page_clock(page: Page) -> PageClock:
    """Compare the clocks by round trips; the fastest one tells most (as in NTP, RFC 5905, 8)."""
    best = PageClock(0.0, float("inf"))
    for _ in range(_ROUND_TRIPS):
        sent_ms = time.monotonic() * 1000
        page_ms = float(page.evaluate("performance.now()"))
        half_ms = (time.monotonic() * 1000 - sent_ms) / 2
        if half_ms < best.error_ms:
            best = PageClock(sent_ms + half_ms - page_ms, half_ms)
    return best
