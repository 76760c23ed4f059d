from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from heatwall.render.media_clock import MediaClock

MILLISECONDS = Fraction(1, 1000)


def ticks(stamps: list[int | None]) -> list[int]:
    clock = MediaClock(MILLISECONDS, frame_s=0.04)
    return [clock.instant(stamp).ticks for stamp in stamps]


def test_time_begins_at_zero_whatever_the_first_stamp_is() -> None:
    assert ticks([-80, -40, 0]) == [0, 40, 80]
    assert ticks([900_000, 900_040]) == [0, 40]


def test_uneven_distances_are_kept() -> None:
    assert ticks([0, 40, 45, 1045, 61_045]) == [0, 40, 45, 1045, 61_045]


def test_a_frame_without_a_stamp_comes_a_frame_later() -> None:
    assert ticks([None, None, 40, 80]) == [0, 40, 80, 120]
    assert ticks([10, None, 90]) == [0, 40, 80]


def test_stamps_that_repeat_or_fall_back_a_little_are_put_in_order() -> None:
    assert ticks([0, 40, 40, 30, 80]) == [0, 40, 41, 42, 80]


def test_a_second_begun_anew_takes_a_second() -> None:
    second = list(range(0, 1000, 40))

    assert ticks([*second, *second])[-1] == 1960


def test_joined_recordings_go_on_by_one_frame() -> None:
    clock = MediaClock(MILLISECONDS, frame_s=0.04)

    instants = [clock.instant(stamp) for stamp in (0, 40, 10_000, 0, 40)]

    assert [one.ticks for one in instants] == [0, 40, 10_000, 10_040, 10_080]
    assert [one.is_after_jump for one in instants] == [False, False, False, True, False]
    assert clock.jumps == 1


def test_a_gap_of_a_day_makes_no_video_of_a_day() -> None:
    day = 24 * 3600 * 1000

    assert ticks([0, 40, day, day + 40]) == [0, 40, 80, 120]


@settings(deadline=None)
@given(st.lists(st.none() | st.integers(-(2**62), 2**62), max_size=50))
def test_time_always_rises_from_zero(stamps: list[int | None]) -> None:
    found = ticks(stamps)

    assert found[:1] in ([], [0])
    assert all(before < after for before, after in pairwise(found))
