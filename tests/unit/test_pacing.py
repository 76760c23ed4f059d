from __future__ import annotations

import random

import pytest

from heatwall.pacing import Pacer


@pytest.mark.parametrize(("source_fps", "wanted_fps"), [(25, 15), (30, 15), (15, 4), (25, 5)])
def test_the_rate_comes_to_the_wanted_one(source_fps: float, wanted_fps: float) -> None:
    pacer = Pacer(wanted_fps)

    taken = sum(pacer.is_due(step / source_fps) for step in range(round(source_fps * 60)))

    assert taken == pytest.approx(wanted_fps * 60, rel=0.02)


def test_a_stream_of_the_wanted_rate_passes_whole_in_spite_of_jitter() -> None:
    pacer, chance = Pacer(15), random.Random(1)

    taken = sum(pacer.is_due(step / 15 + chance.uniform(-0.005, 0.005)) for step in range(900))

    assert taken >= 895


def test_a_slower_stream_passes_whole() -> None:
    pacer = Pacer(15)

    assert all(pacer.is_due(step / 5) for step in range(50))


def test_after_a_pause_there_is_no_burst() -> None:
    pacer = Pacer(5)
    pacer.is_due(0.0)

    taken = sum(pacer.is_due(60 + step / 25) for step in range(25))

    assert taken == 5


def test_phases_spread_the_picks_whenever_the_streams_began() -> None:
    picks: list[float] = []
    for number, begun_s in enumerate((100.0, 100.03, 107.17, 131.11)):
        pacer = Pacer(5, number / 4)
        times = (begun_s + step / 50 for step in range(500))
        picks += (time_s % 0.2 for time_s in times if pacer.is_due(time_s))

    quarters = {round(pick / 0.05) % 4 for pick in picks}
    assert quarters == {0, 1, 2, 3}
    for number in range(4):
        assert sum(round(pick / 0.05) % 4 == number for pick in picks) > 40


@pytest.mark.parametrize("phase", [0.0, 0.4, 0.9])
@pytest.mark.parametrize("source_fps", [1, 3, 4.4, 5])
def test_a_slower_stream_passes_whole_at_any_phase(source_fps: float, phase: float) -> None:
    pacer = Pacer(5, phase)

    taken = [pacer.is_due(1000 + step / source_fps) for step in range(100)]

    assert sum(taken) >= 99


def test_without_a_phase_the_first_frame_is_taken() -> None:
    assert Pacer(5).is_due(0.13)


def test_another_rate_holds_from_the_next_frame_on() -> None:
    pacer = Pacer(15)
    before = sum(pacer.is_due(step / 30) for step in range(300))

    pacer.change(5)
    after = sum(pacer.is_due(10 + step / 30) for step in range(300))

    assert before == pytest.approx(150, abs=2)
    assert after == pytest.approx(50, abs=2)
    assert pacer.fps == pytest.approx(5)


def test_the_same_rate_again_changes_nothing() -> None:
    pacer = Pacer(5)
    pacer.is_due(0.0)

    pacer.change(5)

    assert not pacer.is_due(0.05)
