"""The real server for a benchmark: `heatwall serve` in a process of its own, and its figures."""

from __future__ import annotations

import contextlib
import http.client
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from heatwall.capacity import proc
from heatwall.capacity.children import Child, child
from heatwall.errors import StartError

_START_S = 120.0
"""Torch's import alone takes many seconds on a machine with other work."""

_HTTP_S = 20.0
_POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that listens.

    Attributes:
        address: Of its page.
        process: Its main process.
    """

    address: str
    process: Child

    @property
    def pid(self) -> int:
        """Of its main process."""
        return self.process.pid

    @property
    def worker_pids(self) -> list[int]:
        """The cameras' processes."""
        return proc.children(self.pid)

    def get(self, path: str) -> tuple[int, str]:
        """Return status and body of a GET.

        Raises:
            OSError: No answer.
        """
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=_HTTP_S)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def metrics(self) -> Metrics:
        """Return all figures as they are now."""
        return Metrics(tuple(text_string_to_metric_families(self.get("/metrics")[1])))

    def waiting(self) -> str:
        """Return what is not yet up, in words; empty when model and cameras all are."""
        try:
            if self.get("/readyz")[0] != http.HTTPStatus.OK:
                return "the model is still being loaded"
            cameras = json.loads(self.get("/api/cameras")[1])["cameras"]
        except OSError:
            return "the server does not answer"
        live = sum(camera["state"] == "live" for camera in cameras)
        return "" if live == len(cameras) else f"{live} of {len(cameras)} cameras are live"

    def wait_live(self, timeout_s: float) -> str:
        """Wait until model and cameras are up; return what was not by then, in words.

        Raises:
            StartError: The server has ended.
        """
        deadline_s = time.monotonic() + timeout_s
        while (missing := self.waiting()) and time.monotonic() < deadline_s:
            self.process.check()
            time.sleep(_POLL_S)
        return missing


@dataclass(frozen=True, slots=True)
class Metrics:
    """One scrape of `/metrics`."""

    families: tuple[Metric, ...]

    def total(self, name: str, **labels: str) -> float:
        """Return the sum of the samples of that name that carry `labels`."""
        return sum(
            sample.value
            for family in self.families
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    def by(self, name: str, label: str) -> dict[str, float]:
        """Return the sums of the samples of that name by the value of a label."""
        sums: dict[str, float] = {}
        for family in self.families:
            for sample in family.samples:
                if sample.name == name:
                    key = sample.labels[label]
                    sums[key] = sums.get(key, 0.0) + sample.value
        return sums


@contextlib.contextmanager
def running_server(settings: Mapping[str, Any], folder: Path) -> Iterator[RunningServer]:
    """Run the server with a config until the context ends; it listens on a free port.

    Args:
        settings: The config as it would stand in a file.
        folder: Where config and log go. Passwords are in the config: not for others to read.

    Raises:
        StartError: It did not come up; with the end of its log.
    """
    config = folder / "wall.yaml"
    config.touch(mode=0o600)
    config.write_text(json.dumps(dict(settings)), encoding="utf-8")  # YAML 1.2 takes JSON
    command = ["heatwall.cli", "serve", str(config), "--port", "0"]
    with child("the server", command, folder / "wall.log") as process:
        line = process.line(_START_S)
        address = next((word for word in line.split() if word.startswith("http")), None)
        if address is None:
            raise StartError(f"the server said {line.strip()!r} instead of its address")
        yield RunningServer(address, process)
