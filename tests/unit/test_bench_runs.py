from __future__ import annotations

import importlib
from dataclasses import replace

import pytest

from bench import profile, scale, side_by_side, sixteen
from bench.command import _BENCHMARKS, is_wanted
from bench.latency import minute_rows
from bench.report import Row
from heatwall.capacity.trial import Arrived, Asked, Moment

ASKED = Asked(cameras=2, detect_fps=4, tile_fps=15, cores=2)
BEGIN = Moment(
    at_s=0,
    main_s=0,
    workers_s=(0, 0),
    load_s=0,
    machine_s=0,
    decoded={},
    detected={"cam1": 0, "cam2": 0},
    dropped={},
    main_bytes=850_000_000,
    worker_bytes=(40_000_000, 41_000_000),
)
END = replace(
    BEGIN,
    at_s=20,
    main_s=8,
    workers_s=(4, 6),
    machine_s=36,
    detected={"cam1": 80, "cam2": 76},
    dropped={"main_busy": 3},
    worker_bytes=(40_000_000, 95_000_000),
)
WINDOWS = (
    Arrived((150, 147), 0, 900, 0, ((80.0, 82.0), (90.0, 92.0))),
    Arrived((149, 140), 1, 900, 2, ((100.0, 110.0), (120.0, 130.0))),
)


def by_name(rows: list[Row] | tuple[Row, ...]) -> dict[str, Row]:
    named = {row.name: row for row in rows}
    assert len(named) == len(rows)
    return named


def test_the_whole_run_is_its_windows_together() -> None:
    whole = sixteen.joined(WINDOWS)

    assert whole.pictures == (299, 287)
    assert (whole.broken, whole.packets, whole.lost) == (1, 1800, 2)
    assert whole.latency_ms == ((80.0, 82.0, 100.0, 110.0), (90.0, 92.0, 120.0, 130.0))


def test_first_and_last_window_are_compared() -> None:
    moments = (BEGIN, replace(BEGIN, at_s=10), END)

    rows = by_name(sixteen.rows(ASKED, moments, WINDOWS))

    assert rows["sixteen: pictures on the worst tile"].value == pytest.approx(14.35)
    assert rows["sixteen: pictures on the worst tile"].reached is False
    assert rows["sixteen: drops"].value == pytest.approx(100 * 4 / 600)
    assert rows["sixteen: latency, first 0.17 min, median"].value == pytest.approx(86)
    assert rows["sixteen: growth of the median"].value == pytest.approx(29)
    assert rows["sixteen: CPU of the server"].value == pytest.approx(45)
    assert rows["sixteen: the largest worker, private, at the end"].reached is False


def test_without_a_barcode_the_latency_was_not_measured() -> None:
    blind = tuple(replace(window, latency_ms=((), ())) for window in WINDOWS)

    rows = by_name(sixteen.rows(ASKED, (BEGIN, replace(BEGIN, at_s=10), END), blind))

    assert rows["sixteen: latency"].value is None


def test_the_cost_of_many_cameras_is_held_against_that_of_few() -> None:
    costs = {
        count: [scale.Cost(1.0, workers_ms, 0.5), scale.Cost(1.0, workers_ms, 0.6)]
        for count, workers_ms in {1: 4.0, 4: 3.0, 16: 3.1, 32: 3.8}.items()
    }

    rows = by_name(scale.rows(costs))

    ratio = rows["scale: 32 cameras / 4 cameras, a frame of a camera"]
    assert ratio.value == pytest.approx(4.8 / 4.0)
    assert ratio.reached is False


def test_peers_are_compared_round_by_round_and_a_missing_one_says_why() -> None:
    costs = {
        ("Heatwall", 1): [2.0, 4.0, 2.0],
        ("Ultralytics solutions.Heatmap + aiortc", 1): [10.0, 20.0, 10.0],
    }

    rows = by_name(side_by_side.rows(costs))

    ratio = rows["peers: Heatwall / Ultralytics solutions.Heatmap + aiortc, 1 viewer"]
    assert ratio.value == pytest.approx(0.2)
    assert ratio.reached is True
    assert rows["peers: supervision HeatMapAnnotator + aiortc"].value is None
    assert "av 14.2.0" in rows["peers: roboflow/inference's pipeline"].note


FOLDED = """\
thread (4711): MainThread;main (app.py:10);select (selectors.py:468) 30
thread (4711): MainThread;main (app.py:10);send (peer.py:5);seal (srtp.py:1) 10
thread (4711): MainThread;main (app.py:11);send (peer.py:9);seal (srtp.py:2) 15
thread (4712): analyst;predict (detector.py:7) 40
thread (4713);poll (libzmq.so) 5
not a stack
"""


def test_samples_are_counted_by_thread_and_by_the_innermost_function() -> None:
    samples = profile.parse_folded(FOLDED.splitlines())

    assert samples == {
        "MainThread": {"select (selectors.py)": 30, "seal (srtp.py)": 25},
        "analyst": {"predict (detector.py)": 40},
        "a thread of a library": {"poll (libzmq.so)": 5},
    }


def test_the_five_largest_costs_of_each_thread_are_named() -> None:
    rows = profile.rows("main", profile.parse_folded(FOLDED.splitlines()))

    assert [row.name for row in rows[:3]] == [
        "main, MainThread",
        "main, MainThread: 1. select (selectors.py)",
        "main, MainThread: 2. seal (srtp.py)",
    ]
    assert rows[0].value == pytest.approx(55)


def test_the_last_minute_is_held_against_the_first() -> None:
    rows = by_name(minute_rows([90.0] * 900 + [300.0] * 50 + [115.0] * 900))

    assert rows["capture to canvas, first minute, median"].value == 90.0
    assert rows["capture to canvas, last minute, median"].value == 115.0
    assert rows["last minute's median less the first's"].reached is False


def test_what_takes_long_runs_by_name_alone() -> None:
    assert is_wanted("frame", ())
    assert not is_wanted("scale", ())
    assert is_wanted("scale", ("scale", "latency"))
    assert not is_wanted("frame", ("scale", "latency"))


@pytest.mark.parametrize("place", _BENCHMARKS.values())
def test_each_benchmark_is_where_the_command_looks_for_it(place: str) -> None:
    module, _, function = place.partition(":")

    assert callable(getattr(importlib.import_module(module), function))
