"""How a record of the log is written: for people or for machines, without secrets."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime

from heatwall.redaction import redact

FIELDS = ("camera", "viewer", "user", "left_out")
"""What a record may say beside its message: `_log.info("…", extra={"camera": "door"})`.

`camera` is the id from the config; `viewer` the first signs of a session's id, or an address;
`left_out` how many lines like this one were not written.
"""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
"""Would move a terminal's cursor or colour what follows; a tab and a line's end stay."""


def fields_of(record: logging.LogRecord) -> dict[str, str | int]:
    """Return what a record says beside its message, redacted."""
    found = {name: getattr(record, name, None) for name in FIELDS}
    return {
        name: value if isinstance(value, int) else redact(str(value))
        for name, value in found.items()
        if value is not None and value != ""
    }


class TextLines(logging.Formatter):
    """Time, level, camera or viewer, message; a traceback and further lines are indented.

    The indent is what keeps a name or an answer with a line's end in it from looking like a line
    of its own.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines, redacted."""
        fields = fields_of(record)
        message = redact(record.getMessage())
        about = "".join(
            f"{name} {fields[name]}: "
            for name in ("camera", "viewer")
            if name in fields and not message.startswith(f"{name} {fields[name]}")
        )
        text = f"{self.formatTime(record)} {record.levelname} {about}{message}"
        if record.exc_info:
            text = f"{text}\n{redact(self.formatException(record.exc_info))}"
        return _CONTROL.sub(lambda sign: f"\\x{ord(sign[0]):02x}", text).replace("\n", "\n    ")


class JsonLines(logging.Formatter):
    """One JSON object a line: time (ISO 8601, UTC), level, logger, message, and the fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, redacted."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, str | int] = {
            "time": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
            **fields_of(record),
        }
        if record.exc_info:
            line["traceback"] = redact(self.formatException(record.exc_info))
        # Every value is redacted by now: inside of the whole line the end of a URL is not seen.
        return json.dumps(line, ensure_ascii=False)
