from __future__ import annotations

import pytest

from heatwall.camera.lateness import Lateness


def run(lateness: Lateness, frames: int, *, frame_s: float, work_s: float, at_s: float) -> float:
    """Note frames of a camera whose worker needs `work_s` for each; returns the last lag."""
    now_s = captured_s = at_s
    for number in range(frames):
        captured_s = at_s + number * frame_s
        waited_s = max(0.0, captured_s - now_s)
        now_s = max(now_s, captured_s)
        lateness.note(now_s, captured_s, waited_s)
        now_s += work_s
    return now_s - work_s - captured_s


def test_a_worker_that_waits_for_its_camera_is_not_late() -> None:
    lateness = Lateness()

    run(lateness, 100, frame_s=1 / 15, work_s=0.01, at_s=10)

    assert not lateness.is_late
    assert lateness.take_standing_s() == 0


def test_a_worker_that_needs_longer_than_a_frame_lasts_is_late() -> None:
    lateness = Lateness()

    lag_s = run(lateness, 8, frame_s=1 / 15, work_s=0.1, at_s=10)

    assert lag_s == pytest.approx(0.233, abs=0.01)
    assert lateness.is_late
    assert not lateness.is_hopeless


def test_far_behind_is_hopeless() -> None:
    lateness = Lateness()

    run(lateness, 40, frame_s=1 / 15, work_s=0.1, at_s=10)

    assert lateness.is_hopeless


def test_frames_that_the_network_held_up_are_not_left_out() -> None:
    lateness = Lateness()
    run(lateness, 30, frame_s=1 / 15, work_s=0.004, at_s=10)

    for number in range(8):  # half a second of frames at once
        lateness.note(12.6 + number * 0.004, 12.0 + number / 15, 0.5 if number == 0 else 0.0)

        assert not lateness.is_late


def test_a_single_late_frame_is_no_standing_lag() -> None:
    lateness = Lateness()
    lateness.note(10.0, 10.0, 0.06)
    lateness.note(10.4, 10.06, 0.0)

    assert lateness.take_standing_s() == 0


def test_a_lag_that_never_goes_is_told_once_for_each_look() -> None:
    lateness = Lateness()
    for number in range(10):
        lateness.note(10.3 + number / 15, 10 + number / 15, 0.0)

    assert lateness.take_standing_s() == pytest.approx(0.3)
    assert lateness.take_standing_s() == 0
