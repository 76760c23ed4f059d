from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from heatwall.capacity.children import Child, child
from heatwall.errors import StartError
from support.eventually import eventually

ECHO = "import sys\nfor line in sys.stdin: print('heard', line.strip(), flush=True)\n"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of modules that children can run."""
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}")
    return tmp_path


def start(folder: Path, script: str) -> Child:
    (folder / "played.py").write_text(script)
    return Child("the player", ["played"], folder / "log")


def test_lines_go_both_ways_until_the_context_ends(module: Path) -> None:
    (module / "played.py").write_text(ECHO)

    with child("the player", ["played"], module / "log") as process:
        process.say("one")
        assert process.line(20.0) == "heard one\n"
        process.check()

    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


def test_arguments_reach_the_module(module: Path) -> None:
    (module / "played.py").write_text("import sys; print(sys.argv[1:], flush=True)")

    with child("the player", ["played", "--port", "0"], module / "log") as process:
        assert process.line(20.0) == "['--port', '0']\n"


def test_one_that_ends_by_itself_is_told_with_the_end_of_its_log(module: Path) -> None:
    process = start(module, "raise SystemExit('no rtsp://user:secret@host/ today')")
    try:
        with pytest.raises(StartError, match="the player ended by itself: no rtsp") as caught:
            process.line(20.0)
        assert "secret" not in str(caught.value)
        with pytest.raises(StartError, match="ended by itself"):
            process.check()
    finally:
        process.end()


def test_one_that_says_nothing_is_not_waited_for_longer_than_asked(module: Path) -> None:
    process = start(module, ECHO)
    try:
        with pytest.raises(StartError, match=r"said nothing within 0\.1 s: its log is empty"):
            process.line(0.1)
    finally:
        process.end()


def test_what_a_child_left_behind_ends_with_it(module: Path) -> None:
    script = (
        "import subprocess, sys\n"
        "left = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(left.pid, flush=True)\n"
        "import os, signal; signal.pause()\n"
    )
    process = start(module, script)
    left = int(process.line(20.0))

    process.end()
    process.end()

    eventually(lambda: _has_ended(left))


def test_one_that_does_not_listen_to_being_asked_is_killed(
    module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heatwall.capacity.children._END_S", 0.2)
    script = (
        "import signal, sys\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('up', flush=True)\n"
        "while True: signal.pause()\n"
    )
    process = start(module, script)
    process.line(20.0)

    process.end()

    with pytest.raises(StartError, match="ended by itself"):
        process.check()
    assert process._process.returncode == -signal.SIGKILL


def _has_ended(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state == "Z"
