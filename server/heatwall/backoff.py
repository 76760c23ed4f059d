"""The waiting times between attempts to reach a camera."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

_STEPS_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Quick at first, since most cuts are short; 30 s for ever after, since a camera that was
switched off for the night must come back by itself."""

_SLOW_S = 60.0
"""For a stream without video, which only somebody at the camera's settings will change."""

_ACCOUNT_S = (60.0, 120.0, 300.0, 600.0)
"""For refused passwords: cameras lock an account after some five failures within minutes. These are
four in the first eight minutes and six an hour from then on."""

_JITTER = 0.2
"""Share by which a wait is varied, so that sixteen cameras behind one switch do not return in
one burst."""


class Care(StrEnum):
    """What has to be considered before the next attempt."""

    NONE = "none"
    """Nothing: try as soon as it is cheap."""
    SLOW = "slow"
    """Another attempt will hardly end otherwise."""
    ACCOUNT = "account"
    """Another attempt may lock the camera's account."""


_STEPS_OF_CARE = {Care.NONE: _STEPS_S, Care.SLOW: (_SLOW_S,), Care.ACCOUNT: _ACCOUNT_S}


class Backoff:
    """Counts failed attempts of one camera and says how long to wait.

    Args:
        random: Returns a number in [0, 1); handed in so that tests own chance.
    """

    def __init__(self, random: Callable[[], float]) -> None:
        self._random = random
        self._failures = 0
        self._alike = -1
        self._care = Care.NONE

    @property
    def failures(self) -> int:
        """Attempts that failed since the last success."""
        return self._failures

    def next_s(self, care: Care = Care.NONE) -> float:
        """Count one failure and return the seconds to wait before the next attempt."""
        self._alike = self._alike + 1 if care is self._care else 0
        self._care = care
        self._failures += 1
        steps_s = _STEPS_OF_CARE[care]
        step_s = steps_s[min(self._alike, len(steps_s) - 1)]
        return step_s * (1 + _JITTER * (2 * self._random() - 1))

    def reset(self) -> None:
        """Forget the failures, after the camera has been live."""
        self._failures = 0
        self._alike = -1
