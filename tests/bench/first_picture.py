"""Time from opening the page to the first picture in its tiles."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser

from bench.browser import chromium, opened
from bench.report import Row, Table
from bench.server import RunningWall, running_wall
from bench.setup import Setup, with_small_clip
from support.eventually import eventually

_TARGET_MS = {4: 350.0, 16: 700.0}
_SMALL_FROM = 16
_LOADS = 5
_DETECT_FPS = 1.0
"""So that sixteen cameras do not fill a small machine before the page is opened."""
_STEPS = {
    "modules": "the page's scripts are loaded",
    "peer": "the cameras are known or awaited, a connection is made",
    "offered": "the offer is made",
    "posted": "the offer is sent",
    "answered": "the offer is answered",
    "ice": "ICE has found a way",
    "connected": "DTLS has its keys",
}
_PICTURES_S = 30.0
_IDLE_S = 30.0
_SCRIPT = Path(__file__).with_name("first_picture.js")


def measure(setup: Setup) -> Table:
    """Measure it all; takes about two minutes."""
    rows: list[Row] = []
    small = with_small_clip(setup)
    for tiles, target_ms in _TARGET_MS.items():
        sent = small if tiles >= _SMALL_FROM else setup
        with (
            running_wall(sent, tiles, defaults={"detect": {"fps": _DETECT_FPS}}) as wall,
            chromium() as browser,
        ):
            loads = [_load(wall, browser, tiles) for _ in range(_LOADS + 1)][1:]
        rows += _rows(tiles, target_ms, loads)
    return Table("Opening the page to the first picture", tuple(rows))


@dataclass(frozen=True, slots=True)
class _Load:
    """What came when after the page was opened, milliseconds.

    Attributes:
        marks: Its steps by name, see `_STEPS`.
        pictures: Each tile's first picture, the earliest first.
    """

    marks: Mapping[str, float]
    pictures: tuple[float, ...]


def _load(wall: RunningWall, browser: Browser, tiles: int) -> _Load:
    """Open the page anew, no tier being encoded."""
    eventually(lambda: wall.encoders() == 0, _IDLE_S)
    with opened(browser, _SCRIPT.read_text(encoding="utf-8")) as page:
        page.goto(wall.address, wait_until="commit")
        found = page.evaluate("firstPictures", [tiles, _PICTURES_S * 1000])
    pictures = tuple(found["pictures"])
    if len(pictures) < tiles:
        raise RuntimeError(f"{len(pictures)} of {tiles} tiles got a picture in {_PICTURES_S:g} s")
    return _Load(found["marks"], pictures)


def _rows(tiles: int, target_ms: float, loads: list[_Load]) -> list[Row]:
    slowest = max(load.pictures[-1] for load in loads)
    note = (
        f"median of {_LOADS} loads without cache, no encoder running before, detector at "
        f"{_DETECT_FPS:g} frame a second and camera; slowest load {slowest:.0f} ms"
    )
    return [
        Row(
            f"{tiles} tiles: all have a picture",
            statistics.median(load.pictures[-1] for load in loads),
            "ms",
            target_ms,
            note,
        ),
        Row(
            f"{tiles} tiles: the first has a picture",
            statistics.median(load.pictures[0] for load in loads),
            "ms",
        ),
        *(
            Row(
                f"{tiles} tiles: {text}",
                statistics.median(load.marks[name] for load in loads),
                "ms",
            )
            for name, text in reversed(_STEPS.items())
        ),
    ]
