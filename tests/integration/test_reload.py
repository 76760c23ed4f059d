"""Cameras added, changed and removed in the file of a real server while others are watched."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import numpy as np
import yaml

from heatwall.simulator.simulate import SimulationOptions
from support.eventually import eventually, eventually_async
from support.server import Server, running_server
from support.store import running_store
from support.viewer import Viewer

_WITHIN_S = 30.0
"""Two seconds on a quiet machine, and what a worker takes to start on a busy one."""


def test_cameras_come_change_and_go_while_another_is_not_touched(tmp_path: Path) -> None:
    with running_store(2, SimulationOptions(port=0)) as store:
        door, till = ({"url": url} for url in store.urls)
        config: dict[str, Any] = {
            "model": {"path": "demo", "imgsz": 320},
            "cameras": {"door": door},
        }
        with running_server(tmp_path, config) as server:
            eventually(lambda: server.camera("door")["state"] == "live", timeout_s=_WITHIN_S)
            untouched = server.worker_pids()
            decoded = server.metric("heatwall_frames_decoded_total", camera="door")

            rewrite(tmp_path, config, till)
            eventually(lambda: is_live(server, "till"), timeout_s=_WITHIN_S)
            (first,) = server.worker_pids() - untouched

            rewrite(tmp_path, config, till | {"name": "Till 1"})
            eventually(lambda: server.camera("till")["name"] == "Till 1", timeout_s=_WITHIN_S)
            assert server.worker_pids() == untouched | {first}

            rewrite(tmp_path, config, till | {"timeout": "4s"})
            eventually(lambda: connects(server) == 2, timeout_s=_WITHIN_S)
            assert first not in server.worker_pids()

            (tmp_path / "wall.yaml").write_text("cameras: {door: {uri: x}}\n")
            eventually(lambda: server.metric("heatwall_config_valid") == 0, timeout_s=_WITHIN_S)
            told = json.loads(server.get("/api/cameras"))["config"]
            assert told["error"].startswith("wall.yaml:1: cameras.door")
            assert is_live(server, "till")

            rewrite(tmp_path, config, None)
            os.kill(server.pid, signal.SIGHUP)
            eventually(lambda: ids(server) == ["door"], timeout_s=_WITHIN_S)
            eventually(lambda: server.worker_pids() == untouched, timeout_s=_WITHIN_S)
            assert server.metric("heatwall_config_valid") == 1
            assert server.metric("heatwall_frames_decoded_total", camera="door") > decoded
            assert server.metric("heatwall_worker_restarts_total", camera="door") == 0


async def test_who_watches_misses_nothing_and_a_camera_that_comes_back_has_its_heat(
    tmp_path: Path,
) -> None:
    with running_store(2, SimulationOptions(port=0)) as store:
        door, till = ({"url": url} for url in store.urls)
        config: dict[str, Any] = {
            "model": {"path": "demo", "imgsz": 320},
            "cameras": {"door": door},
        }
        file = config | {"cameras": {"door": door, "till": till}}
        with running_server(tmp_path, file) as server:
            await eventually_async(lambda: heat_s(server) > 2, timeout_s=60)
            viewer = Viewer(server.address, 2)
            try:
                await viewer.open("/whep?camera=door&camera=till&tier=tile")
                await eventually_async(lambda: all(map(len, viewer.pts)), timeout_s=_WITHIN_S)

                rewrite(tmp_path, config, till | {"timeout": "4s"})
                await eventually_async(lambda: connects(server) == 2, timeout_s=_WITHIN_S)
                shown = len(viewer.pts[1])
                await eventually_async(lambda: len(viewer.pts[1]) > shown, timeout_s=_WITHIN_S)
                assert heat_s(server) > 1  # was kept while the worker was replaced

                rewrite(tmp_path, config, None)
                await eventually_async(lambda: ids(server) == ["door"], timeout_s=_WITHIN_S)
                rewrite(tmp_path, config, till)
                await eventually_async(lambda: "till" in ids(server), timeout_s=_WITHIN_S)
                # It is there a moment before what is known of it has been read from the disk.
                await eventually_async(lambda: heat_s(server) > 0, timeout_s=_WITHIN_S)
                assert heat_s(server) > 1, "a heat that begins anew would be less at first"
            finally:
                await viewer.close()
            steps_s = np.diff(viewer.pts[0]) / 90_000
            assert steps_s.max() < 0.5, "another camera's change cost this one pictures"


def heat_s(server: Server) -> float:
    """Return the person-seconds in the longest heat of the till."""
    try:
        told = json.loads(server.get("/api/cameras/till/heat.json?half_life=2h"))
    except HTTPError as error:
        with error:
            assert error.code == 409  # there is none yet
        return 0.0
    return float(told["person_seconds"])


def rewrite(folder: Path, config: dict[str, Any], till: Any) -> None:
    """Put another file in the config's place, as editors do."""
    cameras = config["cameras"] | ({} if till is None else {"till": till})
    beside = folder / "wall.yaml.new"
    beside.write_text(yaml.safe_dump(config | {"cameras": cameras}, sort_keys=False))
    beside.replace(folder / "wall.yaml")


def ids(server: Server) -> list[str]:
    return [camera["id"] for camera in json.loads(server.get("/api/cameras"))["cameras"]]


def is_live(server: Server, camera: str) -> bool:
    return camera in ids(server) and server.camera(camera)["state"] == "live"


def connects(server: Server) -> float:
    """Return how often the till was opened."""
    return server.metric("heatwall_camera_connects_total", camera="till")
