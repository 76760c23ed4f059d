"""How long whoever guesses passwords has to wait.

Each failure beyond a few doubles the wait, up to a limit, and none of it is for ever (OWASP
Authentication Cheat Sheet, "Account Lockout": an exponential time-out locks out no owner for good).
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

_FORGET_S = 900.0
"""After so long without a try all is forgotten."""

_MOST = 10_000
"""Keys that are remembered, a megabyte; the one that was used longest ago goes first."""


@dataclass(frozen=True, slots=True)
class Patience:
    """What one key may do.

    Attributes:
        free: Failures without a wait.
        first_s: The wait after the next one.
        longest_s: The longest wait.
    """

    free: int
    first_s: float
    longest_s: float

    def wait_s(self, failures: int) -> float:
        """Return the wait after so many failures, seconds."""
        if failures <= self.free:
            return 0.0
        # Bounded before it is raised: no float is large enough for 2 to the tries of a night.
        return min(self.longest_s, self.first_s * 2.0 ** min(failures - self.free - 1, 30))


@dataclass(slots=True)
class _Tries:
    failures: int
    free_at_s: float
    last_s: float


class Throttle:
    """Counts failures by key.

    Args:
        patience: What one key may do.
    """

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._tries: OrderedDict[str, _Tries] = OrderedDict()

    def wait_s(self, key: str, now_s: float) -> float:
        """Return how long `key` has to wait from now on, 0 when it may try."""
        tries = self._tries.get(key)
        return 0.0 if tries is None else max(0.0, tries.free_at_s - now_s)

    def charge(self, key: str, now_s: float) -> None:
        """Count a try as failed: before it is looked at, so that many at once do not get by."""
        tries = self._tries.pop(key, None)
        if tries is None or now_s - tries.last_s > _FORGET_S:
            tries = _Tries(0, now_s, now_s)
        tries.failures += 1
        tries.last_s = now_s
        tries.free_at_s = now_s + self._patience.wait_s(tries.failures)
        self._tries[key] = tries
        if len(self._tries) > _MOST:
            self._tries.popitem(last=False)

    def refund(self, key: str, now_s: float) -> None:
        """Take back one try: it was none, or it succeeded."""
        tries = self._tries.get(key)
        if tries is None:
            return
        tries.failures -= 1
        tries.free_at_s = now_s
        if tries.failures <= 0:
            del self._tries[key]

    def forgive(self, key: str) -> None:
        """Forget all failures of `key`."""
        self._tries.pop(key, None)
