"""Time from opening the page to the first picture in its tiles."""

from __future__ import annotations

import statistics
from pathlib import Path

from playwright.sync_api import Browser

from bench.browser import chromium, opened
from bench.report import Row, Table
from bench.server import RunningWall, running_wall
from bench.setup import Setup
from support.eventually import eventually

_TARGET_MS = {4: 350.0, 16: 700.0}
_LOADS = 5
_DETECT_FPS = 1.0
"""So that sixteen cameras do not fill a small machine before the page is opened."""
_PICTURES_S = 30.0
_IDLE_S = 30.0
_SCRIPT = Path(__file__).with_name("first_picture.js")


def measure(setup: Setup) -> Table:
    """Measure it all; takes about two minutes."""
    rows: list[Row] = []
    for tiles, target_ms in _TARGET_MS.items():
        with (
            running_wall(setup, tiles, detect_fps=_DETECT_FPS) as wall,
            chromium() as browser,
        ):
            loads = [_load(wall, browser, tiles) for _ in range(_LOADS + 1)][1:]
        rows += _rows(tiles, target_ms, loads)
    return Table("Opening the page to the first picture", tuple(rows))


def _load(wall: RunningWall, browser: Browser, tiles: int) -> list[float]:
    """Open the page anew, no tier being encoded, and return each tile's first picture, ms."""
    eventually(lambda: wall.encoders() == 0, _IDLE_S)
    with opened(browser, _SCRIPT.read_text(encoding="utf-8")) as page:
        page.goto(wall.address, wait_until="commit")
        found: list[float] = page.evaluate("firstPictures", [tiles, _PICTURES_S * 1000])
    if len(found) < tiles:
        raise RuntimeError(f"{len(found)} of {tiles} tiles had a picture after {_PICTURES_S:g} s")
    return found


def _rows(tiles: int, target_ms: float, loads: list[list[float]]) -> list[Row]:
    last = statistics.median(max(load) for load in loads)
    first = statistics.median(min(load) for load in loads)
    slowest = max(max(load) for load in loads)
    return [
        Row(
            f"{tiles} tiles: all have a picture",
            last,
            "ms",
            target_ms,
            f"median of {_LOADS} loads without cache, no encoder running before, detector at "
            f"{_DETECT_FPS:g} frame a second and camera; "
            f"slowest load {slowest:.0f} ms",
        ),
        Row(f"{tiles} tiles: the first has a picture", first, "ms"),
    ]
