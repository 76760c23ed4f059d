from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from heatwall.config import Config
from heatwall.probe import probe_all
from heatwall.simulator.simulate import SimulationOptions
from support.clip import build_clip
from support.gst_camera import Kind, gst_camera
from support.store import running_store


def test_a_probe_tells_what_cameras_send_and_fails_for_one_that_is_not_there(
    tmp_path: Path,
) -> None:
    file = tmp_path / "store.yaml"
    with running_store(1, SimulationOptions(port=0)) as store:
        lines = f"  door: {{url: '{store.urls[0]}'}}\n"
        assert probe(file, lines)[0] == 0
        gone = "  gone: {url: 'rtsp://me:canary@127.0.0.1:9/x', timeout: 1s}\n"
        code, text = probe(file, lines + gone)
    assert code == 1
    assert "cameras.door.url: h264 " in text
    assert "cameras.gone.url: failed: " in text
    assert "canary" not in text
    assert "Viewers get these addresses: " in text


def test_a_substream_is_looked_at_like_the_main_stream(tmp_path: Path) -> None:
    with running_store(1, SimulationOptions(port=0)) as store:
        gone = "rtsp://127.0.0.1:9/x"
        door = f"{{url: '{store.urls[0]}', substream: '{gone}', timeout: 1s}}"
        code, text = probe(tmp_path / "store.yaml", f"  door: {door}\n")
    assert code == 1
    assert "cameras.door.url: h264 " in text
    assert "cameras.door.substream: failed: " in text


def test_a_camera_of_another_make_is_told_with_what_it_sends(tmp_path: Path) -> None:
    clip = build_clip(tmp_path / "loop.mp4", frames=45, fps=15)
    with gst_camera(Kind.H265, clip) as url:
        code, text = probe(tmp_path / "store.yaml", f"  door: {{url: '{url}'}}\n")
    assert code == 0, text
    assert "cameras.door.url: hevc " in text
    assert "over tcp" in text


async def test_a_process_that_can_not_be_started_is_a_fault_of_its_camera_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def fails(*_: object, **__: object) -> NoReturn:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr("asyncio.create_subprocess_exec", fails)
    config = Config.model_validate({"cameras": {"door": {"url": "rtsp://127.0.0.1:9/"}}})
    said: list[str] = []
    assert not await probe_all(config, said.append)
    expected = "cameras.door.url: failed: no process could be started: Too many open files"
    assert said == [expected]


def probe(file: Path, cameras: str) -> tuple[int, str]:
    file.write_text(f"cameras:\n{cameras}")
    command = [sys.executable, "-m", "heatwall.cli", "check", str(file), "--probe"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr
