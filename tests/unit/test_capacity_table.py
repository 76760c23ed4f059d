from __future__ import annotations

import io
import json
from dataclasses import replace

from rich.console import Console

from heatwall.capacity.gpu import GpuLoad
from heatwall.capacity.table import print_trials, rows
from heatwall.capacity.trial import Asked, Trial

HELD = Trial(
    Asked(cameras=16, detect_fps=5, tile_fps=15, cores=2),
    main_cores=0.84,
    worker_cores=1.02,
    load_cores=0.1,
    machine_busy=0.98,
    detect_fps=(4.93, 4.71),
    tile_fps=(15.0, 14.9),
    latency_ms=(83.2, 118.0),
    growth_ms=1.0,
    main_mb=879.0,
    worker_mb=644.0,
)


def printed(*trials: Trial) -> str:
    console = Console(file=io.StringIO(), width=80)
    print_trials(console, trials)
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def test_all_figures_fit_into_eighty_columns() -> None:
    said = printed(HELD)

    for figure in ("16", "4.93/5", "14.9/15", "83·118", "0.84+1.02", "93%", "879+644"):
        assert figure in said
    assert "yes" in said
    assert "…" not in said


def test_why_a_count_did_not_hold_stands_below_the_table() -> None:
    said = printed(HELD, replace(HELD, tile_fps=(12.0, 11.0)))

    assert "16 at 5/s: a tile had 11.0 of 15 pictures a second" in said


def test_a_trial_that_could_not_begin_has_no_figures() -> None:
    said = printed(Trial(HELD.asked, fault="after 92 s 3 of 16 cameras are live"))

    assert "3 of 16 cameras are live" in said
    assert "no" in said
    assert "0.00" not in said


def test_work_of_other_programs_is_told_when_it_is_much() -> None:
    busy = replace(HELD, main_cores=0.2, worker_cores=0.2, machine_busy=0.95)

    assert "Other programs took up to 70%" in " ".join(printed(busy).split())
    assert "Other programs" not in printed(HELD)


def test_a_gpu_has_its_share_and_memory_and_none_is_said_to_be_missing() -> None:
    said = printed(replace(HELD, gpu=GpuLoad(0.41, 812)))

    assert "41%" in said
    assert "812 MB" in said
    assert "…" not in said
    assert "no GPU" not in said
    assert "no GPU" in printed(HELD)


def test_rows_are_plain_numbers_that_json_can_hold() -> None:
    (row,) = json.loads(json.dumps(rows([HELD])))

    assert row["cameras"] == 16
    assert row["holds"] is True
    assert row["latency_p95_ms"] == 118.0
    assert row["gpu_busy"] is None
    assert row["shortfalls"] == []
