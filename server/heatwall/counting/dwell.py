"""How long people stay: exact mean, quantiles in bounded memory."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_SHORTEST_S = 0.1
"""Stays below this are not told apart."""

_LONGEST_S = 7 * 86_400.0
"""Nor are those above this: nobody stays in a shop for a week."""

_ACCURACY = 0.01
"""Relative error of a quantile."""

_RATIO = (1 + _ACCURACY) / (1 - _ACCURACY)
_BUCKETS = math.ceil(math.log(_LONGEST_S / _SHORTEST_S) / math.log(_RATIO)) + 1


@dataclass(frozen=True, slots=True)
class DwellSummary:
    """Figures of some stays.

    Attributes:
        count: How many.
        mean_s: Mean in seconds, exact; None of none, as below.
        median_s: Half of them are shorter; within 1 %.
        p90_s: 90 % of them are shorter; within 1 %.
    """

    count: int
    mean_s: float | None
    median_s: float | None
    p90_s: float | None


@dataclass(frozen=True, slots=True)
class DwellState:
    """What a snapshot keeps of `DwellStatistics`.

    Attributes:
        total_s: Sum of all stays in seconds.
        least_s: The shortest, 0 of none.
        most_s: The longest, 0 of none.
        buckets: Stays of about the same length: the length in seconds and how many, rising.
    """

    total_s: float = 0.0
    least_s: float = 0.0
    most_s: float = 0.0
    buckets: tuple[tuple[float, int], ...] = ()


class DwellStatistics:
    """Lengths of stays since the last reset.

    Stays are counted in buckets whose bounds rise by a fixed ratio, so that a quantile is known
    to a fixed relative error in memory that never grows: 6 KB. (The idea of Masson, Rim and Lee,
    "DDSketch: a fast and fully-mergeable quantile sketch", VLDB 2019.)
    """

    def __init__(self) -> None:
        # Of each bucket how many stays are in it or below: what a quantile is looked up in.
        self._ranks = np.zeros(_BUCKETS, np.int64)
        self._total_s = 0.0
        self._least_s = math.inf
        self._most_s = 0.0

    @property
    def total_s(self) -> float:
        """Sum of all stays in seconds."""
        return self._total_s

    def add(self, dwell_s: float) -> None:
        """Add a stay that has ended.

        Raises:
            ValueError: It is negative or not finite.
        """
        if not 0 <= dwell_s < math.inf:
            raise ValueError(f"a stay of {dwell_s} s; allowed are 0 and more")
        self._ranks[_bucket(dwell_s) :] += 1
        self._total_s += dwell_s
        self._least_s = min(self._least_s, dwell_s)
        self._most_s = max(self._most_s, dwell_s)

    def summary(self, running_s: Sequence[float] = ()) -> DwellSummary:
        """Return the figures of all stays added, and of those that go on still.

        Args:
            running_s: Lengths so far of stays that have not ended; they are not kept.
        """
        ranks = self._ranks
        if running_s:
            ranks = ranks.copy()
            for dwell_s in running_s:
                ranks[_bucket(dwell_s) :] += 1
        count = int(ranks[-1])
        if count == 0:
            return DwellSummary(0, None, None, None)
        least_s = min(self._least_s, *running_s, math.inf)
        most_s = max(self._most_s, *running_s, 0.0)
        # One by one: NumPy's calls cost more than what is to be done, at every frame.
        median_s, p90_s = (
            min(
                max(_LENGTHS_S[int(ranks.searchsorted(part * (count - 1), "right"))], least_s),
                most_s,
            )
            for part in (0.5, 0.9)
        )
        return DwellSummary(count, (self._total_s + sum(running_s)) / count, median_s, p90_s)

    def reset(self) -> None:
        """Forget all stays."""
        self.restore(DwellState())

    def state(self) -> DwellState:
        """Return what a snapshot keeps."""
        counts = np.diff(self._ranks, prepend=0)
        full = np.flatnonzero(counts)
        buckets = zip(_length_s(full).tolist(), counts[full].tolist(), strict=True)
        least_s = self._least_s if full.size else 0.0
        return DwellState(self._total_s, least_s, self._most_s, tuple(buckets))

    def restore(self, state: DwellState) -> None:
        """Go on from a snapshot; lengths rather than buckets are kept, so that these may change."""
        self._ranks[:] = 0
        for length_s, count in state.buckets:
            self._ranks[_bucket(length_s) :] += count
        self._total_s = state.total_s
        self._least_s = state.least_s if state.buckets else math.inf
        self._most_s = state.most_s


def _bucket(length_s: float) -> int:
    """Bucket 0 holds all up to the shortest, the last one all from the longest on."""
    bounded_s = min(max(length_s, _SHORTEST_S), _LONGEST_S)
    # The hair taken off keeps a bucket's own middle in it, whatever the rounding.
    return math.ceil(math.log(bounded_s / _SHORTEST_S) / math.log(_RATIO) - 1e-9)


def _length_s(bucket: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """The length with the least relative error for all of a bucket."""
    return np.asarray(_SHORTEST_S * _RATIO**bucket * 2 / (_RATIO + 1), np.float64)


_LENGTHS_S = _length_s(np.arange(_BUCKETS)).tolist()
"""Of every bucket."""
