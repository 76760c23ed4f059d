"""The simulator as a process of its own, as the demo and `heatwall simulate` run it."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.clip import build_clip
from support.rtsp_client import connect

COMMAND = (sys.executable, "-m", "heatwall.simulator.simulate")
END_S = 30.0


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_clip(tmp_path_factory.mktemp("clip") / "a.mp4", frames=5, fps=5)


@contextmanager
def running(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as simulator:
        try:
            yield simulator
        finally:
            simulator.kill()


def first_line(simulator: subprocess.Popen[str]) -> str:
    assert simulator.stdout is not None
    return simulator.stdout.readline()


async def test_a_parent_reads_the_urls_and_ends_it_by_closing_its_input(clip: Path) -> None:
    with running(
        *("--cameras", "3", "--port", "0", "--clip", str(clip), "--user", "u", "--password", "p"),
        *("--json", "--exit-with-stdin"),
    ) as simulator:
        urls = json.loads(first_line(simulator))["urls"]
        assert [url.rpartition("/")[2] for url in urls] == ["cam1", "cam2", "cam3"]
        assert all("u:p@" in url for url in urls)
        async with connect(urls[2].replace("u:p@", "")) as rtsp:
            assert (await rtsp.request("DESCRIBE")).status == 401
        _, errors = simulator.communicate("", timeout=END_S)
        assert (simulator.returncode, errors) == (0, "")


def test_ctrl_c_ends_it_and_passwords_are_not_printed(clip: Path) -> None:
    arguments = ("--cameras", "1", "--port", "0", "--clip", str(clip))
    with running(*arguments, "--user", "u", "--password", "canary") as simulator:
        line = first_line(simulator)
        assert line.startswith("rtsp://***@127.0.0.1:")
        simulator.send_signal(signal.SIGINT)
        output, errors = simulator.communicate(timeout=END_S)
        assert simulator.returncode == 0
        assert "canary" not in line + output + errors


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--fault", "cam1=explode"], ["'explode'", "allowed", "stall", "idr-pause"]),
        (["--fault", "cam9=stall"], ["'cam9'", "cam1, cam2"]),
        (["--fault", "stall"], ["CAMERA=KIND", "cam2=cut@20s+5s"]),
        (["--cameras", "0"], ["0 cameras", "1 to"]),
        (["--clip", "/nowhere/x.mp4"], ["/nowhere/x.mp4"]),
    ],
)
def test_a_wrong_command_line_says_what_is_allowed(
    clip: Path, arguments: list[str], words: list[str]
) -> None:
    base = ["--cameras", "2", "--port", "0"]
    if "--clip" not in arguments:
        base += ["--clip", str(clip)]
    with running(*base, *arguments) as simulator:
        _, errors = simulator.communicate(timeout=END_S)
    assert simulator.returncode == 2
    assert errors.startswith("simulate: ")
    assert "Traceback" not in errors
    for word in words:
        assert word in errors


def test_a_port_in_use_is_told(clip: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with running("--cameras", "1", "--port", port, "--clip", str(clip)) as simulator:
            _, errors = simulator.communicate(timeout=END_S)
    assert simulator.returncode == 2
    assert port in errors
    assert "Traceback" not in errors
