from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatwall.counting.dwell import DwellState, DwellStatistics, DwellSummary

lengths = st.lists(st.floats(0.1, 7 * 86_400), min_size=1, max_size=60)


def filled(stays_s: list[float]) -> DwellStatistics:
    statistics = DwellStatistics()
    for stay_s in stays_s:
        statistics.add(stay_s)
    return statistics


@settings(deadline=None)
@given(lengths)
def test_quantiles_are_within_one_percent_and_mean_and_count_exact(stays_s: list[float]) -> None:
    summary = filled(stays_s).summary()

    assert summary.count == len(stays_s)
    assert summary.mean_s == pytest.approx(np.mean(stays_s))
    assert summary.median_s == pytest.approx(np.quantile(stays_s, 0.5, method="lower"), rel=0.0101)
    assert summary.p90_s == pytest.approx(np.quantile(stays_s, 0.9, method="lower"), rel=0.0101)


@settings(deadline=None)
@given(lengths, lengths)
def test_stays_that_go_on_count_as_if_ended_and_are_not_kept(
    ended_s: list[float], running_s: list[float]
) -> None:
    statistics = filled(ended_s)
    before = statistics.summary()

    together = statistics.summary(running_s)

    expected = filled(ended_s + running_s).summary()
    assert together.count == expected.count
    assert together.mean_s == pytest.approx(expected.mean_s)
    assert (together.median_s, together.p90_s) == (expected.median_s, expected.p90_s)
    assert statistics.summary() == before


@settings(deadline=None)
@given(lengths)
def test_a_snapshot_through_json_leads_to_the_same_figures(stays_s: list[float]) -> None:
    statistics = filled(stays_s)
    restored = DwellStatistics()
    restored.add(77.0)

    text = msgspec.json.encode(statistics.state())
    restored.restore(msgspec.json.decode(text, type=DwellState))

    assert restored.summary() == statistics.summary()
    assert restored.state() == statistics.state()


def test_of_no_stay_nothing_is_known() -> None:
    empty = filled([])

    assert empty.summary() == DwellSummary(0, None, None, None)
    empty.restore(msgspec.json.decode(msgspec.json.encode(empty.state()), type=DwellState))
    empty.add(30.0)
    assert empty.summary() == DwellSummary(1, 30.0, 30.0, 30.0)


def test_the_quantiles_of_one_stay_are_that_stay() -> None:
    assert filled([12.34]).summary() == DwellSummary(1, 12.34, 12.34, 12.34)


def test_lengths_out_of_range_are_kept_in_the_mean_and_at_the_ends() -> None:
    summary = filled([0.0, 0.0, 1e9]).summary()

    assert summary.mean_s == pytest.approx(1e9 / 3)
    assert summary.median_s is not None
    assert summary.median_s <= 0.1


@pytest.mark.parametrize("stay_s", [-0.1, math.nan, math.inf])
def test_what_is_no_length_is_refused(stay_s: float) -> None:
    with pytest.raises(ValueError, match="allowed are 0 and more"):
        DwellStatistics().add(stay_s)


def test_reset_forgets_all_stays() -> None:
    statistics = filled([3.0, 4.0])

    statistics.reset()

    assert statistics.summary().count == 0
    assert statistics.total_s == 0
