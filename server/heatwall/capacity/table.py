"""The trials as a table for people and as rows for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from heatwall.capacity.trial import Trial
from heatwall.capacity.verdict import shortfalls

_HEAD = (
    "\ncameras",
    "detect\n/s",
    "worst\ntile fps",
    "latency\nms",
    "\ndrops",
    "CPU\ncores",
    "share\nof all",
    "memory\nMB",
)

_NOTE = (
    "Detections, pictures: got/asked. Latency: from the camera's capture to the last packet at "
    "the viewer, median·95th percentile; the browser's own is not in it. CPU and memory: the main "
    "process + all workers, of their memory what each has alone."
)

_MUCH_ELSE = 0.15
"""Share of the machine that other programs took, from which on the answer is not the machine's."""


def print_trials(console: Console, trials: Sequence[Trial]) -> None:
    """Print the table, what it means, and why counts did not hold."""
    table = Table(box=SIMPLE_HEAD, padding=0)
    has_gpu = any(trial.gpu is not None for trial in trials)
    for head in (*_HEAD, *(("\nGPU",) if has_gpu else ()), "\nholds"):
        table.add_column(head, justify="right", no_wrap=True)
    for trial in trials:
        holds = "[red]no[/]" if shortfalls(trial) else "[green]yes[/]"
        table.add_row(*_cells(trial), *((_gpu_cell(trial),) if has_gpu else ()), holds)
    console.print(table)
    for trial in trials:
        for reason in shortfalls(trial):
            place = f"{trial.asked.cameras} at {trial.asked.detect_fps:g}/s"
            console.print(f"  {place}: {escape(reason)}", highlight=False)
    for note in (_NOTE, *_circumstances(trials)):
        console.print(f"[dim]{note}[/]", highlight=False)


def rows(trials: Sequence[Trial]) -> list[dict[str, Any]]:
    """Return the trials as they stand in the file: plain numbers with their unit in the name."""
    return [_row(trial) for trial in trials]


def _circumstances(trials: Sequence[Trial]) -> list[str]:
    """Say what else there was: a GPU, the simulation, other programs."""
    measured = [trial for trial in trials if not trial.fault]
    if not measured:
        return []
    has_gpu = any(trial.gpu is not None for trial in measured)
    most = max(trial.load_cores for trial in measured)
    text = (
        f"Simulated cameras and viewers took up to {most:.2f} cores beside the server, which a "
        "shop's server does not have to find: the answer is on the safe side."
    )
    notes = [text] if has_gpu else ["There is no GPU that nvidia-smi knows of.", text]
    others = max(trial.others_share for trial in measured)
    if others > _MUCH_ELSE:
        notes.append(
            f"[yellow]Other programs took up to {others:.0%} of the machine: without them it "
            "would hold more.[/]"
        )
    return notes


def _cells(trial: Trial) -> list[str]:
    asked = trial.asked
    if trial.fault:
        return [str(asked.cameras), f"–/{asked.detect_fps:g}", *["–"] * (len(_HEAD) - 2)]
    return [
        str(asked.cameras),
        f"{trial.detect_fps[0]:.2f}/{asked.detect_fps:g}",
        f"{trial.tile_fps[1]:.1f}/{asked.tile_fps:g}",
        "–" if trial.latency_ms is None else "{:.0f}·{:.0f}".format(*trial.latency_ms),
        f"{trial.drop_share:.1%}",
        f"{trial.main_cores:.2f}+{trial.worker_cores:.2f}",
        f"{trial.server_share:.0%}",
        f"{trial.main_mb:.0f}+{trial.worker_mb:.0f}",
    ]


def _gpu_cell(trial: Trial) -> str:
    gpu = trial.gpu
    return "–" if gpu is None else f"{gpu.busy:.0%}\n{gpu.memory_mb:.0f} MB"


def _row(trial: Trial) -> dict[str, Any]:
    asked = trial.asked
    median_ms, p95_ms = trial.latency_ms or (None, None)
    return {
        "cameras": asked.cameras,
        "detect_fps_asked": asked.detect_fps,
        "tile_fps_asked": asked.tile_fps,
        "holds": not shortfalls(trial),
        "shortfalls": shortfalls(trial),
        "detect_fps_mean": round(trial.detect_fps[0], 3),
        "detect_fps_least": round(trial.detect_fps[1], 3),
        "tile_fps_mean": round(trial.tile_fps[0], 3),
        "tile_fps_least": round(trial.tile_fps[1], 3),
        "latency_median_ms": median_ms,
        "latency_p95_ms": p95_ms,
        "latency_growth_ms": trial.growth_ms,
        "drop_share": round(trial.drop_share, 5),
        "drops": dict(trial.drops),
        "cores": asked.cores,
        "main_cores": round(trial.main_cores, 3),
        "worker_cores": round(trial.worker_cores, 3),
        "simulation_cores": round(trial.load_cores, 3),
        "machine_busy": round(trial.machine_busy, 3),
        "others_share": round(trial.others_share, 3),
        "gpu_busy": None if trial.gpu is None else round(trial.gpu.busy, 3),
        "gpu_memory_mb": None if trial.gpu is None else round(trial.gpu.memory_mb, 1),
        "main_mb": round(trial.main_mb, 1),
        "worker_mb": round(trial.worker_mb, 1),
    }
