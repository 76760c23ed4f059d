"""CPU that each further viewer of a tile costs the server."""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench import proc
from bench.frame_cost import aiortc_encode_ms
from bench.ours import TILE
from bench.packet_cost import VIEWERS, packet_costs
from bench.report import Row, Table
from bench.server import RunningWall, child, running_wall
from bench.setup import Setup
from support.eventually import eventually

_VIEWERS = (1, 2, 4, 8)
_WATCH_S = 8.0
_SETTLE_S = 1.0
"""ICE, DTLS and the first IDR are over by then."""
_IDLE_S = 20.0
"""A tier lingers for 5 s after its last viewer."""
_DETECT_FPS = 0.1
"""The model's work does not depend on viewers; without it, it does not blur theirs."""


@dataclass(frozen=True, slots=True)
class _Load:
    """CPU milliseconds a second of the server's processes, and encoders running."""

    main: float
    worker: float
    encoders: int


def measure(setup: Setup) -> Table:
    """Measure it all; takes about four minutes."""
    encoder = aiortc_encode_ms(setup.clip) * TILE.fps
    lean, aiortc = (_loads(setup, is_lean=is_lean) for is_lean in (True, False))
    return Table(
        "CPU of the server by viewers of one tile, real WebRTC on loopback, detector at rest",
        (
            *_rows(lean, encoder),
            Row(
                "one more viewer, aiortc sending by itself",
                _one_more(aiortc),
                "ms/s",
                note=f"the lean sender's share of it: {_one_more(lean) / _one_more(aiortc):.2f}",
            ),
            *(
                Row(f"a packet: {name}", cost, "µs", note=f"main, to {VIEWERS} viewers")
                for name, cost in asyncio.run(packet_costs()).items()
            ),
        ),
    )


def _loads(setup: Setup, *, is_lean: bool) -> dict[int, _Load]:
    """Return the loads by number of viewers."""
    loads: dict[int, _Load] = {}
    with running_wall(setup, 1, is_lean=is_lean, defaults={"detect": {"fps": _DETECT_FPS}}) as wall:
        loads[0] = _load(wall)
        for viewers in _VIEWERS:
            script = str(Path(__file__).with_name("watch.py"))
            command = [sys.executable, script, wall.address, "cam1", str(viewers)]
            with (setup.folder / "watch.log").open("w") as log, child(command, log) as process:
                if process.stdout is None or not process.stdout.readline():
                    raise RuntimeError("the viewers got no picture")
                time.sleep(_SETTLE_S)
                loads[viewers] = _load(wall)
                if process.stdin is not None:
                    process.stdin.close()
                process.wait(_IDLE_S)
        eventually(lambda: wall.encoders() == 0, _IDLE_S)
    return loads


def _one_more(loads: dict[int, _Load]) -> float:
    """Return main's milliseconds a second for each further viewer."""
    return _slope([(viewers, load.main) for viewers, load in loads.items() if viewers])


def _load(wall: RunningWall) -> _Load:
    pids = [wall.pid, *wall.worker_pids]
    before_s = [proc.cpu_s(pid) for pid in pids]
    began_s = time.monotonic()
    time.sleep(_WATCH_S)
    encoders = wall.encoders()
    took_s = time.monotonic() - began_s
    main, *workers = (
        (proc.cpu_s(pid) - before) * 1000 / took_s
        for pid, before in zip(pids, before_s, strict=True)
    )
    return _Load(main, sum(workers), encoders)


def _rows(loads: dict[int, _Load], aiortc_encoder: float) -> list[Row]:
    rows = [
        Row(
            f"main + worker, {viewers} viewers",
            load.main + load.worker,
            "ms/s",
            note=f"main {load.main:.0f}, worker {load.worker:.0f}, encoders {load.encoders}",
        )
        for viewers, load in loads.items()
    ]
    watched = {viewers: load for viewers, load in loads.items() if viewers}
    one_more = _one_more(loads)
    in_all = _slope([(viewers, load.main + load.worker) for viewers, load in watched.items()])
    encoder = loads[1].worker - loads[0].worker
    rows += [
        Row("encoders running, at most", max(load.encoders for load in loads.values()), target=1),
        Row(
            "one more viewer",
            one_more,
            "ms/s",
            note="main's slope over 1 to 8 viewers, since a worker with one encoder knows of no "
            f"viewers; with the worker's own unrest it would be {in_all:.1f}",
        ),
        Row(
            "one more encoder",
            encoder,
            "ms/s",
            note="worker with a viewer less worker without: scaling, blending and encoding a tile",
        ),
        Row("one more viewer / one more encoder", one_more / encoder, target=1 / 50),
        Row(
            "one more viewer / aiortc's encoder for a viewer",
            one_more / aiortc_encoder,
            target=1 / 50,
            note=f"aiortc's takes {aiortc_encoder:.0f} ms/s for the same tile",
        ),
    ]
    return rows


def _slope(points: list[tuple[int, float]]) -> float:
    """Return the slope of the line with the least squares through `points`."""
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / sum(
        (x - mean_x) ** 2 for x, _ in points
    )
