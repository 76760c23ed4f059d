from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from heatwall.crash import CrashReports, Fault
from heatwall.crash_hooks import ReportingHandler
from support.eventually import eventually
from support.faketime import FakeTime


@dataclass
class Stand:
    logger: logging.Logger
    handler: ReportingHandler
    clock: FakeTime
    folder: Path

    def texts(self) -> list[str]:
        return [path.read_text() for path in sorted(self.folder.glob("crash-*.txt"))]


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    clock = FakeTime()
    reports = CrashReports(tmp_path / "crashes", {}, dict, list)
    handler = ReportingHandler(reports, clock)
    logger = logging.getLogger("heatwall.reported")
    logger.addHandler(handler)
    yield Stand(logger, handler, clock, reports.folder)
    logger.removeHandler(handler)
    handler.close()


def fail(logger: logging.Logger, camera: str = "door") -> None:
    try:
        raise ValueError("no such luck")
    except ValueError:
        logger.exception("unexpected fault", extra={"camera": camera})


def test_an_error_with_a_traceback_is_reported_by_a_thread(stand: Stand) -> None:
    fail(stand.logger)
    (text,) = eventually(stand.texts, timeout_s=10)
    assert "unexpected fault\ncamera door" in text
    assert "ValueError: no such luck" in text
    assert "test_crash_hooks.py" in text


def test_the_last_words_of_a_process_are_reported(stand: Stand) -> None:
    stand.logger.error("it ended", extra={"crash": "Fatal Python error: Segmentation fault"})
    (text,) = eventually(stand.texts, timeout_s=10)
    assert "it ended" in text
    assert "Segmentation fault" in text


def test_what_is_expected_is_not_reported(stand: Stand) -> None:
    stand.logger.error("the camera is gone")
    stand.logger.warning("no picture", exc_info=ValueError("x"))
    stand.handler.close()
    assert stand.texts() == []


def test_a_fault_that_comes_again_at_once_is_reported_once_for_each_camera(stand: Stand) -> None:
    for camera in ("door", "door", "till"):
        fail(stand.logger, camera)
    stand.clock.advance(601)
    fail(stand.logger)
    stand.handler.close()
    assert len(stand.texts()) == 3


def test_faults_that_come_faster_than_the_disk_takes_them_do_not_pile_up(tmp_path: Path) -> None:
    go = threading.Event()

    class SlowReports(CrashReports):
        def write(self, fault: Fault) -> Path | None:
            go.wait(30)
            return super().write(fault)

    handler = ReportingHandler(SlowReports(tmp_path / "crashes", {}, dict, list), FakeTime())
    for number in range(100):
        handler.handle(
            logging.makeLogRecord(
                {"name": "x", "levelno": logging.ERROR, "msg": f"fault {number}", "crash": ""}
            )
        )
    go.set()
    handler.close()
    assert 1 <= len(list((tmp_path / "crashes").iterdir())) <= 21


SCRIPT = """
import logging, os, sys, threading
from heatwall.config.loader import config_of
from heatwall.crash_hooks import reporting
from heatwall.logs import begin_log
from pathlib import Path

text = "cameras: {door: {url: 'rtsp://u:canary-of-the-door@h/s'}}\\nserver: {state: .}"
config = config_of(text, Path(sys.argv[1]) / "wall.yaml")
begin_log(config.log)
with reporting(config):
    logging.getLogger("x").info("it begins")
    exec(sys.argv[2])
"""


def run(folder: Path, code: str) -> tuple[int, str, list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder), code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    texts = [path.read_text() for path in sorted((folder / "crashes").glob("crash-*.txt"))]
    assert "canary-of-the-door" not in "".join((done.stdout, done.stderr, *texts))
    return done.returncode, done.stderr, texts


def test_what_ends_the_server_is_reported_and_printed_without_secrets(tmp_path: Path) -> None:
    code, printed, texts = run(tmp_path, "raise ValueError('canary-of-the-door')")
    assert code == 1
    assert "ValueError: ***" in printed
    assert f"a report is in {tmp_path}" in printed
    (text,) = texts
    assert "the server ended by ValueError" in text
    assert "INFO it begins" in text
    assert '"url": "rtsp://***@h/s"' in text
    assert "heatwall 0." in text


def test_a_thread_that_breaks_is_reported_and_ends_nothing(tmp_path: Path) -> None:
    code, printed, texts = run(
        tmp_path,
        "t = threading.Thread(target=lambda: 1 / 0, name='side')\nt.start(); t.join(9)",
    )
    assert code == 0
    assert "the thread side ended by a fault of its own" in printed
    assert len(texts) == 1
    assert "ZeroDivisionError" in texts[0]


def test_a_crash_of_the_interpreter_is_reported_by_the_next_start(tmp_path: Path) -> None:
    code, _, texts = run(tmp_path, "import signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert (code, texts) == (-11, [])
    code, printed, texts = run(tmp_path, "")
    assert code == 0
    assert "had crashed before this one was started" in printed
    assert len(texts) == 1
    assert "Fatal Python error: Segmentation fault" in texts[0]
    assert [path.name for path in (tmp_path / "crashes").glob("native-*")] == []


def test_no_crash_leaves_an_image_of_the_memory(tmp_path: Path) -> None:
    """Neither in a file nor piped to a program: core(5)."""
    code, printed, _ = run(
        tmp_path, "import resource; print(resource.getrlimit(4)[0], file=sys.stderr)"
    )
    assert code == 0
    assert printed.endswith("\n1\n")


def test_a_server_beside_this_one_keeps_its_file(tmp_path: Path) -> None:
    (tmp_path / "crashes").mkdir()
    other = tmp_path / "crashes" / f"native-{os.getpid()}.txt"
    other.write_text("of a process that runs: this one")
    run(tmp_path, "")
    assert other.exists()
