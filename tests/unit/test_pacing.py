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


def test_phases_spread_the_first_pick() -> None:
    early, late = Pacer(5, 0.0), Pacer(5, 0.5)

    assert early.is_due(0.0)
    assert not late.is_due(0.0)
    assert late.is_due(0.1)
