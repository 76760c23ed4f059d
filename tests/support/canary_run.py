"""Running Heatwall where secrets are looked for, and gathering all that comes out of it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from support.canary_wall import ENVIRONMENT, SECRETS
from support.eventually import eventually
from support.server import Server

_TESTS = str(Path(__file__).parents[1])
_READY_S = 90.0
_COMMAND_S = 120.0
_END_S = 20.0
_CRASH_EVERY_S = 2.0
"""A worker that ends by itself meanwhile crashes no more, and the next one is taken."""


class Run:
    """A server that runs.

    Attributes:
        server: As other tests have it.
        processes: What was seen of its processes, by channel.
    """

    def __init__(self, server: Server, process: subprocess.Popen[bytes]) -> None:
        self.server = server
        self.processes: defaultdict[str, bytes] = defaultdict(bytes)
        self._process = process
        self._crashed_s = 0.0

    def look(self) -> None:
        """Note what everybody on the machine sees of the processes, and their user of workers."""
        self.processes["main's command line"] += _proc(self.server.pid, "cmdline")
        for pid in self.server.worker_pids():
            self.processes["the workers' command lines"] += _proc(pid, "cmdline")
            self.processes["the workers' environment"] += _proc(pid, "environ")

    def has_crashed_worker(self, number: signal.Signals) -> bool:
        """Return whether the log tells of such a crash; else let a worker crash now and then."""
        if f"ended by itself (signal {number:d})" in self.server.log.read_text():
            return True
        if time.monotonic() - self._crashed_s > _CRASH_EVERY_S:
            self._crashed_s = time.monotonic()
            with contextlib.suppress(ProcessLookupError, ValueError):
                os.kill(min(self.server.worker_pids()), number)
        return False

    def end_by(self, number: signal.Signals) -> int:
        """Send the server a signal and return what it has ended with."""
        self._process.send_signal(number)
        return self.ended()

    def ended(self) -> int:
        """Return what the server has ended with."""
        return self._process.wait(_END_S)

    def get(self, path: str) -> str:
        """Return an answer, asked for with the token."""
        with urllib.request.urlopen(self._request(path), timeout=10) as answer:  # noqa: S310 - our own server
            text: str = answer.read().decode()
        return text

    def status(self, path: str) -> int:
        """Return the status of an answer that is a refusal."""
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(self._request(path), timeout=10)  # noqa: S310 - the same
        with caught.value as error:
            return error.code

    def _request(self, path: str) -> urllib.request.Request:
        headers = {"Authorization": f"Bearer {SECRETS['a token']}"}
        return urllib.request.Request(f"{self.server.address}{path}", headers=headers)  # noqa: S310 - the same


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Return what the server is started with."""
    path = os.pathsep.join([_TESTS, *filter(None, [os.environ.get("PYTHONPATH")])])
    ours = {"PYTHONPATH": path, "XDG_STATE_HOME": str(folder / "state"), "PYTHONUNBUFFERED": "1"}
    return os.environ | ours | ENVIRONMENT | more


@contextlib.contextmanager
def running(folder: Path, log: str, *options: str, **env: str) -> Iterator[Run]:
    """Run the server of `wall.yaml` in `folder`, and end it however it does.

    Args:
        folder: With the config.
        log: The name of the file that takes what it prints.
        options: Of the command line, before `serve`.
        env: More of its environment.
    """
    file = folder / log
    command = [sys.executable, "-m", "support.telling_server", *options]
    command += ["serve", str(folder / "wall.yaml"), "--port", "0"]
    with (
        file.open("wb") as output,
        subprocess.Popen(
            command, stdout=output, stderr=output, env=environment(folder, **env)
        ) as process,
    ):
        server = Server("", process.pid, file)
        try:
            server.address = eventually(lambda: _address(file, process), timeout_s=_READY_S)
            eventually(lambda: _is_ready(server), timeout_s=_READY_S)
            yield Run(server, process)
        finally:
            process.kill()
            process.wait(_END_S)


def said_by_commands(folder: Path, commands: dict[str, list[str]]) -> dict[str, bytes]:
    """Run commands side by side and return what each printed, by its name."""

    def said(arguments: list[str]) -> bytes:
        done = subprocess.run(
            [sys.executable, "-m", "heatwall.cli", "-v", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment(folder),
            cwd=folder,
            timeout=_COMMAND_S,
            check=False,
        )
        assert b"Traceback" not in done.stdout, done.stdout.decode()
        return done.stdout

    with ThreadPoolExecutor(4) as pool:
        return dict(zip(commands, pool.map(said, commands.values()), strict=True))


def files_in(folder: Path, pattern: str) -> bytes:
    """Return the content of all files whose path fits, with their names."""
    found = [path for path in sorted(folder.rglob(pattern)) if path.is_file()]
    return b"".join(str(path).encode() + b"\n" + path.read_bytes() for path in found)


def _proc(pid: int, name: str) -> bytes:
    try:
        return Path("/proc", str(pid), name).read_bytes()
    except OSError:
        return b""


def _address(log: Path, process: subprocess.Popen[bytes]) -> str:
    text = log.read_text()
    assert process.poll() is None, text
    match = re.search(r"Heatwall is at (http://\S+)", text)
    return match[1] if match else ""


def _is_ready(server: Server) -> bool:
    try:
        return server.get("/readyz") != ""
    except OSError:
        return False
