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


_log = logging.getLogger(__name__)

_SERVER = "aiohttp.server"
_BAD_REQUESTS = "aiohttp.http_exceptions"
"""The module of what aiohttp raises for bytes that are no HTTP."""


def _is_ours(record: logging.LogRecord) -> bool:
    """Whether a fault that aiohttp's server logs may be the server's own.

    What a client sends that is no HTTP is told to the client. aiohttp logs it too, as an error with
    a traceback and with a piece of what was sent, in which a token or a cookie may be; and anybody
    in the network could fill the log and the crash reports with it.
    """
    error = record.exc_info[1] if record.exc_info else None
    if type(error).__module__ != _BAD_REQUESTS:
        return True
    _log.debug("refused what is no HTTP: %s", type(error).__name__)
    return False


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
    logging.getLogger(_SERVER).addFilter(_is_ours)  # which adds the same one once
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
