from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatwall.delivery.gapless import Gapless


def _placed(times: list[int]) -> list[tuple[int, int]]:
    clock = Gapless()
    return [clock.place(time) for time in times]


def _regular(fps: float, seconds: float, jitter: list[float]) -> list[int]:
    step = 90_000 / fps
    return [
        round(step * (index + jitter[index % len(jitter)])) for index in range(round(fps * seconds))
    ]


@given(
    st.lists(st.integers(-10_000_000, 10_000_000), min_size=1, max_size=40),
    st.sets(st.integers(0, 40)),
)
def test_one_picture_ends_where_the_next_begins_whatever_the_camera_does(
    steps: list[int], restarts: set[int]
) -> None:
    clock, time, placed = Gapless(), 10**12, []
    for index, step in enumerate(steps):
        time += step
        if index in restarts:
            clock.restart()
        placed.append(clock.place(time))
    assert placed[0][0] == 0
    for (time, duration), (later, _) in pairwise(placed):
        assert duration > 0
        assert later == time + duration, "neither gap nor overlap"


@given(
    st.sampled_from([2.0, 5.0, 7.0, 15.0, 25.0, 60.0]),
    st.lists(st.floats(-0.4, 0.4), min_size=1, max_size=9),
)
def test_times_stay_true_at_any_rate_and_with_jitter(fps: float, jitter: list[float]) -> None:
    times = _regular(fps, 20.0, jitter)
    shown = [time for time, _ in _placed(times)]
    learnt = min(len(times) // 2, 40)
    errors = [
        (shown[index] - shown[learnt]) - (times[index] - times[learnt])
        for index in range(learnt, len(times))
    ]
    assert max(map(abs, errors)) <= 2 * 90_000 / fps, "nor does it drift"


def test_a_rate_is_learnt_soon() -> None:
    durations = [duration for _, duration in _placed(_regular(5.0, 6.0, [0.0]))]
    assert durations[0] == 6000
    assert durations[-1] == pytest.approx(18_000, abs=10)
    assert durations[12] == pytest.approx(18_000, rel=0.1)


def test_pictures_left_out_keep_the_time_true() -> None:
    times = _regular(15.0, 4.0, [0.0])
    del times[30:32]
    shown = [time for time, _ in _placed(times)]
    assert shown[-1] == pytest.approx(times[-1] - times[0], abs=6000)


def test_a_pause_leaves_no_mark() -> None:
    before = _regular(15.0, 2.0, [0.0])
    after = [time + before[-1] + 900_000 for time in before]
    placed = _placed(before + after)
    assert all(duration <= 7_500 for _, duration in placed), "10 s of pause are no 10 s of picture"
    assert placed[-1][0] == pytest.approx(len(placed) * 6000, abs=9000)


def test_another_camera_goes_on_where_the_one_before_ended() -> None:
    clock = Gapless()
    first = [clock.place(time) for time in (5_000_000, 5_006_000)]
    clock.restart()
    time, duration = clock.place(12)
    assert time == sum(first[-1])
    assert duration == 6000
