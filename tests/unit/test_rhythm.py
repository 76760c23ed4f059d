from __future__ import annotations

import random

import pytest

from heatwall.rhythm import Rhythm


def see(rhythm: Rhythm, fps: float, seconds: float, start_s: float = 0.0) -> int:
    """Show pictures at a rate; returns how often the rhythm changed."""
    return sum(rhythm.has_changed(start_s + number / fps) for number in range(round(seconds * fps)))


@pytest.mark.parametrize("fps", [2.0, 7.0, 10.0])
def test_a_camera_slower_than_was_said_is_found_out_once(fps: float) -> None:
    rhythm = Rhythm(15.0)

    assert see(rhythm, fps, 60.0) == 1
    assert rhythm.fps == pytest.approx(fps, rel=0.02)


def test_a_camera_that_keeps_its_rate_or_nearly_changes_nothing() -> None:
    for fps in (13.5, 15.0, 16.0):
        rhythm = Rhythm(15.0)
        assert see(rhythm, fps, 60.0) == 0
        assert rhythm.fps == 15.0


def test_one_that_speeds_up_again_is_believed_but_no_more_than_at_first() -> None:
    rhythm = Rhythm(15.0)
    see(rhythm, 7.0, 20.0)

    assert see(rhythm, 25.0, 20.0, start_s=20.0) == 1
    assert rhythm.fps == 15.0


def test_pictures_that_come_late_and_pauses_change_nothing() -> None:
    rhythm, chance = Rhythm(15.0), random.Random(1)
    time_s, changes = 0.0, 0
    for number in range(900):
        pause_s = 0.5 if number % 30 == 0 else 0.0
        time_s += pause_s + chance.uniform(0.6, 1.4) / 15
        changes += rhythm.has_changed(time_s)

    assert changes == 0


def test_pictures_taken_by_turns_from_a_faster_stream_are_counted_as_they_come() -> None:
    rhythm = Rhythm(15.0)

    # 25 a second, of which 15 are wanted: after one and after two intervals by turns.
    changes = sum(
        rhythm.has_changed(number // 3 * 0.2 + (number % 3) * 0.08) for number in range(600)
    )

    assert changes == 0


def test_time_that_stands_still_or_goes_back_is_no_interval() -> None:
    rhythm = Rhythm(15.0)

    assert not any(rhythm.has_changed(time_s) for time_s in [5.0, 5.0, 1.0, 1.0] * 50)
