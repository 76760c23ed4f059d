"""The times at which a player shows pictures: one ends where the next begins. Pure.

Media Source Extensions take a picture for the beginning of something else when it begins later
than twice the length of the one before (section "Coded Frame Processing", discontinuities), and
a player stands still at a gap. A picture's length is known only when the next one comes, which
would be a picture's time too late: so it is told beforehand how long each is shown, and the next
begins exactly then. What was told wrongly is made good by the length of the next.
"""

from __future__ import annotations

_FIRST_STEP = 6_000
"""Ticks of 1/90000 s between pictures before anything is known: 15 a second, as a tile's."""

_LEAST_STEP, _MOST_STEP = 750, 180_000
"""What is believed of a step: 120 pictures a second to one in two seconds."""

_WEIGHT = 4
"""A step counts as so much less than all before it together: a rate is learnt in a second."""

_LONGEST_STEPS = 4
"""A picture is shown for so many steps at most: three that were left out keep the time true. After
a longer pause the time goes on as if there had been none, since a live picture makes up for
nothing."""

_AHEAD = 90_000
"""Further than this no picture is early: its time is another clock's, or went back."""


class Gapless:
    """Says when a live picture is shown and for how long. One viewer's slot."""

    def __init__(self) -> None:
        self._next = 0
        self._step = _FIRST_STEP
        self._last: int | None = None
        self._zero = 0
        """Capture time of what is shown at 0, as things stand."""

    def restart(self) -> None:
        """Say that the next picture is of something else, whose times are others."""
        self._last = None

    def place(self, time: int) -> tuple[int, int]:
        """Return when a picture is shown and for how long, in the same ticks.

        Args:
            time: Its capture time in 1/90000 s.
        """
        shown = self._next
        if self._last is None:
            self._zero = time - shown
        else:
            self._learn(time - self._last)
        self._last = time
        late = time - self._zero - shown
        duration = late + self._step
        if late < -_AHEAD or duration > _LONGEST_STEPS * self._step:
            self._zero = time - shown
            duration = self._step
        duration = max(duration, self._step // 8)
        self._next = shown + duration
        return shown, duration

    def _learn(self, step: int) -> None:
        """Follow the rate of the pictures; a pause is no rate."""
        if step <= 0:
            return
        seen = min(max(step, self._step // 2), 2 * self._step)
        learnt = self._step + (seen - self._step) // _WEIGHT
        self._step = min(max(learnt, _LEAST_STEP), _MOST_STEP)
