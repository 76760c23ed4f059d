"""Memory of the server's processes while it works."""

from __future__ import annotations

import statistics

from bench import proc
from bench.browser import chromium, opened
from bench.report import Row, Table
from bench.server import running_wall
from bench.setup import Setup

_CAMERAS = 4
_SETTLE_S = 8.0
"""Encoders, detector and WebRTC have all been at work by then."""
_MB = 1e6


def measure(setup: Setup) -> Table:
    """Measure it all; takes about 20 s."""
    with running_wall(setup, _CAMERAS) as wall, chromium() as browser, opened(browser, "") as page:
        page.goto(wall.address)
        page.wait_for_selector("heat-tile[data-picture=playing]", timeout=20_000)
        page.wait_for_timeout(_SETTLE_S * 1000)
        main = proc.memory(wall.pid)
        workers = [proc.memory(pid) for pid in wall.worker_pids]
    resident = statistics.median(worker.resident_bytes for worker in workers)
    private = statistics.median(worker.private_bytes for worker in workers)
    return Table(
        f"Memory with {_CAMERAS} cameras, a tile of each being watched, {wall.model}",
        (
            Row("main, resident", main.resident_bytes / _MB, "MB", 900, "VmRSS, torch included"),
            Row("main, private", main.private_bytes / _MB, "MB", note="RssAnon"),
            Row("a worker, private", private / _MB, "MB", 90, f"RssAnon, of {_CAMERAS} workers"),
            Row("a worker, resident", resident / _MB, "MB", note="VmRSS; libraries are shared"),
        ),
    )
