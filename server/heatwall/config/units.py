"""Durations and bitrates as people write them, such as `30s` or `600k`."""

from __future__ import annotations

import math
import re

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_BITS = {"": 1, "k": 1_000, "m": 1_000_000}
_DURATION_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)")
_DURATION = re.compile(rf"(?:{_DURATION_PART.pattern})+")
_BITRATE = re.compile(r"([0-9]+(?:\.[0-9]+)?)(|k|m)(?:bit/s|bps|bit)?")

DURATION_FORM = "a number with a unit: ms, s, m, h or d, such as 500ms, 30s, 10m, 2h or 1h30m"
BITRATE_FORM = "bits per second, with k or M for a thousand or a million, such as 600k or 3M"


def parse_duration(text: str) -> float:
    """Return the seconds that a text such as `500ms`, `30s` or `1h30m` means.

    Raises:
        ValueError: The text is no duration with a unit, or is too long for a float.
    """
    compact = text.strip().lower()
    if not _DURATION.fullmatch(compact):
        raise ValueError("is not a duration")
    seconds = sum(
        float(number) * _SECONDS[unit] for number, unit in _DURATION_PART.findall(compact)
    )
    if not math.isfinite(seconds):
        raise ValueError("is not a duration")
    return seconds


def format_duration(seconds: float) -> str:
    """Return `seconds` in its largest whole unit, such as `10m`; `parse_duration` reads it back."""
    for unit in ("d", "h", "m", "s"):
        if seconds >= _SECONDS[unit] and (seconds / _SECONDS[unit]).is_integer():
            return f"{int(seconds / _SECONDS[unit])}{unit}"
    if seconds < 1:
        return f"{seconds * 1000:.10g}ms"
    return f"{seconds:.10g}s"


def parse_bitrate(value: str | int) -> int:
    """Return the bits per second that `600k`, `3M`, `1.5M` or a plain number means.

    Raises:
        ValueError: The value is no bitrate.
    """
    match = _BITRATE.fullmatch(str(value).strip().lower())
    if match is None or isinstance(value, bool):
        raise ValueError("is not a bitrate")
    bits = float(match[1]) * _BITS[match[2]]
    if not math.isfinite(bits):
        raise ValueError("is not a bitrate")
    return round(bits)


def format_bitrate(bps: int) -> str:
    """Return bits per second in the largest whole unit, such as `600k`."""
    for unit in ("M", "k"):
        size = _BITS[unit.lower()]
        if bps >= size and bps % size == 0:
            return f"{bps // size}{unit}"
    return str(bps)
