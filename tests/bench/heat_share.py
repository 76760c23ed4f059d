"""CPU of a camera's whole worker process with the heat shown and without."""

from __future__ import annotations

import http.client
import json
import statistics
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from bench import proc
from bench.report import Row, Table
from bench.server import RunningWall, child, running_wall
from bench.setup import Setup

_WATCH_S = 6.0
"""A hundred ticks of the kernel's clock at least, and ninety pictures."""
_ROUNDS = 6
_SETTLE_S = 10.0
"""People have walked by then, and left some heat."""
_HTTP_S = 10.0
_END_S = 20.0


def measure(setup: Setup) -> Table:
    """Measure it all; takes about two minutes."""
    on: list[float] = []
    off: list[float] = []
    with running_wall(setup, 1) as wall:
        script = str(Path(__file__).with_name("watch.py"))
        command = [sys.executable, script, wall.address, "cam1", "1"]
        with (setup.folder / "watch.log").open("w") as log, child(command, log) as process:
            if process.stdout is None or not process.stdout.readline():
                raise RuntimeError("the viewer got no picture")
            time.sleep(_SETTLE_S)
            for _ in range(_ROUNDS):
                for loads, is_shown in ((off, False), (on, True)):
                    _show_heat(wall, is_shown=is_shown)
                    loads.append(_worker_ms(wall))
            if process.stdin is not None:
                process.stdin.close()
            process.wait(_END_S)
        model = wall.model
    ratio = statistics.median(with_it / without for with_it, without in zip(on, off, strict=True))
    note = "decode, detect frames at 5 a second, tile of 640×360 at 15 a second for one viewer"
    return Table(
        f"CPU of a worker by what it shows, one 1280×720 camera over RTSP, {model}",
        (
            Row("worker, heat off", statistics.median(off), "ms/s", note=note),
            Row("worker, heat on", statistics.median(on), "ms/s"),
            Row("heat on / heat off, whole worker", ratio, target=1.2),
        ),
    )


def _worker_ms(wall: RunningWall) -> float:
    """Return the CPU milliseconds a second that the camera's process takes."""
    (pid,) = wall.worker_pids
    before_s, began_s = proc.cpu_s(pid), time.monotonic()
    time.sleep(_WATCH_S)
    return (proc.cpu_s(pid) - before_s) * 1000 / (time.monotonic() - began_s)


def _show_heat(wall: RunningWall, *, is_shown: bool) -> None:
    connection = http.client.HTTPConnection(urlsplit(wall.address).netloc, timeout=_HTTP_S)
    try:
        connection.request(
            "PATCH",
            "/api/cameras/cam1/overlay",
            json.dumps({"show_heat": is_shown}),
            {"Content-Type": "application/json"},
        )
        response = connection.getresponse()
        if response.status != http.HTTPStatus.OK:
            raise RuntimeError(f"the heat can't be switched: {response.status} {response.read()!r}")
    finally:
        connection.close()
