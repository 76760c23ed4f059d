"""Time from opening the page to the first picture in its tiles."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import av
from playwright.sync_api import Browser

from bench.browser import chromium, opened
from bench.report import Row, Table
from bench.server import RunningWall, running_wall
from bench.setup import FPS, Setup
from support.eventually import eventually

_TARGET_MS = {4: 350.0, 16: 700.0}
_SMALL = (640, 360)
"""Sixteen cameras send this, as in the figures of a whole wall: a machine of two cores that decodes
sixteen times 720p beside has no core left for the browser."""
_SMALL_FROM = 16
_LOADS = 5
_DETECT_FPS = 1.0
"""So that sixteen cameras do not fill a small machine before the page is opened."""
_SMALL_BPS = 600_000
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
    small = replace(setup, clip=_scaled(setup.clip, setup.folder / "small.mp4"))
    for tiles, target_ms in _TARGET_MS.items():
        sent = small if tiles >= _SMALL_FROM else setup
        with (
            running_wall(sent, tiles, defaults={"detect": {"fps": _DETECT_FPS}}) as wall,
            chromium() as browser,
        ):
            loads = [_load(wall, browser, tiles) for _ in range(_LOADS + 1)][1:]
        rows += _rows(tiles, target_ms, loads)
    return Table("Opening the page to the first picture", tuple(rows))


def _scaled(clip: Path, path: Path) -> Path:
    """Make a smaller clip of the same: no B-frames, an IDR each second."""
    with av.open(str(clip)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream("libx264", rate=FPS)
        stream.width, stream.height = _SMALL
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = _SMALL_BPS
        stream.options = {"preset": "veryfast", "bf": "0", "g": str(FPS), "sc_threshold": "0"}
        for frame in source.decode(video=0):
            target.mux(stream.encode(frame.reformat(*_SMALL)))
        target.mux(stream.encode())
    return path


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
