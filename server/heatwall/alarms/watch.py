"""One alarm over time: well, pending, firing, and well again."""

from __future__ import annotations

from enum import StrEnum

_PATIENCE_S = 10.0
"""Nobody knows for so long, as while a camera reconnects: what was counted before still counts.
After a longer time it is counted anew, since nobody can say that it lasted."""

_LONGEST_STEP_S = 5.0
"""Looks come every second. What a machine that stood still left out counts no more than this."""


class AlarmState(StrEnum):
    """Where an alarm stands; the same words in API, metrics and page."""

    OK = "ok"
    """Its limit is not exceeded."""
    PENDING = "pending"
    """Its limit is exceeded, not yet for long enough."""
    FIRING = "firing"
    """Somebody was told."""


class Turn(StrEnum):
    """What somebody is told."""

    FIRED = "fired"
    CLEARED = "cleared"


class Watch:
    """Follows one value. Pure: time is handed in.

    A limit must be exceeded for a time before the alarm is raised, and must not be for a time
    before it ends, so that a value about the limit tells nobody twice. While the value is not
    known neither time runs: who knows nothing neither raises an alarm nor ends one.

    Args:
        is_firing: Whether it was raised already, in a run before.
    """

    def __init__(self, *, is_firing: bool = False) -> None:
        self._state = AlarmState.FIRING if is_firing else AlarmState.OK
        self._held_s = 0.0
        self._looked_s: float | None = None
        self._known_s: float | None = None
        self._was_over: bool | None = None
        self._value: float | None = None

    @property
    def state(self) -> AlarmState:
        """Where the alarm stands."""
        return self._state

    @property
    def value(self) -> float | None:
        """The value at the last look; None when it was not known."""
        return self._value

    def look(
        self, value: float | None, limit: float, for_s: float, clear_for_s: float, now_s: float
    ) -> Turn | None:
        """Take the value at one moment.

        Args:
            value: None when nobody knows.
            limit: What must be exceeded.
            for_s: For how long, seconds, before the alarm is raised.
            clear_for_s: For how long it must not be, seconds, before the alarm ends.
            now_s: Monotonic seconds, never before those of the last look.

        Returns:
            What is to be told, if anything.
        """
        looked_s, self._looked_s = self._looked_s, now_s
        was_known, self._value = self._value is not None, value
        if value is None:
            return None
        self._forget_what_is_too_old(now_s)
        is_over = value > limit
        if is_over is not self._was_over:
            self._was_over, self._held_s = is_over, 0.0
        elif was_known and looked_s is not None:
            self._held_s += min(max(0.0, now_s - looked_s), _LONGEST_STEP_S)
        return self._turned(is_over=is_over, wait_s=for_s if is_over else clear_for_s)

    def _forget_what_is_too_old(self, now_s: float) -> None:
        known_s, self._known_s = self._known_s, now_s
        if known_s is not None and now_s - known_s > _PATIENCE_S:
            self._was_over = None

    def _turned(self, *, is_over: bool, wait_s: float) -> Turn | None:
        is_firing = self._state is AlarmState.FIRING
        if is_over is is_firing:
            self._state = AlarmState.FIRING if is_firing else AlarmState.OK
            return None
        if self._held_s < wait_s:
            self._state = AlarmState.FIRING if is_firing else AlarmState.PENDING
            return None
        self._state = AlarmState.FIRING if is_over else AlarmState.OK
        return Turn.FIRED if is_over else Turn.CLEARED
