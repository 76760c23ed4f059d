from __future__ import annotations

from dataclasses import replace

import pytest

from heatwall.capacity.gpu import GpuLoad, parse_load
from heatwall.capacity.trial import (
    Arrived,
    Asked,
    Moment,
    Trial,
    growth_ms,
    make_trial,
    percentile,
)

ASKED = Asked(cameras=2, detect_fps=5, tile_fps=15, cores=2)
BEGIN = Moment(
    at_s=100,
    main_s=10,
    workers_s=(1, 2),
    load_s=0.5,
    machine_s=1000,
    decoded={"cam1": 50, "cam2": 50},
    detected={"cam1": 7, "cam2": 9},
    dropped={"main_busy": 3},
    main_bytes=800_000_000,
    worker_bytes=(40_000_000, 40_000_000),
)
END = replace(
    BEGIN,
    at_s=110,
    main_s=14,
    workers_s=(3, 5),
    load_s=1.5,
    machine_s=1015,
    detected={"cam1": 57, "cam2": 49},
    dropped={"main_busy": 4, "detect_replaced": 60},
    worker_bytes=(41_000_000, 42_000_000),
)
ARRIVED = Arrived(
    pictures=(150, 140),
    broken=2,
    packets=900,
    lost=5,
    latency_ms=((80.0,) * 99 + (200.0,), (100.0,) * 100),
)


@pytest.fixture
def trial() -> Trial:
    return make_trial(ASKED, BEGIN, END, ARRIVED, [GpuLoad(0.2, 900), GpuLoad(0.4, 1000)])


def test_rates_are_of_the_mean_and_of_the_worst_camera(trial: Trial) -> None:
    assert trial.detect_fps == pytest.approx((4.5, 4.0))
    assert trial.tile_fps == pytest.approx((14.5, 14.0))


def test_cpu_is_told_in_cores_and_as_a_share_of_the_machine(trial: Trial) -> None:
    assert (trial.main_cores, trial.worker_cores) == pytest.approx((0.4, 0.5))
    assert trial.server_share == pytest.approx(0.45)
    assert trial.machine_busy == pytest.approx(0.75)
    assert trial.others_share == pytest.approx(0.75 - 0.45 - 0.05)


def test_drops_are_told_by_reason_since_the_beginning(trial: Trial) -> None:
    assert trial.drops == {
        "main_busy": 1,
        "detect_replaced": 60,
        "broken pictures": 2,
        "lost packets": 5,
    }


def test_only_what_is_missing_on_a_tile_counts_in_the_share_of_drops(trial: Trial) -> None:
    assert trial.drop_share == pytest.approx(3 / 300)


def test_latency_and_gpu_are_those_of_all_slots_and_looks(trial: Trial) -> None:
    assert trial.latency_ms == (100.0, 100.0)
    assert trial.gpu is not None
    assert (trial.gpu.busy, trial.gpu.memory_mb) == pytest.approx((0.3, 1000))
    assert trial.worker_mb == pytest.approx(83)


def test_without_barcodes_and_gpu_nothing_is_made_up() -> None:
    blind = replace(ARRIVED, latency_ms=((), ()))

    trial = make_trial(ASKED, BEGIN, END, blind, [])

    assert (trial.latency_ms, trial.growth_ms, trial.gpu) == (None, None, None)


def test_growth_is_the_end_less_the_beginning() -> None:
    assert growth_ms([[50.0] * 25 + [70.0] * 50 + [90.0] * 25]) == pytest.approx(40)
    assert growth_ms([[80.0, 81.0]]) is None


def test_a_percentile_is_one_of_the_values() -> None:
    assert percentile([3.0, 1.0, 2.0, 4.0], 0.95) == 4.0
    assert percentile([5.0], 0.5) == 5.0


def test_gpus_are_read_from_what_nvidia_smi_prints() -> None:
    both = parse_load("30, 1000\n50, 2000\n")
    assert both is not None
    assert (both.busy, both.memory_mb) == pytest.approx((0.4, 3145.728))
    assert parse_load("[N/A], [N/A]\n") is None
    assert parse_load("") is None
