from __future__ import annotations

from itertools import pairwise

import pytest

from heatwall.timeline import Timeline


def test_network_jitter_is_taken_out() -> None:
    timeline = Timeline()
    delays_s = [0.0, 0.08, 0.02, 0.12, 0.0, 0.05]

    times_s = [
        timeline.capture_s(index * 0.04, 100 + index * 0.04 + delay_s)
        for index, delay_s in enumerate(delays_s)
    ]

    steps_s = [later - sooner for sooner, later in pairwise(times_s)]
    assert steps_s == pytest.approx([0.04] * 5, abs=0.002)


def test_a_jump_of_the_cameras_clock_is_no_jump_here() -> None:
    timeline = Timeline()
    before_s = timeline.capture_s(10.0, 100.0)

    after_s = timeline.capture_s(5000.0, 100.04)

    assert timeline.jumps == 1
    assert after_s - before_s == pytest.approx(0.04, abs=0.01)


def test_time_never_goes_back_when_the_camera_does() -> None:
    timeline = Timeline()
    before_s = timeline.capture_s(50.0, 100.0)

    after_s = timeline.capture_s(1.0, 100.04)

    assert after_s > before_s


def test_a_frame_without_a_stamp_is_as_old_as_its_arrival() -> None:
    assert Timeline().capture_s(None, 42.0) == 42.0


def test_a_camera_whose_clock_is_slow_is_followed() -> None:
    timeline = Timeline()
    time_s = 0.0
    for step in range(25 * 600):
        arrival_s = 100 + step * 0.04
        time_s = timeline.capture_s(step * 0.04 * (1 - 200e-6), arrival_s)

    assert 100 + 600 - time_s < 0.1


def test_a_counter_of_milliseconds_that_wraps_after_49_days_is_a_jump_like_others() -> None:
    timeline = Timeline()
    wrap_s = 2**32 / 1000
    times = []
    for number in range(100):
        arrival_s = 1000 + number / 25
        stamp_s = (wrap_s - 2 + number / 25) % wrap_s
        times.append(timeline.capture_s(stamp_s, arrival_s))
    assert timeline.jumps == 1
    assert times == pytest.approx([1000 + number / 25 for number in range(100)], abs=0.01)


def test_times_stay_exact_on_a_machine_that_has_run_for_years() -> None:
    timeline = Timeline()
    years_s = 3 * 365 * 86_400.0
    times = [timeline.capture_s(number / 25, years_s + number / 25) for number in range(50)]
    assert times == pytest.approx([years_s + number / 25 for number in range(50)], abs=1e-6, rel=0)
