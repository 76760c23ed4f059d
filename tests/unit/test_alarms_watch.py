from __future__ import annotations

import pytest

from heatwall.alarms.watch import AlarmState, Turn, Watch

LIMIT, FOR_S, CLEAR_FOR_S = 5.0, 30.0, 20.0


class Timeline:
    """Looks at a value once a second and notes what is told when."""

    def __init__(self, *, is_firing: bool = False) -> None:
        self.watch = Watch(is_firing=is_firing)
        self.now_s = 100.0
        self.told: list[tuple[float, Turn]] = []

    def for_s(self, seconds: float, value: float | None, step_s: float = 1.0) -> None:
        for _ in range(round(seconds / step_s)):
            self.now_s += step_s
            turn = self.watch.look(value, LIMIT, FOR_S, CLEAR_FOR_S, self.now_s)
            if turn is not None:
                self.told.append((self.now_s - 100.0, turn))

    @property
    def turns(self) -> list[Turn]:
        return [turn for _, turn in self.told]


def test_it_is_raised_once_the_limit_was_exceeded_for_long_enough() -> None:
    line = Timeline()
    line.for_s(30, 6)
    assert (line.told, line.watch.state) == ([], AlarmState.PENDING)
    line.for_s(600, 6)
    assert line.told == [(31.0, Turn.FIRED)]


def test_the_limit_itself_does_not_exceed_it() -> None:
    line = Timeline()
    line.for_s(100, 5)
    assert (line.told, line.watch.state) == ([], AlarmState.OK)


def test_it_ends_once_all_was_well_for_long_enough() -> None:
    line = Timeline()
    line.for_s(31, 6)
    line.for_s(20, 3)
    assert line.watch.state is AlarmState.FIRING
    line.for_s(100, 3)
    assert line.told == [(31.0, Turn.FIRED), (52.0, Turn.CLEARED)]


def test_a_value_that_falls_meanwhile_begins_anew() -> None:
    line = Timeline()
    for _ in range(20):
        line.for_s(25, 6)
        line.for_s(1, 5)
    assert line.told == []


def test_a_value_about_the_limit_tells_nobody_twice() -> None:
    line = Timeline()
    line.for_s(31, 6)
    for _ in range(50):
        line.for_s(15, 4)
        line.for_s(3, 6)
    assert line.turns == [Turn.FIRED]


@pytest.mark.parametrize("is_firing", [False, True])
def test_who_knows_nothing_neither_raises_nor_ends(is_firing: bool) -> None:
    line = Timeline(is_firing=is_firing)
    line.for_s(1000, None)
    assert line.told == []
    assert (line.watch.state is AlarmState.FIRING) is is_firing
    assert line.watch.value is None


def test_a_short_time_without_knowing_pauses() -> None:
    line = Timeline()
    line.for_s(20, 6)
    line.for_s(8, None)
    line.for_s(11, 6)
    assert line.told == []
    line.for_s(3, 6)
    assert line.turns == [Turn.FIRED]


def test_a_long_time_without_knowing_begins_anew() -> None:
    line = Timeline()
    line.for_s(29, 6)
    line.for_s(60, None)
    line.for_s(30, 6)
    assert line.told == []
    line.for_s(1, 6)
    assert line.turns == [Turn.FIRED]


def test_a_long_time_without_knowing_ends_no_alarm() -> None:
    line = Timeline()
    line.for_s(31, 6)
    line.for_s(19, 3)
    line.for_s(3600, None)
    line.for_s(19, 3)
    assert line.turns == [Turn.FIRED]


def test_a_machine_that_stood_still_looked_at_nothing() -> None:
    line = Timeline()
    line.for_s(1, 6)
    line.now_s += 3600
    line.for_s(20, 6)
    assert line.told == []


def test_an_alarm_of_a_run_before_is_not_raised_again_and_ends() -> None:
    line = Timeline(is_firing=True)
    line.for_s(100, 6)
    assert line.told == []
    line.for_s(21, 2)
    assert line.turns == [Turn.CLEARED]


def test_without_a_wait_it_turns_at_once() -> None:
    watch = Watch()
    assert watch.look(1, 0, 0, 0, 1.0) is Turn.FIRED
    assert watch.look(0, 0, 0, 0, 2.0) is Turn.CLEARED


def test_a_clock_that_goes_back_counts_nothing() -> None:
    watch = Watch()
    watch.look(6, LIMIT, FOR_S, CLEAR_FOR_S, 100.0)
    assert watch.look(6, LIMIT, FOR_S, CLEAR_FOR_S, 50.0) is None
    assert watch.state is AlarmState.PENDING
