"""The count of what was refused to those who ask, by reason."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Refusal(StrEnum):
    """Why somebody was not served."""

    LOG_IN = "log_in"
    FORBIDDEN = "forbidden"
    TOO_SLOW = "too_slow"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    TOO_MANY_MESSAGES = "too_many_messages"
    SLOW_HEAD = "slow_head"
    TOO_MANY_CONNECTIONS = "too_many_connections"


class Refusals:
    """Counts refusals. Event loop only."""

    def __init__(self) -> None:
        self._counts = dict.fromkeys(Refusal, 0)

    def note(self, reason: Refusal) -> None:
        """Count one."""
        self._counts[reason] += 1

    def counts(self) -> Mapping[Refusal, int]:
        """Return how often each reason was met, those of never too."""
        return dict(self._counts)
