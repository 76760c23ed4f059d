"""The command line of the benchmarks."""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from bench.report import Row, Table, print_table, write_rows
from bench.setup import Setup, make_setup

_ON_REQUEST = {
    "accuracy-unseen": "eight more scenes, which must not be looked at to choose settings",
    "encoder-settings": "shows how settings were chosen",
    "scale": "four minutes",
    "profile": "fetches py-spy",
}
"""Run by name alone, and why."""

_BENCHMARKS = {
    "frame": "bench.frame_cost:measure",
    "heat-share": "bench.heat_share:measure",
    "encoder-settings": "bench.encoder_settings:measure",
    "peers": "bench.side_by_side:measure",
    "viewers": "bench.viewer_cost:measure",
    "latency": "bench.latency:measure",
    "first-picture": "bench.first_picture:measure",
    "page": "bench.page:measure",
    "scrape": "bench.scrape:measure",
    "reload": "bench.reload:measure",
    "memory": "bench.memory:measure",
    "sixteen": "bench.sixteen:measure",
    "scale": "bench.scale:measure",
    "profile": "bench.profile:measure",
    "heat": "bench.heat_cost:measure",
    "runtimes": "bench.runtimes:measure",
    "gpu": "bench.gpu:measure",
    "gpu-analyst": "bench.gpu:measure_analyst",
    "gpu-video": "bench.gpu_video:measure",
    "accuracy": "bench.proof:measure",
    "accuracy-unseen": "bench.proof:measure_unseen",
    "accuracy-causes": "bench.proof:measure_causes",
    "accuracy-peers": "bench.proof:measure_peers",
    "trackers": "bench.proof:measure_trackers",
}
"""Where each is, by name, in the order in which they run."""

_OUTPUT = Path(__file__).resolve().parents[2] / "build" / "bench.json"


def main() -> int:
    """Run the benchmarks; 0 when all ran, whatever they found, and 1 when one broke."""
    parsed = _parser().parse_args()
    console = Console()
    tables: list[Table] = []
    broken: list[str] = []
    with tempfile.TemporaryDirectory(prefix="heatwall-bench-") as folder:
        _quiet(Path(folder))
        tables.append(_machine())
        print_table(console, tables[0])
        setup = make_setup(Path(folder), parsed.minutes)
        for name in _BENCHMARKS:
            if not is_wanted(name, parsed.only):
                continue
            began_s = time.monotonic()
            try:
                table = _measured(name, setup)
            except Exception:  # noqa: BLE001 -- one that breaks must not hide what the others find
                traceback.print_exc()
                broken.append(name)
                continue
            tables.append(table)
            console.print()
            print_table(console, table)
            console.print(f"[dim]{name}: {time.monotonic() - began_s:.0f} s[/]")
    write_rows(_OUTPUT, tables)
    console.print(f"\nThe rows are in {os.path.relpath(_OUTPUT)}.")
    if broken:
        console.print(f"[red]Broken: {', '.join(broken)}[/]")
    return 1 if broken else 0


def is_wanted(name: str, only: Sequence[str]) -> bool:
    """Return whether a benchmark runs: those that were named, or all but those on request."""
    return name in only if only else name not in _ON_REQUEST


def _measured(name: str, setup: Setup) -> Table:
    """Run one benchmark; some need packages that not every machine has."""
    module, _, function = _BENCHMARKS[name].partition(":")
    measure: Callable[[Setup], Table] = getattr(importlib.import_module(module), function)
    return measure(setup)


def _quiet(folder: Path) -> None:
    """Keep Ultralytics, which the comparisons import, from calling home."""
    from heatwall.analysis.detector import silence_ultralytics

    silence_ultralytics(folder / "ultralytics")


def _machine() -> Table:
    """Say what the figures were measured on, and whether it had other work."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    note = "other work on the machine stretches all times, and CPU figures by a tenth or two"
    return Table(
        f"{os.cpu_count()} × {model}, Python {platform.python_version()}",
        (
            Row("processors", os.cpu_count()),
            Row("load average before the run", os.getloadavg()[0], note=note),
        ),
    )


def _parser() -> argparse.ArgumentParser:
    asked = "; ".join(f"{name} ({why})" for name, why in _ON_REQUEST.items())
    parser = argparse.ArgumentParser(
        prog=sys.argv[0],
        description="Measures and prints tables.",
        epilog=f"By name alone run: {asked}.",
    )
    parser.add_argument(
        "--only", choices=tuple(_BENCHMARKS), nargs="+", default=(), help="run only these"
    )
    parser.add_argument(
        "--minutes",
        type=_minutes,
        help="how long `sixteen`, `page` and `latency` watch, 1 to 600; the default is 1, and half "
        "of one for `latency`",
    )
    return parser


def _minutes(text: str) -> float:
    """Return the minutes, or say what is wrong with them."""
    try:
        minutes = float(text)
    except ValueError:
        minutes = 0.0
    if not 1 <= minutes <= 600:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 600")
    return minutes
