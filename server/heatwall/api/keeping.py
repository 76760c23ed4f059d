"""Answers that people keep as files: what they are called, and which time they tell."""

from __future__ import annotations

from datetime import UTC, datetime

from aiohttp import web

from heatwall.clock import Clock

WALL_CLOCK = web.AppKey[Clock]("wall_clock")
"""Seconds since 1970 UTC."""


def local(now: float) -> datetime:
    """Return a time as it is told where the server stands, with its offset from UTC.

    Args:
        now: Seconds since 1970 UTC.
    """
    return datetime.fromtimestamp(now, UTC).astimezone()


def kept_as(name: str, ending: str, now: float, *, is_shown: bool = False) -> dict[str, str]:
    """Return the headers of a file that a browser is to keep (RFC 6266), not to cache.

    Args:
        name: What it is called: letters, digits and dashes, as cameras' ids are.
        ending: Of the file's name.
        now: When it was made, seconds since 1970 UTC; it tells two files apart.
        is_shown: Whether a browser shows it, and gives it the name when somebody keeps it.
    """
    way = "inline" if is_shown else "attachment"
    made = local(now).strftime("%Y-%m-%d %H.%M.%S")  # without colons, which Windows does not take
    return {
        "Cache-Control": "no-store",
        "Content-Disposition": f'{way}; filename="{name} {made}.{ending}"',
    }
