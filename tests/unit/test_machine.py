from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from heatwall.machine import ProcessorMeter, share_memory
from support.eventually import eventually


def stat(folder: Path, line: str) -> Path:
    path = folder / "stat"
    path.write_text(f"{line}\ncpu0 1 2 3 4\n", encoding="ascii")
    return path


def test_the_share_is_that_since_the_last_look(tmp_path: Path) -> None:
    path = stat(tmp_path, "cpu  100 0 100 800 0 0 0 0 0 0")
    meter = ProcessorMeter(path)

    stat(tmp_path, "cpu  160 0 120 810 10 0 0 0 0 0")

    assert meter.busy() == pytest.approx(0.8)
    assert meter.busy() is None  # no time has passed


def test_time_stolen_by_other_guests_is_in_use(tmp_path: Path) -> None:
    path = stat(tmp_path, "cpu  0 0 0 0 0 0 0 0 0 0")
    meter = ProcessorMeter(path)

    stat(tmp_path, "cpu  10 0 0 50 0 0 0 40 0 0")

    assert meter.busy() == pytest.approx(0.5)


@pytest.mark.parametrize("line", ["", "cpu", "cpu a b c d e", "intr 1 2 3 4 5 6"])
def test_what_is_no_such_account_tells_nothing(tmp_path: Path, line: str) -> None:
    meter = ProcessorMeter(stat(tmp_path, line))

    assert meter.busy() is None


def test_a_system_without_the_account_tells_nothing(tmp_path: Path) -> None:
    assert ProcessorMeter(tmp_path / "stat").busy() is None


def test_this_machine_is_used_for_a_share_between_none_and_all() -> None:
    meter = ProcessorMeter()
    sum(number * number for number in range(300_000))

    busy = meter.busy()

    assert busy is None or 0 <= busy <= 1


def test_the_heaps_of_threads_can_be_limited_where_the_c_library_is_glibc() -> None:
    command = "from heatwall.machine import share_memory; print(share_memory())"
    found = subprocess.run(
        [sys.executable, "-c", command], capture_output=True, text=True, timeout=60, check=True
    )

    assert found.stdout.strip() == str(platform.libc_ver()[0] == "glibc")


def test_without_such_a_c_library_nothing_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda _: object())

    assert not share_memory()


def test_as_many_files_may_be_open_as_the_system_allows() -> None:
    script = """
import resource
from heatwall.machine import raise_descriptor_limit
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
assert raise_descriptor_limit() == hard
assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_a_process_that_stands_still_ends_with_the_one_that_started_it() -> None:
    script = """
import os, signal, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", '''
import os, signal
from heatwall.machine import end_with_parent
assert end_with_parent()
print("ready", flush=True)
os.kill(os.getpid(), signal.SIGSTOP)
'''], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, timeout=60, check=False
    )
    child = Path(f"/proc/{int(done.stdout)}")

    # Where nobody takes an orphan's end, it stays as a zombie.
    eventually(lambda: not child.exists() or "State:\tZ" in (child / "status").read_text())
