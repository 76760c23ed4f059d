"""What a real server tells Prometheus."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import yaml

from heatwall.simulator.clips import ensure_clips
from heatwall.simulator.simulate import SimulationOptions
from support.eventually import eventually
from support.server import Server, running_server
from support.store import running_store


def complaints(text: str) -> str:
    """Return what `promtool check metrics` has to say."""
    program = shutil.which("promtool")
    assert program is not None, "promtool is missing: .ci/system-packages test"
    ended = subprocess.run(
        [program, "check", "metrics"],
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return ended.stdout + ended.stderr if ended.returncode == 0 else f"failed: {ended.stderr}"


def cameras_told(server: Server) -> set[str]:
    return set(re.findall(r'camera="(\w+)"', server.get("/metrics")))


def test_prometheus_takes_what_a_real_server_tells_and_a_removed_camera_vanishes(
    tmp_path: Path,
) -> None:
    clip = ensure_clips(1)[0]
    with running_store(2, SimulationOptions(clips=(clip.path,))) as store:
        door, till = ({"url": url} for url in store.urls)
        config = {"model": {"path": "demo", "imgsz": 320}, "cameras": {"door": door, "till": till}}
        with running_server(tmp_path, config) as server:
            eventually(lambda: server.camera("door")["state"] == "live", timeout_s=90)
            eventually(lambda: server.metric("heatwall_frames_detected_total") > 0, timeout_s=90)
            assert complaints(server.get("/metrics")) == ""
            assert server.metric("heatwall_camera_state", camera="door", state="live") == 1
            assert server.metric("heatwall_camera_state", camera="door") == 1
            assert server.metric("heatwall_worker_resident_memory_bytes", camera="door") > 1e7
            assert json.loads(server.get("/healthz"))["status"] == "alive"

            assert cameras_told(server) == {"door", "till"}
            config["cameras"] = {"door": door}
            (tmp_path / "wall.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
            eventually(lambda: cameras_told(server) == {"door"}, timeout_s=30)
