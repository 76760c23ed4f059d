from __future__ import annotations

import numpy as np
import pytest

from heatwall.last_seen import FORGET_S, MOST_TRACKS, LastSeen
from heatwall.values import DoubleArray


def now(time_s: float, *places: float) -> DoubleArray:
    return np.array([[time_s] * len(places), places])


def test_a_track_is_found_where_and_when_it_was_last() -> None:
    seen = LastSeen(2)
    seen.follow([1, 2], now(1.0, 10.0, 20.0), None)

    before = seen.follow([2, 1], now(2.0, 21.0, 11.0), None)

    assert before.tolist() == [[1.0, 1.0], [20.0, 10.0]]
    assert seen.follow([1], now(3.0, 12.0), None).tolist() == [[2.0], [11.0]]


def test_a_new_track_was_here_since_it_is_known_to_be_there() -> None:
    seen = LastSeen(2)
    seen.clear(1.0)

    before = seen.follow([1, 2], now(2.0, 10.0, 20.0), np.array([1.5, 2.0]))

    assert before.tolist() == [[1.5, 2.0], [10.0, 20.0]]


@pytest.mark.parametrize("begun_s", [0.5, 2.5, np.nan, np.inf, -np.inf])
def test_a_beginning_before_the_last_gap_or_after_now_is_not_believed(begun_s: float) -> None:
    seen = LastSeen(2)
    seen.clear(1.0)

    before = seen.follow([1], now(2.0, 10.0), np.array([begun_s]))

    assert before.tolist() == [[2.0], [10.0]]


def test_tracks_are_forgotten_after_a_while() -> None:
    seen = LastSeen(2)
    seen.follow([1, 2], now(0.0, 10.0, 20.0), None)

    for second in range(1, 60):
        seen.follow([2], now(float(second), 20.0), None)

    assert len(seen) == 1
    assert FORGET_S < 59
    assert seen.follow([1], now(60.0, 99.0), None).tolist() == [[60.0], [99.0]]


def test_ids_that_are_new_every_time_do_not_grow_for_ever() -> None:
    seen = LastSeen(2)

    for step in range(100):
        ids = list(range(1 + step * 300, 1 + step * 300 + 299))
        seen.follow([0, *ids], now(step * 0.01, *[float(step)] * 300), None)
        assert len(seen) <= MOST_TRACKS

    # Through all this, the one that stayed was never lost.
    assert seen.follow([0], now(2.0, 5.0), None).tolist() == [[0.99], [99.0]]


def test_as_many_new_tracks_as_there_is_room_for_fit_at_once() -> None:
    seen = LastSeen(2)
    seen.follow([5], now(0.0, 1.0), None)

    seen.follow(list(range(10, 10 + MOST_TRACKS)), now(1.0, *[1.0] * MOST_TRACKS), None)

    assert len(seen) == MOST_TRACKS


def test_a_track_that_comes_back_after_hours_without_anybody_is_a_new_one() -> None:
    seen = LastSeen(2)
    seen.follow([1], now(0.0, 10.0), None)

    assert seen.follow([1], now(7200.0, 99.0), None).tolist() == [[7200.0], [99.0]]
