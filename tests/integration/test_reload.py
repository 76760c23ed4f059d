"""Cameras added, changed and removed in the file of a real server while others are watched."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import yaml

from heatwall.simulator.simulate import SimulationOptions
from support.eventually import eventually
from support.server import Server, running_server
from support.store import running_store

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
            eventually(lambda: first not in server.worker_pids(), timeout_s=_WITHIN_S)
            eventually(lambda: is_live(server, "till"), timeout_s=_WITHIN_S)

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
            assert server.metric("heatwall_camera_restarts_total", camera="door") == 0


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
