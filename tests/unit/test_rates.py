from __future__ import annotations

import pytest

from heatwall.rates import Rate


def test_a_rate_is_the_growth_over_the_window() -> None:
    rate = Rate(4.0)
    for step in range(100):
        rate.add(step * 0.5, step * 7)

    assert rate.per_s(49.5) == pytest.approx(14.0)


def test_a_total_that_stopped_growing_fades_to_zero() -> None:
    rate = Rate(4.0)
    rate.add(0.0, 0)
    rate.add(1.0, 15)

    assert rate.per_s(1.5) == pytest.approx(15.0)
    assert rate.per_s(10.0) == 0.0


def test_a_total_that_begins_anew_is_no_negative_rate() -> None:
    rate = Rate(4.0)
    rate.add(0.0, 1000)
    rate.add(1.0, 10)

    assert rate.per_s(1.0) == 0.0
