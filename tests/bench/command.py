"""The command line of the benchmarks."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

from rich.console import Console

from bench.report import Row, Table, print_table, write_rows
from bench.setup import Setup, make_setup

_ON_REQUEST = frozenset({"accuracy-unseen"})
"""Run by name alone: it renders eight more scenes and must not be looked at to choose settings."""

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
        setup = make_setup(Path(folder))
        for name, measure in _benchmarks().items():
            if parsed.only != name and (parsed.only or name in _ON_REQUEST):
                continue
            began_s = time.monotonic()
            try:
                table = measure(setup)
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


def _benchmarks() -> Mapping[str, Callable[[Setup], Table]]:
    """Return the benchmarks by name, in the order in which they run."""
    from bench import (
        first_picture,
        frame_cost,
        gpu,
        heat_cost,
        latency,
        memory,
        proof,
        runtimes,
        viewer_cost,
    )

    return {
        "frame": frame_cost.measure,
        "viewers": viewer_cost.measure,
        "latency": latency.measure,
        "first-picture": first_picture.measure,
        "memory": memory.measure,
        "heat": heat_cost.measure,
        "runtimes": runtimes.measure,
        "gpu": gpu.measure,
        "accuracy": proof.measure,
        "accuracy-unseen": proof.measure_unseen,
        "accuracy-causes": proof.measure_causes,
        "accuracy-peers": proof.measure_peers,
        "trackers": proof.measure_trackers,
    }


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
    parser = argparse.ArgumentParser(prog=sys.argv[0], description="Measures and prints tables.")
    parser.add_argument("--only", choices=tuple(_benchmarks()), help="run one of them")
    return parser
