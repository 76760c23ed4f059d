from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from heatwall.simulator.simulate import SimulationOptions
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


def probe(file: Path, cameras: str) -> tuple[int, str]:
    file.write_text(f"cameras:\n{cameras}")
    command = [sys.executable, "-m", "heatwall.cli", "check", str(file), "--probe"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr
