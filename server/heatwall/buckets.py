"""Token buckets: how often somebody may ask, by address."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass

_MOST = 10_000
"""Addresses that are remembered, two megabytes; the one that asked longest ago goes first. It then
has a full bucket again, which it would have had by itself after so long."""

_HOUSEHOLD_BITS = 64
"""One customer has a network of 64 bits at least, and so any number of addresses in it (RFC 6177
section 2)."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something may be done.

    Attributes:
        burst: Times at once, after a pause.
        per_s: Times a second for ever.
    """

    burst: int
    per_s: float


class Bucket:
    """One bucket, full at first.

    Args:
        rate: What it holds, and how fast it fills.
        now_s: Monotonic seconds.
    """

    __slots__ = ("_at_s", "_rate", "_tokens")

    def __init__(self, rate: Rate, now_s: float) -> None:
        self._rate = rate
        self._tokens = float(rate.burst)
        self._at_s = now_s

    def take(self, now_s: float) -> float:
        """Take one token.

        Returns:
            0 when there was one, otherwise the seconds until there is one.
        """
        filled = (now_s - self._at_s) * self._rate.per_s
        self._tokens = min(float(self._rate.burst), self._tokens + max(0.0, filled))
        self._at_s = now_s
        if self._tokens < 1.0:
            return (1.0 - self._tokens) / self._rate.per_s
        self._tokens -= 1.0
        return 0.0


class Buckets:
    """A bucket for each address.

    Args:
        rate: Of each.
        most: Addresses that are remembered.
    """

    def __init__(self, rate: Rate, most: int = _MOST) -> None:
        self._rate = rate
        self._most = most
        self._found: OrderedDict[str, Bucket] = OrderedDict()

    def __len__(self) -> int:
        """Return how many addresses are remembered."""
        return len(self._found)

    def take(self, address: str, now_s: float) -> float:
        """Take one token of an address's, as `Bucket.take` does."""
        key = household(address)
        bucket = self._found.get(key)
        if bucket is None:
            bucket = self._found[key] = Bucket(self._rate, now_s)
            if len(self._found) > self._most:
                self._found.popitem(last=False)
        self._found.move_to_end(key)
        return bucket.take(now_s)


def household(address: str) -> str:
    """Return what stands for all addresses of one customer: its network of IPv6, its IPv4."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((int(found), _HOUSEHOLD_BITS), strict=False))
