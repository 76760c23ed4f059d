"""A zone is drawn in Chromium, seen in a real server's picture, and saved into its file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.async_api import Page, expect

from heatwall.config import in_words, load_config, regions_of
from heatwall.simulator.clips import ensure_clips
from heatwall.simulator.simulate import SimulationOptions
from support.eventually import eventually_async
from support.region_editor import RegionEditor
from support.screen import pictures, playing
from support.server import running_server
from support.store import running_store

pytestmark = pytest.mark.e2e

CORNERS = [(0.2, 0.25), (0.8, 0.25), (0.8, 0.75), (0.2, 0.75)]

CONFIG = """\
# Two looks at one camera, of which one stays as it is.
model: {{path: demo, imgsz: 320, iou: 0.5}}
defaults: {{overlay: {{show_heat: false, show_boxes: false}}}}
cameras:
  plain: {{url: {url}}}
  door:
    url: {url}
    lines:
      way: {{from: [0.1, 0.9], to: [0.9, 0.9], inside: above}}  # stays
"""


async def whiter(page: Page, row: float) -> float:
    """Return how much lighter a row of `door` is than of `plain`, in the mean, in 8-bit steps."""
    door, plain = await pictures(page, ["door", "plain"], 640, 360)
    rows = slice(round(row * 360) - 2, round(row * 360) + 3)
    lines = [one[rows, 140:500].mean(axis=-1).max(axis=0) for one in (door, plain)]
    return float(np.median(lines[0] - lines[1]))


async def test_a_zone_is_drawn_seen_and_saved(page: Page, tmp_path: Path) -> None:
    clip = ensure_clips(1)[0]
    file = tmp_path / "wall.yaml"
    with running_store(1, SimulationOptions(clips=(clip.path,))) as store:
        file.write_text(CONFIG.format(url=store.urls[0]))
        with running_server(tmp_path, None) as server:
            await page.goto(server.address)
            for camera in ("plain", "door"):
                await playing(page, camera)

            async def is_seen() -> bool:
                return await whiter(page, CORNERS[2][1]) > 25

            assert not await is_seen()
            await page.locator("heat-tile[data-camera='door']").click()
            await page.wait_for_selector("heat-wall[data-focus='door']:not([data-moving])")
            await page.keyboard.press("e")
            editor = await RegionEditor.ready(page)
            await editor.press("Zone")
            await editor.click(*CORNERS)
            await page.keyboard.press("Enter")
            await page.get_by_role("textbox", name="Name").fill("middle")
            await editor.press("Apply")
            await expect(page.locator("#toast")).to_contain_text("Applied")
            drawn = await editor.drawn()
            assert "middle" not in file.read_text()
            await editor.press("Save to the file")
            await expect(page.locator("#toast")).to_contain_text("Saved to the config file")
            assert in_words(regions_of(load_config(file).cameras["door"])) == drawn
            assert "inside: above}  # stays" in file.read_text()

            await page.keyboard.press("e")
            await page.keyboard.press("Escape")
            await page.wait_for_selector("heat-wall:not([data-focus])")
            await eventually_async(is_seen, timeout_s=20)
