"""How an attempt to tell somebody ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Result(StrEnum):
    """What became of an event; the labels in the metrics."""

    DELIVERED = "delivered"
    """The receiver has taken it."""
    FAILED = "failed"
    """This attempt failed; there will be another."""
    REJECTED = "rejected"
    """The receiver does not want it; there will be no other attempt."""
    EXPIRED = "expired"
    """Nobody has taken it for a day."""
    DROPPED = "dropped"
    """Too many waited, or nobody is to be told any more."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt.

    Attributes:
        result: DELIVERED, FAILED or REJECTED.
        reason: Why it failed, for people and without secrets; "" when it did not.
        retry_after_s: What the receiver asks for, seconds.
    """

    result: Result
    reason: str = ""
    retry_after_s: float | None = None
