"""How many frames memory lets through a model at once."""

from __future__ import annotations

_QUIET_S = 600.0
"""After so long without a lack of memory twice as many frames are tried: who took it may have
given it back."""

_LONGEST_QUIET_S = 86_400.0
"""Each lack doubles the wait, up to a day: a memory that is simply small is asked seldom."""


class Allowance:
    """The most frames in a run: halved when memory lacks, doubled after a quiet time.

    One thread at a time.

    Args:
        wanted: What the config asks for.
    """

    def __init__(self, wanted: int) -> None:
        self._wanted = wanted
        self._quiet_s = _QUIET_S
        self._due_s: float | None = None
        self.most = wanted

    @property
    def is_reduced(self) -> bool:
        """Whether it is less than the config asks for."""
        return self.most < self._wanted

    def shrink(self, now_s: float) -> bool:
        """Halve it; returns whether that was possible.

        Args:
            now_s: Monotonic seconds.
        """
        if self._due_s is not None:
            self._quiet_s = min(2 * self._quiet_s, _LONGEST_QUIET_S)
        self._due_s = now_s + self._quiet_s
        if self.most <= 1:
            return False
        self.most = (self.most + 1) // 2
        return True

    def note_good(self, now_s: float) -> None:
        """Take notice of a run that went well at `now_s`, monotonic seconds."""
        if self._due_s is None or now_s < self._due_s or not self.is_reduced:
            return
        self.most = min(2 * self.most, self._wanted)
        self._due_s = now_s + self._quiet_s
