"""The process's log: where it goes, how it is written, and who may write to it."""

from __future__ import annotations

import logging
import sys
from typing import TextIO

from heatwall.config import LogConfig
from heatwall.log_limit import LimitedLines
from heatwall.log_lines import JsonLines, TextLines

_TALKATIVE = ("aioice", "aiohttp", "aiomqtt", "aiortc", "asyncio", "paho", "watchfiles")
"""They log each packet, request or file; what matters of them reaches us as exceptions."""


def begin_log(settings: LogConfig, stream: TextIO | None = None) -> LimitedLines:
    """Log like this from now on, in place of what was before.

    Args:
        settings: Format and level.
        stream: Where lines go; standard error when None.

    Returns:
        What writes the lines.
    """
    handler = LimitedLines(sys.stderr if stream is None else stream)
    handler.setFormatter(JsonLines() if settings.format == "json" else TextLines())
    root = logging.getLogger()
    for old in tuple(root.handlers):
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(settings.level.upper())
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    return handler


def recent_lines() -> list[str]:
    """Return the newest lines of the log, old to new; for a report of what they led to."""
    return [
        line
        for handler in logging.getLogger().handlers
        if isinstance(handler, LimitedLines)
        for line in handler.recent()
    ]
