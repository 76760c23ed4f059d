"""How long a change of the config file takes to be seen, with as many cameras as a wall has."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from bench.report import Row, Table
from bench.setup import Setup
from support.eventually import eventually
from support.server import Server, running_server

_CAMERAS = 64
_TARGET_S = 2.0
_TIMES = 3

_AT_ONCE = 8
"""Cameras that are added in one step at the beginning: each starts a process once."""

_SETTLED_S = 120.0
"""What these may take to find out that their cameras are not there."""

_IDLE = {"url": "rtsp://127.0.0.1:9/"}
"""Not there, port 9 is closed: no worker takes from the processor what the reload needs."""


def measure(setup: Setup) -> Table:
    """Measure it all; takes one to two minutes, most of them to begin."""
    folder = setup.folder / "reload"
    folder.mkdir()
    cameras: dict[str, Any] = {"cam0": _IDLE}
    config: dict[str, Any] = {"model": {"path": "demo", "imgsz": 160}, "cameras": cameras}
    with running_server(folder, config) as server:
        for first in range(1, _CAMERAS - 1, _AT_ONCE):
            numbers = range(first, min(first + _AT_ONCE, _CAMERAS - 1))
            cameras |= {f"cam{number}": _IDLE for number in numbers}
            _seen_after_s(folder, config, _are_known_to_be_away(server, len(cameras)))
        added, removed, changed, by_defaults = [], [], [], []
        for number in range(_TIMES):
            more = config | {"cameras": cameras | {f"more{number}": _IDLE}}
            added.append(_seen_after_s(folder, more, lambda: len(_cameras(server)) == _CAMERAS))
            eventually(_are_known_to_be_away(server, _CAMERAS), timeout_s=_SETTLED_S)
            removed.append(_seen_after_s(folder, config, lambda: len(_cameras(server)) < _CAMERAS))
            name = f"The name {number}"
            cameras["cam40"] = _IDLE | {"name": name}
            changed.append(_seen_after_s(folder, config, _is_named(server, name)))
            opacity = 0.1 + number / 10
            config["defaults"] = {"overlay": {"opacity": opacity}}
            by_defaults.append(_seen_after_s(folder, config, _is_shown_at(server, opacity)))
    note = f"from the write to /api/cameras, the longest of {_TIMES}; a probe every 20 ms"
    return Table(
        f"A changed config file with {_CAMERAS} cameras that are not there",
        tuple(
            Row(what, max(times_s), "s", _TARGET_S, note)
            for what, times_s in (
                ("a camera added", added),
                ("a camera removed", removed),
                ("a name changed", changed),
                ("all changed by defaults", by_defaults),
            )
        ),
    )


def _seen_after_s(folder: Path, config: dict[str, Any], is_seen: Callable[[], bool]) -> float:
    """Write a file; returns after how many seconds its effect was seen."""
    text = yaml.safe_dump(config, sort_keys=False)
    began_s = time.monotonic()
    (folder / "wall.yaml").write_text(text)
    eventually(is_seen, timeout_s=_SETTLED_S)
    return time.monotonic() - began_s


def _is_named(server: Server, name: str) -> Callable[[], bool]:
    return lambda: server.camera("cam40")["name"] == name


def _is_shown_at(server: Server, opacity: float) -> Callable[[], bool]:
    """Whether the last camera is: all change together."""
    path = f"/api/cameras/cam{_CAMERAS - 2}/overlay"
    return lambda: json.loads(server.get(path))["opacity"] == opacity


def _are_known_to_be_away(server: Server, count: int) -> Callable[[], bool]:
    def are_away() -> bool:
        states = [camera["state"] for camera in _cameras(server)]
        return len(states) == count and set(states) == {"retrying"}

    return are_away


def _cameras(server: Server) -> list[dict[str, Any]]:
    cameras: list[dict[str, Any]] = json.loads(server.get("/api/cameras"))["cameras"]
    return cameras
