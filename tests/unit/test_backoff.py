from __future__ import annotations

import pytest

from heatwall.backoff import Backoff, Care


def test_waits_grow_and_then_stay_so_that_a_camera_is_tried_for_ever() -> None:
    backoff = Backoff(random=lambda: 0.5)  # the middle of the jitter
    waits = [backoff.next_s() for _ in range(1000)]
    assert waits[:6] == [0.5, 1.0, 2.0, 5.0, 10.0, 30.0]
    assert set(waits[6:]) == {30.0}
    assert backoff.failures == 1000


def test_after_a_success_waits_begin_anew() -> None:
    backoff = Backoff(random=lambda: 0.5)
    for _ in range(5):
        backoff.next_s()
    backoff.reset()
    assert backoff.failures == 0
    assert backoff.next_s() == 0.5


def test_a_refused_password_is_tried_slowly_from_the_first_time_and_ever_more_so() -> None:
    # Cameras lock an account after about five quick failures.
    backoff = Backoff(random=lambda: 0.5)
    waits = [backoff.next_s(Care.ACCOUNT) for _ in range(6)]
    assert waits == [60.0, 120.0, 300.0, 600.0, 600.0, 600.0]


def test_a_stream_without_video_is_tried_once_a_minute() -> None:
    backoff = Backoff(random=lambda: 0.5)
    assert [backoff.next_s(Care.SLOW) for _ in range(3)] == [60.0] * 3


def test_another_kind_of_failure_is_waited_for_from_its_own_beginning() -> None:
    backoff = Backoff(random=lambda: 0.5)
    for _ in range(6):
        backoff.next_s()
    assert backoff.next_s(Care.ACCOUNT) == 60.0
    assert backoff.next_s() == 0.5


@pytest.mark.parametrize(("chance", "wait_s"), [(0.0, 0.4), (0.5, 0.5), (0.999999, 0.6)])
def test_waits_differ_by_chance_within_a_fifth(chance: float, wait_s: float) -> None:
    assert Backoff(random=lambda: chance).next_s() == pytest.approx(wait_s, rel=1e-4)
