from __future__ import annotations

import random

import numpy as np
import pytest

from heatwall.stationary import StillFilter
from heatwall.values import Tracks
from support.tracks import tracks_at

AFTER_S = 60.0
HERE, THERE = (0.5, 0.6), (0.2, 0.8)


def counting(
    still: StillFilter, time_s: float, feet: dict[int, tuple[float, float]]
) -> dict[int, bool]:
    """Return by track whether it counts."""
    tracks = tracks_at(time_s, feet)
    return dict(zip(tracks.track_id.tolist(), still.mask(tracks).tolist(), strict=True))


def watch(
    still: StillFilter,
    seconds: float,
    feet: dict[int, tuple[float, float]],
    start_s: float = 0.0,
    fps: float = 5,
) -> float:
    """Let people stand; returns the last time."""
    for step in range(round(seconds * fps) + 1):
        still.mask(tracks_at(start_s + step / fps, feet))
    return start_s + round(seconds * fps) / fps


@pytest.mark.parametrize("fps", [0.7, 2, 5, 30])
def test_who_stands_still_stops_to_count_after_the_time_at_any_frame_rate(fps: float) -> None:
    still = StillFilter(AFTER_S)
    counted_s = [
        step / fps for step in range(round(90 * fps)) if counting(still, step / fps, {1: HERE})[1]
    ]

    assert max(counted_s) == pytest.approx(AFTER_S, abs=1 / fps)
    assert len(counted_s) == pytest.approx(AFTER_S * fps, abs=2)


def test_who_walks_always_counts() -> None:
    still = StillFilter(2.0)

    for step in range(500):
        x = 0.5 + 0.4 * np.sin(step * 0.05)
        assert counting(still, step * 0.2, {1: (x, 0.5)}) == {1: True}


def test_who_sways_where_they_stand_is_still() -> None:
    still = StillFilter(AFTER_S)
    chance = random.Random(2)

    for step in range(400):
        x, y = HERE[0] + chance.uniform(-0.008, 0.008), HERE[1] + chance.uniform(-0.01, 0.01)
        still.mask(tracks_at(step * 0.2, {1: (x, y)}))

    assert counting(still, 80.0, {1: HERE}) == {1: False}


def test_who_walks_off_counts_again_after_a_moment() -> None:
    still = StillFilter(AFTER_S)
    end_s = watch(still, 100, {1: HERE})

    assert counting(still, end_s + 0.2, {1: THERE}) == {1: False}
    assert counting(still, end_s + 1.3, {1: THERE}) == {1: True}
    assert counting(still, end_s + 50.0, {1: THERE}) == {1: True}


def test_a_box_that_is_hidden_for_a_moment_does_not_begin_anew() -> None:
    still = StillFilter(AFTER_S)
    end_s = watch(still, 100, {1: HERE})

    for step in range(1, 5):
        counting(still, end_s + step * 0.2, {1: (HERE[0], HERE[1] - 0.15)})

    assert counting(still, end_s + 1.0, {1: HERE}) == {1: False}


def test_a_poster_whose_number_changes_stays_out() -> None:
    still = StillFilter(AFTER_S)
    end_s = watch(still, 100, {1: HERE})

    for number in range(2, 30):
        at_s = end_s + number * 20.0
        assert counting(still, at_s, {number: HERE}) == {number: False}


def test_a_poster_whose_number_never_lasts_is_found_out() -> None:
    still = StillFilter(AFTER_S)
    counted = [counting(still, step * 0.5, {1 + step // 4: HERE}) for step in range(300)]

    assert all(True in one.values() for one in counted[:120])
    assert all(False in one.values() for one in counted[122:])


def test_a_place_is_forgotten_when_nobody_stood_there_for_long() -> None:
    still = StillFilter(AFTER_S)
    end_s = watch(still, 100, {1: HERE})

    for minute in range(1, 12):
        still.mask(tracks_at(end_s + 60 * minute, {}))

    assert len(still) == 0
    assert counting(still, end_s + 700, {2: HERE}) == {2: True}


def test_people_who_pass_by_or_stop_at_a_poster_count() -> None:
    still = StillFilter(AFTER_S)
    end_s = watch(still, 100, {1: HERE})

    for step in range(1, 100):
        walker = (min(0.1 + step * 0.02, HERE[0]), HERE[1] + 0.005)
        counts = counting(still, end_s + step * 0.2, {1: HERE, 2: walker})
        assert counts == {1: False, 2: True}


def test_where_somebody_stood_for_a_short_time_others_count_from_the_start() -> None:
    still = StillFilter(AFTER_S)
    end_s = watch(still, 50, {1: HERE})

    still.mask(tracks_at(end_s + 10, {}))
    watch(still, 30, {2: HERE}, start_s=end_s + 11)

    assert counting(still, end_s + 41.2, {2: HERE}) == {2: True}


def test_places_and_tracks_do_not_grow_for_ever() -> None:
    still = StillFilter(0.5)
    chance = random.Random(3)

    for step in range(300):
        feet = {1 + step // 4 * 20 + n: (chance.random(), chance.random()) for n in range(20)}
        for part in range(4):
            still.mask(tracks_at(step * 4 + part, feet))

    assert len(still) <= 256 + 20


def test_boxes_that_can_not_be_disturb_nobody() -> None:
    still = StillFilter(AFTER_S)
    end_s = watch(still, 100, {1: HERE})
    boxes = np.array([tracks_at(0, {1: HERE}).xyxy[0], [np.nan] * 4, [0.5, 0.5, 0.4, np.inf]])
    seen = Tracks(
        end_s + 0.2,
        np.array([1, 2, 3], np.int32),
        boxes.astype(np.float32),
        np.ones(3, np.float32),
        np.zeros(3, np.int32),
    )

    assert still.mask(seen).tolist() == [False, True, True]


def test_another_clock_begins_anew() -> None:
    still = StillFilter(AFTER_S)
    watch(still, 100, {1: HERE}, start_s=1e6)

    assert counting(still, 5.0, {1: HERE}) == {1: True}
    end_s = watch(still, 61, {1: HERE}, start_s=5.0)
    assert counting(still, end_s + 0.2, {1: HERE}) == {1: False}


def test_nobody_is_a_mask_of_nobody() -> None:
    assert StillFilter(AFTER_S).mask(tracks_at(0.0, {})).shape == (0,)


@pytest.mark.parametrize("after_s", [0.0, -1.0, float("nan")])
def test_a_time_that_can_not_be_is_refused(after_s: float) -> None:
    with pytest.raises(ValueError, match="allowed: above 0"):
        StillFilter(after_s)
