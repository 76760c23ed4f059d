"""The waiting times between attempts to reach a camera."""

from __future__ import annotations

from collections.abc import Callable

_STEPS_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Quick at first, since most cuts are short; 30 s for ever after, since a camera that was
switched off for the night must come back by itself."""

_SLOW_S = 60.0
"""For refused passwords: cameras lock an account after about five quick failures."""

_JITTER = 0.2
"""Share by which a wait is varied, so that sixteen cameras behind one switch do not return in
one burst."""


class Backoff:
    """Counts failed attempts of one camera and says how long to wait.

    Args:
        random: Returns a number in [0, 1); handed in so that tests own chance.
    """

    def __init__(self, random: Callable[[], float]) -> None:
        self._random = random
        self._failures = 0

    @property
    def failures(self) -> int:
        """Attempts that failed since the last success."""
        return self._failures

    def next_s(self, *, is_slow: bool = False) -> float:
        """Count one failure and return the seconds to wait before the next attempt."""
        step_s = _SLOW_S if is_slow else _STEPS_S[min(self._failures, len(_STEPS_S) - 1)]
        self._failures += 1
        return step_s * (1 + _JITTER * (2 * self._random() - 1))

    def reset(self) -> None:
        """Forget the failures, after the camera has been live."""
        self._failures = 0
