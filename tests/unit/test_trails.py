from __future__ import annotations

import pytest

from heatwall.analysis.trails import Trails
from support.tracks import tracks_at


def test_a_trail_goes_from_old_to_new_and_each_track_has_its_own() -> None:
    trails = Trails()
    for step in range(5):
        trails.update(tracks_at(step * 0.2, {1: (0.1 + step * 0.1, 0.8), 2: (0.9, 0.5)}))

    assert [x for x, _ in trails.of(1)] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])
    assert [x for x, _ in trails.of(2)] == pytest.approx([0.9] * 5)
    assert trails.of(3) == ()


def test_four_seconds_are_kept_also_of_who_is_out_of_sight() -> None:
    trails = Trails()
    for step in range(50):
        trails.update(tracks_at(step * 0.2, {1: (step / 100, 0.8)}))
    assert [x for x, _ in trails.of(1)] == pytest.approx([step / 100 for step in range(29, 50)])

    trails.update(tracks_at(12.0, {}))
    assert len(trails.of(1)) == 10
    trails.update(tracks_at(14.0, {}))
    assert trails.of(1) == ()


def test_a_fast_camera_makes_no_longer_trails_than_can_be_drawn() -> None:
    trails = Trails()
    for step in range(200):
        trails.update(tracks_at(step * 0.01, {1: (0.5, 0.8)}))

    assert len(trails.of(1)) == 64


def test_those_who_are_gone_take_no_memory() -> None:
    trails = Trails()
    for number in range(1, 200):
        trails.update(tracks_at(number * 1.0, {number: (0.5, 0.8)}))

    assert len(trails._trails) <= 5
    trails.clear()
    assert trails.of(199) == ()
    assert trails._trails == {}
