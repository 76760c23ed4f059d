"""A real server with users, in a browser: each sees their own cameras, for as long as they may."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.async_api import Page, expect

from heatwall.access.passwords import hash_password
from heatwall.simulator.clips import ensure_clips
from heatwall.simulator.simulate import SimulationOptions
from support.server import Server, running_server
from support.store import running_store

pytestmark = pytest.mark.e2e

PASSWORD = "correct horse battery"
PLAYING = "heat-tile[data-picture='playing']"
FORM = "dialog.log-in"
WITHIN_MS = 60_000
"""A busy machine loads a model and starts cameras meanwhile."""


@pytest.fixture(scope="module")
def config() -> Iterator[dict[str, Any]]:
    """Two cameras, and a user who sees one of them."""
    clips = tuple(clip.path for clip in ensure_clips(2))
    with running_store(2, SimulationOptions(clips=clips)) as store:
        yield {
            "model": {"path": "demo", "imgsz": 320},
            "defaults": {"detect": {"fps": 2}},
            "cameras": {
                "door": {"url": store.urls[0]},
                "till": {"url": store.urls[1]},
            },
            "auth": {
                "users": {
                    "anna": {
                        "password": hash_password(PASSWORD),
                        "role": "viewer",
                        "cameras": ["door"],
                    },
                    "boss": {"password": hash_password(PASSWORD), "role": "admin"},
                }
            },
        }


async def log_in(page: Page, user: str) -> None:
    await page.get_by_label("User").fill(user)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.keyboard.press("Enter")


def rewrite(folder: Path, config: dict[str, Any]) -> None:
    partial = folder / "wall.partial"
    partial.write_text(yaml.safe_dump(config, sort_keys=False))
    partial.replace(folder / "wall.yaml")


@pytest.mark.timeout(300)
async def test_each_sees_their_own_cameras_until_they_may_no_more(
    page: Page, tmp_path: Path, config: dict[str, Any]
) -> None:
    server: Server
    with running_server(tmp_path, config) as server:
        await page.goto(server.address)
        await expect(page.locator(FORM)).to_be_visible(timeout=WITHIN_MS)
        await log_in(page, "anna")
        await expect(page.locator(PLAYING)).to_have_count(1, timeout=WITHIN_MS)
        tiles = page.locator("heat-tile")
        await expect(tiles).to_have_count(1)
        await expect(tiles.first).to_have_attribute("data-camera", "door")

        seen = {**config["auth"]["users"]["anna"], "cameras": ["door", "till"]}
        users = {**config["auth"]["users"], "anna": seen}
        await asyncio.to_thread(rewrite, tmp_path, {**config, "auth": {"users": users}})
        await expect(page.locator(PLAYING)).to_have_count(2, timeout=WITHIN_MS)

        del users["anna"]
        await asyncio.to_thread(rewrite, tmp_path, {**config, "auth": {"users": users}})
        await expect(page.locator(FORM)).to_be_visible(timeout=WITHIN_MS)
        await expect(tiles).to_have_count(0)

        await log_in(page, "boss")
        await expect(page.locator(PLAYING)).to_have_count(2, timeout=WITHIN_MS)
        await page.get_by_role("button", name="More").click()
        await page.get_by_role("menuitem", name="Log out").click()
        await expect(page.locator(FORM)).to_be_visible(timeout=WITHIN_MS)
        await expect(tiles).to_have_count(0)
