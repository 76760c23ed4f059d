from __future__ import annotations

import pytest

from heatwall.load import LADDER, Load, LoadLadder, Pace

FINE = Load((0.0, 0.004, 0.01), 0.5, 0.0)
LATE = Load((0.2, 0.1, 0.01), 0.97, 0.0)


def after(ladder: LoadLadder, load: Load, seconds: int, at_s: float) -> float:
    """Tell the same load once a second; return the time after that."""
    for second in range(seconds):
        ladder.update(at_s + second, load)
    return at_s + seconds


def test_a_machine_that_keeps_up_does_all() -> None:
    ladder = LoadLadder()

    after(ladder, FINE, 60, 0)

    assert ladder.pace == Pace(1, 1)


def test_detection_slows_before_pictures_do() -> None:
    ladder = LoadLadder()
    seen = [ladder.update(second, LATE) for second in range(20)]

    assert seen[0].detect == 1  # one look may be a hiccup
    assert seen[1].detect < 1
    slowed = next(pace for pace in seen if pace.pictures < 1)
    assert all(pace.pictures == 1 for pace in seen[: seen.index(slowed)])
    assert seen[seen.index(slowed) - 1].detect <= 0.2
    assert seen[-1] == LADDER[-1]


def test_far_behind_it_goes_down_faster() -> None:
    slow, fast = LoadLadder(), LoadLadder()
    slow.update(0, LATE)
    slow.update(1, LATE)
    fast.update(0, Load((0.9, 0.8), 0.97, 0.0))

    assert fast.pace < slow.pace


def test_it_goes_up_again_step_by_step_once_there_is_room() -> None:
    ladder = LoadLadder()
    at_s = after(ladder, LATE, 3, 0)
    at_s = after(ladder, FINE, 2, at_s)
    assert ladder.pace == LADDER[2]

    at_s = after(ladder, FINE, 2, at_s)
    assert ladder.pace == LADDER[1]
    after(ladder, FINE, 10, at_s)

    assert ladder.pace == LADDER[0]


def test_while_the_processors_are_full_more_is_tried_later() -> None:
    ladder = LoadLadder()
    full = Load((0.0,), 0.95, 0.0)
    at_s = after(ladder, LATE, 2, 0)

    at_s = after(ladder, full, 15, at_s)
    assert ladder.pace == LADDER[1]
    after(ladder, full, 10, at_s)

    assert ladder.pace == LADDER[0]


def test_a_step_up_that_failed_is_tried_again_after_twice_the_time() -> None:
    ladder = LoadLadder()
    waits: list[int] = []
    at_s = after(ladder, LATE, 2, 0)
    for _ in range(8):
        waited = 0
        while ladder.pace != LADDER[0]:
            ladder.update(at_s, FINE)
            at_s, waited = at_s + 1, waited + 1
        waits.append(waited)
        at_s = after(ladder, LATE, 2, at_s + 1)

    assert waits[1] == pytest.approx(2 * waits[0], abs=2)
    assert waits[2] == pytest.approx(4 * waits[0], abs=3)
    assert max(waits) <= 122


def test_a_step_up_that_held_forgets_the_failures_before() -> None:
    ladder = LoadLadder()
    at_s = after(ladder, LATE, 2, 0)
    at_s = after(ladder, FINE, 6, at_s)
    at_s = after(ladder, LATE, 2, at_s)  # failed
    at_s = after(ladder, FINE, 60, at_s)  # held
    at_s = after(ladder, LATE, 2, at_s)

    after(ladder, FINE, 6, at_s)

    assert ladder.pace == LADDER[0]


def test_one_camera_that_is_too_much_for_a_processor_slows_no_other() -> None:
    assert not Load((1.5, 0.0, 0.0, 0.0), 0.6, 0.0).is_too_much


def test_one_late_camera_on_full_processors_is_the_machines_matter() -> None:
    assert Load((0.3, 0.0, 0.0, 0.0), 0.95, 0.0).is_too_much


def test_where_the_system_does_not_tell_its_load_most_cameras_must_be_late() -> None:
    assert not Load((0.3, 0.0, 0.0), None, 0.0).is_too_much
    assert Load((0.3, 0.3, 0.0), None, 0.0).is_too_much


def test_a_held_up_event_loop_is_too_much_too() -> None:
    assert Load((0.0, 0.0), 0.5, 0.4).is_too_much


def test_without_cameras_nothing_is_too_much() -> None:
    assert not Load((), 1.0, 0.0).is_too_much
