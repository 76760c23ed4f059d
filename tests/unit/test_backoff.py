from __future__ import annotations

import pytest

from heatwall.backoff import Backoff


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


def test_a_refused_password_is_tried_slowly_from_the_first_time() -> None:
    # Cameras lock an account after about five quick failures.
    backoff = Backoff(random=lambda: 0.5)
    assert [backoff.next_s(is_slow=True) for _ in range(3)] == [60.0, 60.0, 60.0]
    assert backoff.failures == 3


@pytest.mark.parametrize(("chance", "wait_s"), [(0.0, 0.4), (0.5, 0.5), (0.999999, 0.6)])
def test_waits_differ_by_chance_within_a_fifth(chance: float, wait_s: float) -> None:
    assert Backoff(random=lambda: chance).next_s() == pytest.approx(wait_s, rel=1e-4)
