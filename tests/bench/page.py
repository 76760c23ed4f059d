"""What the page costs its browser: weight, first paint, the main thread, layouts, memory."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page

from bench import proc
from bench.browser import chromium, opened
from bench.report import Row, Table
from bench.server import running_wall
from bench.setup import Setup, with_small_clip

_TILES = 16
_DETECT_FPS = 1.0
"""So that the cameras leave a machine of two cores something for the browser."""
_PICTURES_S = 60.0
_SETTLE_S = 5.0
"""After the load's own work."""
_MINUTES = 1.0
_LOADS = 5
_LAYOUTS = 6
_LAYOUT_ROUNDS = 4
_LAYOUT_REST_MS = 300
_FOCUS_CHANGES = 200
_SCRIPT = Path(__file__).with_name("page.js")


def measure(setup: Setup) -> Table:
    """Measure it all; takes `setup.minutes`, or one, and two more."""
    watch_s = 60 * (setup.minutes or _MINUTES)
    defaults = {"detect": {"fps": _DETECT_FPS}}
    with (
        running_wall(with_small_clip(setup), _TILES, defaults=defaults) as wall,
        chromium() as browser,
    ):
        loads = [_load(browser, wall.address) for _ in range(_LOADS)]
        with opened(browser, _SCRIPT.read_text(encoding="utf-8")) as page:
            page.goto(wall.address)
            _wait_for_pictures(page)
            page.wait_for_timeout(_SETTLE_S * 1000)
            rows = [
                *_load_rows(loads),
                *_busy_rows(page, watch_s / 2),
                *_layout_rows(page),
                *_memory_rows(browser, page, watch_s / 2),
                Row("connections made", page.evaluate("peersMade"), "", 1),
            ]
    title = f"The page in Chromium, {_TILES} cameras of 640×360, software decoding and painting"
    return Table(title, tuple(rows))


@dataclass(frozen=True, slots=True)
class _Load:
    """One opening of the page without a cache.

    Attributes:
        octets: Bytes that came over the network, headers included, before the first picture.
        requests: How many files they were.
        foreign: Requests to others than the server.
        paint_ms: First contentful paint after the navigation's start, milliseconds.
    """

    octets: int
    requests: int
    foreign: int
    paint_ms: float


def _load(browser: Browser, address: str) -> _Load:
    with opened(browser, "") as page:
        session = page.context.new_cdp_session(page)
        asked: dict[str, str] = {}
        octets: dict[str, int] = {}
        session.on(
            "Network.requestWillBeSent",
            lambda event: asked.update({event["requestId"]: event["request"]["url"]}),
        )
        session.on(
            "Network.loadingFinished",
            lambda event: octets.update({event["requestId"]: int(event["encodedDataLength"])}),
        )
        session.send("Network.enable")
        page.goto(address)
        page.wait_for_selector("heat-tile")
        paint: float = page.evaluate(
            """() => new Promise((resolve) => new PerformanceObserver((list) => {
                const found = list.getEntriesByName("first-contentful-paint")[0];
                if (found) resolve(found.startTime);
            }).observe({type: "paint", buffered: true}))"""
        )
        own = {key for key, url in asked.items() if url.startswith(address)}
        return _Load(
            octets=sum(size for key, size in octets.items() if key in own),
            requests=len(own),
            foreign=len(asked) - len(own),
            paint_ms=paint,
        )


def _load_rows(loads: list[_Load]) -> list[Row]:
    paints = [load.paint_ms for load in loads]
    return [
        Row(
            "page weight",
            max(load.octets for load in loads) / 1000,
            "kB",
            150,
            f"{loads[-1].requests} requests, headers and the cameras' list included",
        ),
        Row("requests to others", max(load.foreign for load in loads), "", 0),
        Row(
            "first contentful paint, median",
            statistics.median(paints),
            "ms",
            300,
            f"of {_LOADS} loads without cache, the cameras running beside; "
            f"{min(paints):.0f} to {max(paints):.0f}",
        ),
    ]


def _wait_for_pictures(page: Page) -> None:
    # A function and no expression: the page's policy lets nobody evaluate text.
    playing = "document.querySelectorAll('heat-tile[data-picture=playing]').length"
    page.wait_for_function(f"() => {playing} === {_TILES}", timeout=_PICTURES_S * 1000)


def _busy_rows(page: Page, watch_s: float) -> list[Row]:
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    since_ms: float = page.evaluate("performance.now()")
    before, began_s = _metrics(session), time.monotonic()
    page.wait_for_timeout(watch_s * 1000)
    after, took_s = _metrics(session), time.monotonic() - began_s
    tasks: list[float] = page.evaluate(
        "(since) => longTasks.filter(([at]) => at > since).map(([, ms]) => ms)", since_ms
    )
    parts = {
        name: (after[f"{name}Duration"] - before[f"{name}Duration"]) / took_s * 100
        for name in ("Task", "Script", "Layout", "RecalcStyle")
    }
    return [
        Row(
            "main thread busy",
            parts["Task"],
            "%",
            20,
            f"CPU of one core over {watch_s:g} s, all tiles playing: scripts "
            f"{parts['Script']:.1f}, layout {parts['Layout']:.1f}, style "
            f"{parts['RecalcStyle']:.1f}; pictures are decoded on other threads",
        ),
        Row("longest task after the load", max(tasks, default=0.0), "ms", 50, _count(tasks)),
    ]


def _count(tasks: list[float]) -> str:
    return f"{len(tasks)} of more than 50 ms; the browser notes no shorter ones"


def _metrics(session: CDPSession) -> dict[str, float]:
    found: list[dict[str, Any]] = session.send("Performance.getMetrics")["metrics"]
    return {metric["name"]: float(metric["value"]) for metric in found}


def _layout_rows(page: Page) -> list[Row]:
    times: list[float] = []
    for _ in range(_LAYOUTS * _LAYOUT_ROUNDS):  # whole rounds: back where it began
        page.wait_for_timeout(_LAYOUT_REST_MS)
        times.append(page.evaluate("pressed('l')"))
    return [
        Row(
            "another layout, until it is painted, median",
            statistics.median(times),
            "ms",
            100,
            f"all {_LAYOUTS} layouts {_LAYOUT_ROUNDS} times, slowest {max(times):.0f} ms",
        )
    ]


def _memory_rows(browser: Browser, page: Page, watch_s: float) -> list[Row]:
    """Look at memory before and after many looks at single cameras."""
    _wait_for_pictures(page)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    _focus(page, 10)  # what is loaded at the first look only
    before = _memory(browser, session)
    page.wait_for_timeout(watch_s * 1000)
    _focus(page, _FOCUS_CHANGES)
    _wait_for_pictures(page)
    after = _memory(browser, session)
    note = f"after {_FOCUS_CHANGES} focus changes and {watch_s:g} s of playing"
    return [
        Row("scripts' memory after, less before", after[0] - before[0], "MB", 2, note, "±"),
        Row("the browser's page process", after[1], "MB", note=f"before: {before[1]:.0f} MB"),
        Row("elements of the page, more than before", after[2] - before[2], "", 20, note),
    ]


def _focus(page: Page, times: int) -> None:
    page.locator("heat-tile").first.click()
    for _ in range(times - 2):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(60)
    page.keyboard.press("Escape")


def _memory(browser: Browser, session: CDPSession) -> tuple[float, float, float]:
    """Return the scripts' heap and the renderers' own memory in MB, and the number of nodes."""
    session.send("HeapProfiler.collectGarbage")
    metrics = _metrics(session)
    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    pids = [int(process["id"]) for process in processes if process["type"] == "renderer"]
    private = max((_quietly(proc.memory, pid) for pid in pids), default=0.0)
    return metrics["JSHeapUsedSize"] / 1e6, private / 1e6, metrics["Nodes"]


def _quietly(read: Callable[[int], proc.Memory], pid: int) -> float:
    """Return a process's own memory; 0 for one that has ended meanwhile."""
    try:
        return read(pid).private_bytes
    except OSError:
        return 0.0
