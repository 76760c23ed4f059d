"""Where main and a worker spend their time with sixteen cameras, sampled by py-spy."""

from __future__ import annotations

import re
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from bench.peers import py_spy, py_spy_missing_note
from bench.report import Row, Table
from bench.rig import small_cameras, watched_wall
from bench.setup import Setup

_CAMERAS = 16
_FPS = 15
_DETECT_FPS = 4.0
_SETTLE_S = 5.0
_SAMPLE_S = 20
_RATE = 50
"""Samples a second. py-spy reads the process while it runs: to stop some forty threads for each
sample would slow down what is to be seen."""

_LIMIT_S = 120.0
"""It takes its number of samples, however long that takes on a machine with other work."""

_TOP = 5
_THREADS = 3
"""The event loop, the analyst, and the first of the model's own."""
_THREAD = re.compile(r'^thread \([^)]*\)(?:: "?(?P<name>.*?)"?)?$')
_LINE = re.compile(r":\d+\)$")
"""py-spy tells the line, which would split a function into many."""


def measure(setup: Setup) -> Table:
    """Measure it all; takes a minute and a half."""
    title = f"Where the time goes with {_CAMERAS} cameras at {_FPS} fps, by py-spy's samples"
    tool = py_spy()
    if tool is None:
        return Table(title, (Row("profile", None, note=py_spy_missing_note()),))
    with (
        small_cameras(setup, _CAMERAS, _FPS) as cameras,
        watched_wall(setup, cameras, _CAMERAS, _DETECT_FPS) as rig,
    ):
        rig.rest(_SETTLE_S)
        main = _sampled(tool, rig.server.pid, setup.folder)
        worker = _sampled(tool, rig.server.worker_pids[0], setup.folder)
    return Table(title, (*rows("main", main), *rows("a worker", worker)))


def rows(process: str, samples: Mapping[str, Counter[str]]) -> list[Row]:
    """Return each thread's time, and the functions in which it is spent, callees not counted.

    Shares are of the time that all threads of the process were at work together.

    Args:
        process: What it is called.
        samples: How often each function was found at work, by thread.
    """
    note = f"{sum(map(Counter.total, samples.values()))} samples; of its time at work"
    total = sum(functions.total() for functions in samples.values())
    shown = []
    for thread, functions in sorted(samples.items(), key=lambda item: -item[1].total())[:_THREADS]:
        place = f"{process}, {thread}"
        shown.append(Row(place, 100 * functions.total() / total, "%", note=note))
        shown += [
            Row(f"{place}: {number}. {function}", 100 * count / total, "%")
            for number, (function, count) in enumerate(functions.most_common(_TOP), 1)
        ]
    return shown


def parse_folded(lines: Iterable[str]) -> dict[str, Counter[str]]:
    """Return how often each function was at work by thread, from py-spy's raw format.

    A line is the stack from the outside in, with `;` between, and after a space how often.
    """
    samples: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for line in lines:
        stack, _, count = line.strip().rpartition(" ")
        frames = stack.split(";")
        match = _THREAD.match(frames[0])
        if not count.isdecimal() or match is None or len(frames) < 2:
            continue
        thread = match["name"] or "a thread of a library"
        samples[thread][_LINE.sub(")", frames[-1])] += int(count)
    return dict(samples)


def _sampled(tool: Path, pid: int, folder: Path) -> dict[str, Counter[str]]:
    """Return the samples of a process.

    Raises:
        RuntimeError: py-spy may not look into it, or failed.
    """
    path = folder / "samples.txt"
    command = [str(tool), "record", "--pid", str(pid), "--duration", str(_SAMPLE_S)]
    command += ["--rate", str(_RATE), "--format", "raw", "--threads", "--output", str(path)]
    command += ["--nonblocking"]
    path.unlink(missing_ok=True)
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_SAMPLE_S + _LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise RuntimeError("py-spy did not end: the machine has too much other work") from error
    if done.returncode or not path.exists():
        raise RuntimeError(f"py-spy failed, which needs the right to trace: {done.stderr.strip()}")
    return parse_folded(path.read_text(encoding="utf-8").splitlines())
