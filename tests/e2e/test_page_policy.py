"""The page keeps to its own Content-Security-Policy, wherever one can get to."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from support.fake_wall import fake_wall

pytestmark = pytest.mark.e2e

LISTEN = """
globalThis.violations = [];
document.addEventListener("securitypolicyviolation", ({violatedDirective, blockedURI, sample}) =>
  violations.push(`${violatedDirective}: ${blockedURI} ${sample}`));
"""
NO_WEBRTC = "delete globalThis.RTCPeerConnection;"
PLAYING = "heat-tile[data-picture='playing']"


async def violations(page: Page) -> list[str]:
    found: list[str] = await page.evaluate("violations")
    return found


async def test_the_listener_hears_what_the_policy_forbids(page: Page) -> None:
    await page.add_init_script(LISTEN)
    async with fake_wall(1, fps=2) as wall:
        await page.goto(wall.url)
        await page.evaluate("void fetch('https://example.invalid/').catch(() => {})")
        await page.wait_for_function("violations.length > 0")
        refused = await page.evaluate(
            "() => { try { document.body.innerHTML = 'x'; } catch (error) { return error.name; } }"
        )
        assert refused == "TypeError", "texts must not become markup"


@pytest.mark.parametrize("script", ["", NO_WEBRTC], ids=["webrtc", "mp4"])
async def test_nothing_on_the_page_breaks_the_policy(page: Page, script: str) -> None:
    await page.add_init_script(LISTEN + script)
    async with fake_wall(3, fps=2) as wall:
        wall.log_in.users = {"anna": "secret"}
        wall.groups = [{"id": "front", "name": "Front", "cameras": ["cam1", "cam2"]}]
        await page.goto(wall.url)
        await page.get_by_label("User").fill("anna")
        await page.get_by_label("Password", exact=True).fill("secret")
        await page.keyboard.press("Enter")
        await expect(page.locator(PLAYING)).to_have_count(3)
        for key in ("i", "l", "g", "g", "h", "Escape"):
            await page.keyboard.press(key)
        await page.locator("heat-tile[data-camera='cam2']").click()
        await expect(page.locator("#panel")).to_be_visible()
        await page.keyboard.press("e")
        await expect(page.locator("#panel[data-panel='regions']")).to_be_visible()
        await page.keyboard.press("Escape")
        await page.keyboard.press("?")
        await expect(page.locator("dialog")).to_be_visible()
        assert await violations(page) == []
