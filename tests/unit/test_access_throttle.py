from __future__ import annotations

from heatwall.access.throttle import Patience, Throttle

PATIENCE = Patience(free=2, first_s=1.0, longest_s=8.0)


def test_each_failure_beyond_the_free_ones_doubles_the_wait_up_to_a_limit() -> None:
    throttle, now_s, waits = Throttle(PATIENCE), 0.0, []
    for _ in range(8):
        throttle.charge("a", now_s)
        waits.append(throttle.wait_s("a", now_s))
        now_s += waits[-1]
        assert throttle.wait_s("a", now_s) == 0
    assert waits == [0, 0, 1, 2, 4, 8, 8, 8]


def test_a_night_of_guesses_overflows_nothing() -> None:
    assert PATIENCE.wait_s(10**6) == 8


def test_one_key_is_not_another() -> None:
    throttle = Throttle(PATIENCE)
    for _ in range(5):
        throttle.charge("a", 0)
    assert throttle.wait_s("b", 0) == 0


def test_all_is_forgotten_after_a_while() -> None:
    throttle = Throttle(PATIENCE)
    for _ in range(5):
        throttle.charge("a", 0)
    throttle.charge("a", 1000)
    assert throttle.wait_s("a", 1000) == 0


def test_what_was_no_guess_is_taken_back() -> None:
    throttle = Throttle(PATIENCE)
    for _ in range(10):
        throttle.charge("a", 0)
        throttle.refund("a", 0)
    assert throttle.wait_s("a", 0) == 0


def test_a_crowd_of_addresses_takes_bounded_room() -> None:
    throttle = Throttle(PATIENCE)
    for number in range(20_000):
        throttle.charge(str(number), 0)
    assert len(throttle._tries) == 10_000
