"""How much less a busy machine does, in which order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

LATE_S = 0.05
"""A camera whose frames are never younger than this when they are decoded is late: decoding and
the network of a healthy one take some milliseconds."""

_CALM_S = 3.0
"""Without any lateness for this long, more is tried, when the processors have room."""

_CALM_FULL_S = 20.0
"""The same while the processors are full: other programs may leave us enough all the same."""

_FAILED_S = 10.0
"""A step up that is followed by lateness within this time has failed."""

_MOST_CALM_S = 120.0
"""Longest wait before more is tried again, after steps that failed."""

_ROOM = 0.85
"""Share of all processors in use below which there is room for more."""

_FULL = 0.9
"""Share of all processors in use from which lateness of one camera is the machine's."""

_FAR_S = 0.5
"""Behind by this much, steps down are taken at once and two at a time."""

_LOOKS = 2
"""So many looks in a row must find too much to do: a second of it may be a page that is opened."""


class Pace(NamedTuple):
    """What is done of what the config asks for.

    Attributes:
        detect: Share of the detect frames, 0 to 1.
        pictures: Share of the pictures of every tier, 0 to 1.
    """

    detect: float
    pictures: float


LADDER = (
    Pace(1.0, 1.0),
    Pace(0.7, 1.0),
    Pace(0.5, 1.0),
    Pace(0.35, 1.0),
    Pace(0.2, 1.0),
    Pace(0.2, 0.7),
    Pace(0.2, 0.5),
    Pace(0.2, 1 / 3),
    Pace(0.1, 1 / 3),
)
"""From all to least. Detection goes first: the heat does not depend on its rate, and tracks hold
at one frame a second of five; then pictures, at the least one of three."""


@dataclass(frozen=True, slots=True)
class Load:
    """How the machine does now.

    Attributes:
        lags_s: Of each live camera, the smallest age of its frames when they were decoded,
            seconds.
        processors: Share of all processors in use, 0 to 1; None when it can't be told.
        loop_lag_s: How late the event loop is, seconds.
    """

    lags_s: tuple[float, ...]
    processors: float | None
    loop_lag_s: float

    @property
    def is_too_much(self) -> bool:
        """Whether less must be done.

        One late camera on a machine with processors to spare has a stream that is too much for
        one processor: its own worker leaves pictures out, and the others need not suffer.
        """
        if self.worst_s <= LATE_S:
            return False
        late = sum(lag_s > LATE_S for lag_s in self.lags_s)
        is_full = self.processors is not None and self.processors >= _FULL
        return is_full or 2 * late > len(self.lags_s) or self.loop_lag_s > LATE_S

    @property
    def worst_s(self) -> float:
        """The largest lag, seconds."""
        return max((*self.lags_s, self.loop_lag_s))


class LoadLadder:
    """Steps down at once while there is too much to do, and carefully up again. Pure."""

    def __init__(self) -> None:
        self._step = 0
        self._late_at_s: float | None = None
        self._up_at_s: float | None = None
        self._calm_s = _CALM_S
        self._late_looks = 0

    @property
    def pace(self) -> Pace:
        """What is to be done now."""
        return LADDER[self._step]

    def update(self, now_s: float, load: Load) -> Pace:
        """Take note of how the machine does, about once a second; return what is to be done.

        Args:
            now_s: Monotonic seconds.
            load: How it does.
        """
        if self._late_at_s is None:
            self._late_at_s = now_s
        self._late_looks = self._late_looks + 1 if load.is_too_much else 0
        if self._late_looks >= _LOOKS or (self._late_looks and load.worst_s > _FAR_S):
            self._down(now_s, load)
        elif self._late_looks:
            self._late_at_s = now_s
        elif self._step and now_s - self._late_at_s >= self._wait_s(load):
            self._step -= 1
            self._late_at_s = self._up_at_s = now_s
        return self.pace

    def _down(self, now_s: float, load: Load) -> None:
        if self._up_at_s is not None:
            has_failed = now_s - self._up_at_s <= _FAILED_S
            self._calm_s = min(2 * self._calm_s, _MOST_CALM_S) if has_failed else _CALM_S
            self._up_at_s = None
        self._late_at_s = now_s
        steps = 2 if load.worst_s > _FAR_S else 1
        self._step = min(self._step + steps, len(LADDER) - 1)

    def _wait_s(self, load: Load) -> float:
        has_room = load.processors is not None and load.processors < _ROOM
        return self._calm_s if has_room else max(self._calm_s, _CALM_FULL_S)
