"""A real wall to measure: simulated cameras and the server, each in processes of their own."""

from __future__ import annotations

import contextlib
import http.client
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import yaml
from prometheus_client.parser import text_string_to_metric_families

from bench import proc
from bench.models import detection_model
from bench.setup import Setup
from support.eventually import eventually

START_S = 120.0
"""Torch's import alone takes many seconds on a machine with other work."""
_END_S = 10.0
_LOG_TAIL = 2000
_BY_AIORTC = Path(__file__).with_name("serve_by_aiortc.py")
_HTTP_S = 20.0


@dataclass(frozen=True, slots=True)
class RunningWall:
    """A server whose cameras are all live.

    Attributes:
        address: Of its page.
        pid: Of its main process.
        camera_urls: The cameras' RTSP addresses.
        model: Which model it runs.
    """

    address: str
    pid: int
    camera_urls: tuple[str, ...]
    model: str

    @property
    def worker_pids(self) -> list[int]:
        """The cameras' processes."""
        return proc.children(self.pid)

    def get(self, path: str) -> tuple[int, str]:
        """Return status and body of a GET."""
        parts = urlsplit(self.address)
        connection = http.client.HTTPConnection(parts.netloc, timeout=_HTTP_S)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def metric(self, name: str, **labels: str) -> float:
        """Return the sum of a metric's samples that carry `labels`."""
        families = text_string_to_metric_families(self.get("/metrics")[1])
        return sum(
            sample.value
            for family in families
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    def encoders(self) -> int:
        """Return how many tiers are being encoded."""
        return round(self.metric("heatwall_encoders_running"))

    def is_live(self) -> bool:
        """Return whether the model is loaded and every camera sends."""
        try:
            if self.get("/readyz")[0] != http.HTTPStatus.OK:
                return False
            cameras = json.loads(self.get("/api/cameras")[1])["cameras"]
        except TimeoutError:
            return False  # busy starting
        return all(camera["state"] == "live" for camera in cameras)


@contextlib.contextmanager
def running_wall(
    setup: Setup,
    cameras: int,
    *,
    has_barcode: bool = False,
    is_lean: bool = True,
    defaults: Mapping[str, object] | None = None,
) -> Iterator[RunningWall]:
    """Run cameras and the wall for them, until the context ends.

    Args:
        setup: What the cameras send.
        cameras: How many.
        has_barcode: Whether they paint the capture time into their pictures.
        is_lean: Whether the lean sender may be used; else aiortc sends by itself.
        defaults: The config's `defaults`, where they differ from its own.
    """
    folder = setup.folder
    model = detection_model(folder)
    with _cameras(setup, cameras, has_barcode) as urls:
        config = folder / "wall.yaml"
        settings = {
            "model": {"path": model.path, "imgsz": 320},
            "defaults": dict(defaults or {}),
            "cameras": {f"cam{index + 1}": {"url": url} for index, url in enumerate(urls)},
        }
        config.write_text(yaml.safe_dump(settings), encoding="utf-8")
        log_path = folder / "wall.log"
        program = ["-m", "heatwall.cli"] if is_lean else [str(_BY_AIORTC)]
        command = [sys.executable, *program, "serve", str(config), "--port", "0"]
        with log_path.open("w") as log, child(command, log) as process:
            line = _first_line(process, "the server")
            address = next(word for word in line.split() if word.startswith("http"))
            wall = RunningWall(address, process.pid, tuple(urls), model.title)
            try:
                eventually(wall.is_live, START_S)
            except AssertionError as error:
                tail = log_path.read_text(encoding="utf-8")[-_LOG_TAIL:]
                raise RuntimeError(f"not all cameras are live; the server's log: {tail}") from error
            yield wall


@contextlib.contextmanager
def _cameras(setup: Setup, count: int, has_barcode: bool) -> Iterator[list[str]]:
    command = [sys.executable, "-m", "heatwall.simulator.simulate", "--cameras", str(count)]
    command += ["--port", "0", "--clip", str(setup.clip), "--json", "--exit-with-stdin"]
    command += ["--barcode"] if has_barcode else []
    with (setup.folder / "cameras.log").open("w") as log, child(command, log) as process:
        yield json.loads(_first_line(process, "the simulator"))["urls"]


@contextlib.contextmanager
def child(command: list[str], log: IO[str]) -> Iterator[subprocess.Popen[str]]:
    """Run a child process with pipes to its input and output; it ends with the context."""
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=log, text=True)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()


def _first_line(process: subprocess.Popen[str], who: str) -> str:
    """Return what a child says once it is up.

    Raises:
        RuntimeError: It ended instead.
    """
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise RuntimeError(f"{who} did not start: exit code {process.wait(_END_S)}")
    return line
