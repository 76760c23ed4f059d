from __future__ import annotations

import itertools
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatwall.history import History, Minute
from heatwall.status import LineStatus, MinuteStatus

NOON = 1_700_000_000 // 3600 * 3600
"""Seconds since 1970, at the beginning of an hour."""


def line(inward: int = 0, outward: int = 0) -> Mapping[str, LineStatus]:
    return {"door": LineStatus(inward, outward, {})}


def watched(history: History, people: int, begin: float, end: float, every_s: float = 1.0) -> None:
    """Look at a camera in which so many people are, from `begin` up to `end`."""
    for step in range(round((end - begin) / every_s) + 1):
        history.look(people, {}, begin + step * every_s)


def told(history: History, now: float) -> list[tuple[int, float | None, int | None]]:
    return [(minute.at - NOON, minute.people, minute.most) for minute in history.minutes(now)]


def crossings(history: History, now: float) -> list[tuple[int, int]]:
    return [(minute.in_count, minute.out_count) for minute in history.minutes(now)]


def test_before_the_first_look_there_is_the_minute_that_runs_and_nobody_looked() -> None:
    assert History().minutes(NOON + 30) == (MinuteStatus(NOON, None, None, 0, 0),)


def test_minutes_are_those_of_the_clock_on_the_wall() -> None:
    history = History()
    watched(history, 2, NOON + 30, NOON + 90)
    assert told(history, NOON + 90) == [(0, 2.0, 2), (60, 2.0, 2)]


def test_the_mean_is_weighted_by_time_and_not_by_looks() -> None:
    history = History()
    watched(history, 4, NOON, NOON + 15, every_s=0.1)
    watched(history, 0, NOON + 15, NOON + 60, every_s=3.0)
    (minute, _) = history.minutes(NOON + 60)
    assert minute.people == pytest.approx(1.0, abs=0.01)
    assert minute.most == 4


def test_who_reads_it_changes_nothing() -> None:
    read, unread = History(), History()
    for second, people in {0: 4, 1: 2, 40: 0, 44: 1, 48: 1}.items():
        for history in (read, unread):
            history.look(people, {}, NOON + second)
        for step in range(60):
            read.minutes(NOON + second + step / 64)
    assert read.minutes(NOON + 52) == unread.minutes(NOON + 52)
    assert read.state() == unread.state()


def test_one_look_alone_is_its_minutes_mean() -> None:
    history = History()
    history.look(3, {}, NOON + 1)
    assert told(history, NOON + 1) == [(0, 3.0, 3)]


def test_time_in_which_nobody_looked_belongs_to_no_mean() -> None:
    history = History()
    watched(history, 2, NOON, NOON + 10)
    history.gap()
    watched(history, 0, NOON + 50, NOON + 60)
    (minute, _) = history.minutes(NOON + 60)
    assert minute.people == pytest.approx(1.0)


def test_minutes_without_a_look_are_told_as_such() -> None:
    history = History()
    watched(history, 1, NOON, NOON + 10)
    history.gap()
    watched(history, 1, NOON + 180, NOON + 190)
    assert told(history, NOON + 190) == [
        (0, 1.0, 1),
        (60, None, None),
        (120, None, None),
        (180, 1.0, 1),
    ]


def test_who_was_seen_is_not_believed_in_for_long() -> None:
    """The analyst may stop without a word, as when its model fails."""
    history = History()
    history.look(4, {}, NOON)
    history.look(0, {}, NOON + 40)
    history.look(0, {}, NOON + 45)
    (minute,) = history.minutes(NOON + 45)
    assert minute.people == pytest.approx(2.0)


def test_a_camera_that_is_seldom_looked_at_has_a_mean_too() -> None:
    history = History()
    for second, people in {0: 1, 20: 2, 40: 6, 60: 0}.items():
        history.look(people, {}, NOON + second)
    assert told(history, NOON + 60) == [(0, 3.0, 6), (60, 0.0, 0)]


def test_an_hour_is_kept_and_no_more() -> None:
    history = History()
    for minute in range(200):
        history.look(minute, {}, NOON + 60 * minute)
    kept = told(history, NOON + 60 * 199)
    assert len(kept) == 61
    assert kept[0] == (139 * 60, 139.0, 139)
    assert len(history.state()) == 61
    assert told(history, NOON + 60 * 259) == [
        (60 * 199, 199.0, 199),
        *((60 * minute, None, None) for minute in range(200, 260)),
    ]
    assert told(history, NOON + 60 * 400) == [(60 * 400, None, None)]


def test_crossings_are_counted_in_the_minute_in_which_they_are_seen() -> None:
    history = History()
    for second, (inward, outward) in {0: (0, 0), 30: (2, 1), 59: (3, 1), 61: (3, 4)}.items():
        history.look(0, line(inward, outward), NOON + second)
    assert crossings(history, NOON + 61) == [(3, 1), (0, 3)]


def test_all_lines_are_counted_together() -> None:
    history = History()
    for count in (0, 3):
        history.look(0, {**line(count), "gate": LineStatus(count, 2 * count, {})}, NOON + count)
    assert crossings(history, NOON + 3) == [(6, 6)]


def test_what_was_counted_in_a_run_before_is_not_counted_again() -> None:
    history = History()
    history.look(0, line(5000, 4000), NOON)
    history.look(0, line(5001, 4000), NOON + 1)
    assert crossings(history, NOON + 1) == [(1, 0)]


def test_a_reset_of_the_counts_takes_nothing_back() -> None:
    history = History()
    for second, inward in enumerate([0, 7, 0, 1, 5, 1]):
        history.look(0, line(inward, inward), NOON + second)
    assert crossings(history, NOON + 5) == [(13, 13)]


def test_lines_that_come_and_go_cross_nobody() -> None:
    history = History()
    gate = {"gate": LineStatus(0, 0, {})}
    for second, lines in enumerate([line(7), {}, gate, {**gate, **line(0)}, {**gate, **line(1)}]):
        history.look(0, lines, NOON + second)
    assert crossings(history, NOON + 4) == [(1, 0)]


def test_a_clock_that_is_set_back_takes_what_is_known_along() -> None:
    history = History()
    watched(history, 2, NOON + 3600, NOON + 3720)
    watched(history, 6, NOON + 120, NOON + 180)
    assert told(history, NOON + 180) == [(0, 2.0, 2), (60, 2.0, 2), (120, 6.0, 6), (180, 6.0, 6)]


def test_a_clock_that_is_set_back_is_noticed_by_who_reads_too() -> None:
    history = History()
    watched(history, 2, NOON + 3600, NOON + 3650)
    assert told(history, NOON + 50) == [(0, 2.0, 2)]


def test_a_clock_that_is_put_right_by_seconds_is_waited_for() -> None:
    history = History()
    watched(history, 2, NOON, NOON + 61)
    watched(history, 2, NOON + 51, NOON + 119)
    assert [(at, people) for at, people, _ in told(history, NOON + 119)] == [(0, 2.0), (60, 2.0)]


def test_after_a_jump_forward_nobody_looked_meanwhile() -> None:
    history = History()
    watched(history, 2, NOON, NOON + 10)
    history.look(2, {}, NOON + 300)
    assert [people for _, people, _ in told(history, NOON + 300)] == [2, None, None, None, None, 2]


def test_it_goes_on_after_a_restart_with_the_time_in_between_unknown() -> None:
    before, after = History(), History()
    watched(before, 2, NOON, NOON + 100)

    after.restore(before.state(), NOON + 200)
    watched(after, 4, NOON + 200, NOON + 210)

    assert told(after, NOON + 210) == [(0, 2, 2), (60, 2, 2), (120, None, None), (180, 4, 4)]


def test_within_a_minute_a_restart_is_hardly_seen() -> None:
    before, after = History(), History()
    watched(before, 2, NOON, NOON + 20)

    after.restore(before.state(), NOON + 30)
    watched(after, 5, NOON + 30, NOON + 40)

    assert told(after, NOON + 40) == [(0, 3.0, 5)]


@pytest.mark.parametrize(
    "minute",
    [
        Minute(NOON - 3660, 1.0, 1.0, 1),
        Minute(NOON + 60, 1.0, 1.0, 1),
        Minute(NOON - 30, 1.0, 1.0, 1),
        Minute(NOON - 60, -1.0, 1.0, 1),
        Minute(NOON - 60, 1.0, float("inf"), 1),
        Minute(NOON - 60, 1.0, 1.0, 1, -3),
    ],
)
def test_what_can_not_be_is_not_restored(minute: Minute) -> None:
    history = History()
    history.restore([minute], NOON + 1)
    assert told(history, NOON + 1) == [(0, None, None)]


@given(
    st.lists(
        st.tuples(
            st.integers(0, 9), st.integers(0, 50), st.floats(-8000, 8000), st.sampled_from("lgr")
        ),
        max_size=40,
    )
)
def test_whatever_the_clock_does_the_minutes_are_in_order_and_few(
    steps: list[tuple[int, int, float, str]],
) -> None:
    history, now = History(), float(NOON)
    for people, inward, step_s, what in steps:
        now += step_s
        match what:
            case "l":
                history.look(people, line(inward), now)
            case "g":
                history.gap()
            case _:
                history.restore(history.state(), now)
        minutes = history.minutes(now)
        assert 1 <= len(minutes) <= 62
        assert all(after.at - one.at == 60 for one, after in itertools.pairwise(minutes))
        assert all(minute.in_count >= 0 and minute.out_count >= 0 for minute in minutes)
        assert all(
            minute.people is None or 0 <= minute.people <= (minute.most or 0) for minute in minutes
        )
        assert len(history.state()) <= 62
