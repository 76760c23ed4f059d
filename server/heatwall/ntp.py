"""Wall time as RTP's reports have it."""

from __future__ import annotations

_EPOCH_S = 2_208_988_800
"""From 1900, where NTP's time begins, to 1970 (RFC 5905 section 6)."""


def ntp_time(unix_ns: int) -> int:
    """Return NTP's 64-bit time: seconds since 1900 and, in the lower half, their 2^-32 parts.

    Args:
        unix_ns: Nanoseconds since 1970 UTC.
    """
    seconds, ns = divmod(unix_ns, 1_000_000_000)
    return (seconds + _EPOCH_S) << 32 | (ns << 32) // 1_000_000_000
