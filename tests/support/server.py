"""A real Heatwall server in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from support.eventually import eventually

_TESTS = str(Path(__file__).parents[1])

_READY_S = 90.0
"""Importing torch and loading a model on a machine that is busy with other tests."""


class Server:
    """A running server.

    Attributes:
        address: Of the page.
        pid: Of the main process.
        log: The file that holds what it printed.
        exit_code: What it is to end with, negative for a signal; a test that breaks it says so.
    """

    def __init__(self, address: str, pid: int, log: Path) -> None:
        self.address = address
        self.pid = pid
        self.log = log
        self.exit_code = 0

    def get(self, path: str) -> str:
        """Return the body of a page or API answer."""
        with urllib.request.urlopen(f"{self.address}{path}", timeout=10) as answer:  # noqa: S310 - our own server
            text: str = answer.read().decode()
        return text

    def send(self, method: str, path: str, body: object = None) -> str:
        """Send a request with a JSON body and return the answer's body."""
        request = urllib.request.Request(  # noqa: S310 - our own server
            f"{self.address}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - the same
            text: str = answer.read().decode()
        return text

    def camera(self, camera: str) -> dict[str, Any]:
        """Return a camera's status."""
        status: dict[str, Any] = json.loads(self.get(f"/api/cameras/{camera}"))
        return status

    def metric(self, name: str, **labels: str) -> float:
        """Return the sum of a metric over all series that carry these labels."""
        total = 0.0
        for line in self.get("/metrics").splitlines():
            match = re.fullmatch(rf"{name}(?:{{(.*)}})? (\S+)", line)
            if match and all(
                f'{key}="{value}"' in (match[1] or "") for key, value in labels.items()
            ):
                total += float(match[2])
        return total

    def worker_pids(self) -> set[int]:
        """Return the process ids of the camera workers."""
        found = set()
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit():
                continue
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_bytes().split(b"\0")
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == self.pid and b"heatwall.camera.worker" in words:
                    found.add(int(folder.name))
        return found


def is_running(pid: int) -> bool:
    """Return whether a process is there and has not ended yet."""
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


@contextlib.contextmanager
def running_server(
    folder: Path, config: dict[str, Any] | None, module: str = "heatwall.cli"
) -> Iterator[Server]:
    """Run `heatwall serve` on a free port until the context ends; it must end cleanly then.

    Without a config it takes the `wall.yaml` that is in `folder`. Another `module` may break
    something and then do what `heatwall.cli` does.

    What it keeps over a restart lies in `folder`, so that a second run there remembers the first.
    """
    file, log = folder / "wall.yaml", folder / "server.log"
    if config is not None:
        file.write_text(yaml.safe_dump(config, sort_keys=False))
    command = [sys.executable, "-m", module, "serve", str(file), "--port", "0"]
    extra = {"PYTHONUNBUFFERED": "1", "XDG_STATE_HOME": str(folder / "state")}
    extra["PYTHONPATH"] = os.pathsep.join([_TESTS, *filter(None, [os.environ.get("PYTHONPATH")])])
    with (
        log.open("wb") as output,
        subprocess.Popen(command, stdout=output, stderr=output, env=os.environ | extra) as process,
    ):
        server = Server("", process.pid, log)
        try:
            server.address = eventually(lambda: _address(log, process), timeout_s=_READY_S) or ""
            eventually(lambda: _is_ready(server), timeout_s=_READY_S)
            yield server
        finally:
            process.send_signal(signal.SIGTERM)
            code = process.wait(20)
    text = log.read_text()
    assert code == server.exit_code, text
    assert "Traceback" not in text


def _address(log: Path, process: subprocess.Popen[bytes]) -> str | None:
    text = log.read_text()
    assert process.poll() is None, text
    match = re.search(r"http://\S+", text)
    return match[0] if match else None


def _is_ready(server: Server) -> bool:
    try:
        return server.get("/readyz") != ""
    except OSError:
        return False
