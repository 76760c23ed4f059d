from __future__ import annotations

from itertools import pairwise

from heatwall.analysis.allowance import Allowance


def test_each_lack_of_memory_halves_it_down_to_one() -> None:
    allowance = Allowance(16)
    most = []
    while allowance.shrink(0.0):
        most.append(allowance.most)
    assert most == [8, 4, 2, 1]
    assert allowance.is_reduced


def test_after_a_quiet_time_twice_as_many_are_tried_and_never_more_than_wanted() -> None:
    allowance = Allowance(6)
    allowance.shrink(0.0)
    allowance.note_good(599.0)
    assert allowance.most == 3

    allowance.note_good(601.0)
    assert allowance.most == 6
    assert not allowance.is_reduced
    allowance.note_good(9000.0)
    assert allowance.most == 6


def test_a_memory_that_is_simply_small_is_asked_ever_less_often() -> None:
    allowance, now_s, tries_s = Allowance(2), 0.0, []
    allowance.shrink(now_s)
    while now_s < 200_000:
        now_s += 60
        allowance.note_good(now_s)
        if allowance.most == 2:
            tries_s.append(now_s)
            allowance.shrink(now_s)
    waits_s = [late - early for early, late in pairwise(tries_s)]
    assert waits_s == sorted(waits_s)
    assert waits_s[0] == 1200
    assert max(waits_s) <= 86_460
