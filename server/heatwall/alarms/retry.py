"""When somebody who could not be told is told again, and what an answer means."""

from __future__ import annotations

from collections.abc import Callable

STEPS_S = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Quick at first, since most faults are short; then once a minute."""

GIVE_UP_S = 86400.0
"""An alarm of yesterday is no alarm any more."""

_LONGEST_ASKED_S = 3600.0
"""A receiver may ask for a pause, and not for so long that its alarms are late by hours."""

_JITTER = 0.2
"""Share by which a wait is varied, so that many shops do not come back in one burst."""


def wait_s(failures: int, random: Callable[[], float], asked_s: float | None = None) -> float:
    """Return how long to wait before the next attempt, seconds.

    Args:
        failures: Attempts that failed in a row, 1 or more.
        random: Returns a number in [0, 1).
        asked_s: What the receiver asked for; it gets no less.
    """
    step_s = STEPS_S[min(failures, len(STEPS_S)) - 1] * (1 + _JITTER * (2 * random() - 1))
    return max(step_s, min(asked_s or 0.0, _LONGEST_ASKED_S))


def makes_sense_again(status: int) -> bool:
    """Return whether what was answered with this HTTP status may be taken another time.

    RFC 9110, section 15: 5xx are faults of the receiver (15.6); 408 (15.5.9), and 429 (RFC 6585,
    section 4) are about this moment. All others say that the request itself is not wanted.
    """
    return status >= 500 or status in (408, 429)


def retry_after_s(text: str | None) -> float | None:
    """Return the seconds of a Retry-After header (RFC 9110, 10.2.3); None for none or a date."""
    if text is None or not text.strip().isascii() or not text.strip().isdigit():
        return None
    return float(text.strip()[:9])
