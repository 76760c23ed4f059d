"""`heatwall bench` as a user runs it: real cameras, server and viewer, for a moment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from heatwall.capacity import proc
from support.eventually import eventually

START_S = 150.0
"""Clips may have to be rendered, and torch loaded, on a machine with other work."""


def bench(*arguments: str, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "heatwall.cli", "bench", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"TMPDIR": str(folder)},
        start_new_session=True,
    )


def descendants(pid: int) -> set[int]:
    found: set[int] = set()
    for child in proc.children(pid):
        found |= {child} | descendants(child)
    return found


def own_folders(folder: Path) -> list[Path]:
    """What the benchmark keeps while it runs; torch leaves a folder of its own."""
    return list(folder.glob("heatwall-bench-*"))


def is_there(pid: int) -> bool:
    """Whether the process runs; one that ended and was not asked after does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def wait_for_line(process: subprocess.Popen[str], words: str) -> None:
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if words in line:
            return
    pytest.fail("".join(said))


def test_one_camera_is_measured_and_told(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    arguments = ("--cameras", "1", "--seconds", "3", "--fps", "5", "--detect-fps", "1")

    with bench(*arguments, "--json", str(path), folder=tmp_path) as process:
        said, _ = process.communicate(timeout=START_S)

    assert process.returncode == 0, said
    assert "This machine" in said
    (trial,) = json.loads(path.read_text())["trials"]
    assert (trial["cameras"], trial["detect_fps_asked"], trial["tile_fps_asked"]) == (1, 1.0, 5.0)
    assert 1 < trial["tile_fps_mean"] < 6
    assert 0 < trial["detect_fps_mean"] < 2
    assert 0 < trial["latency_median_ms"] < 5000
    assert 0 < trial["worker_cores"] < proc.cores()
    assert 100 < trial["main_mb"] < 4000
    assert own_folders(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_it_tells_what_it_knows_and_leaves_nothing_behind(
    tmp_path: Path, number: signal.Signals
) -> None:
    arguments = ("--cameras", "2", "--seconds", "600", "--fps", "5", "--detect-fps", "1")

    with bench(*arguments, folder=tmp_path) as process:
        wait_for_line(process, "measuring")
        family = descendants(process.pid)
        process.send_signal(number)
        said, _ = process.communicate(timeout=60)

    # Cameras, server, viewer, and a worker for each camera.
    assert len(family) >= 5
    eventually(lambda: not any(is_there(pid) for pid in family))
    assert process.returncode == 130
    assert "Nothing was measured" in said
    assert "Traceback" not in said
    assert own_folders(tmp_path) == []


def test_killed_it_takes_everything_with_it(tmp_path: Path) -> None:
    arguments = ("--cameras", "1", "--seconds", "600", "--fps", "5", "--detect-fps", "1")

    with bench(*arguments, folder=tmp_path) as process:
        wait_for_line(process, "measuring")
        family = descendants(process.pid)
        process.kill()
        process.communicate(timeout=60)

    assert len(family) >= 4
    eventually(lambda: not any(is_there(pid) for pid in family))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--cameras", "many"), ("--cameras", "'many'", "1 to 64")),
        (("--config", "nowhere.yaml"), ("nowhere.yaml", "not there")),
        (("--json", "nowhere/x.json"), ("--json", "'nowhere/x.json'")),
    ],
)
def test_what_can_not_be_used_is_told_before_anything_starts(
    tmp_path: Path, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    with bench(*arguments, folder=tmp_path) as process:
        said, _ = process.communicate(timeout=60)

    assert process.returncode == 2
    assert "Traceback" not in said
    for word in words:
        assert word in said
    assert "Nothing was measured" not in said


def test_a_model_that_does_not_exist_is_told_by_the_server(tmp_path: Path) -> None:
    arguments = ("--cameras", "1", "--fps", "5", "--model", "no-such-model.pt")

    with bench(*arguments, folder=tmp_path) as process:
        said, _ = process.communicate(timeout=START_S)

    assert process.returncode == 2, said
    assert "no-such-model.pt" in said
    assert "Traceback" not in said
