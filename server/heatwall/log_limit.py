"""Keeping the log from being flooded: what repeats itself is counted and not written."""

from __future__ import annotations

import logging
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import TextIO

from heatwall.clock import Clock, monotonic

BURST = 10
"""Lines of one kind that are written within a window."""

WINDOW_S = 60.0
"""A fault that lasts shows itself once a minute."""

_SWEEP_S = 5.0
"""How often at most all windows are looked through for those that are over."""

_MOST_KINDS = 1024
"""Kinds of lines that are remembered; the code has some hundred, times the cameras of a wall."""

_KEPT = 200
"""Lines that are kept for a crash report: what led to it."""

_Kind = tuple[str, int, str, str]


@dataclass(slots=True)
class _Window:
    began_s: float
    lines: int = 0
    left_out: int = 0
    last: logging.LogRecord | None = None


class LimitedLines(logging.StreamHandler[TextIO]):
    """Writes at most ten lines a minute that differ in their values only, and counts the rest.

    A kind of line is its logger, level, text before values are filled in, and camera: a camera
    that comes and goes is held back, and no other for it. Debug lines are all written: who asks
    for them wants them.

    Args:
        stream: Where lines are written; standard error when None.
        clock: Monotonic seconds.
    """

    def __init__(self, stream: TextIO | None = None, clock: Clock = monotonic) -> None:
        super().__init__(stream)
        self._clock = clock
        self._windows: OrderedDict[_Kind, _Window] = OrderedDict()
        self._swept_s = clock()
        self._kept: deque[str] = deque(maxlen=_KEPT)
        self._written: dict[str, int] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, or count it."""
        now_s = self._clock()
        if now_s - self._swept_s >= _SWEEP_S:
            self._swept_s = now_s
            self._end_windows(now_s)
        if record.levelno <= logging.DEBUG:
            self._write(record)
            return
        window = self._window_of(record, now_s)
        window.lines += 1
        if window.lines <= BURST:
            self._write(record)
        else:
            window.left_out += 1
            window.last = record

    def close(self) -> None:
        """Tell what was left out, and write no more."""
        with self.lock or _NoLock():
            self._end_windows(float("inf"))
        super().close()

    def recent(self) -> list[str]:
        """Return the newest lines, old to new, as they were written."""
        return list(self._kept)

    def written(self) -> dict[str, int]:
        """Return how many lines were written by level."""
        return dict(self._written)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Go on: a log that can't be written, as on a full disk, must not end the server."""

    def _window_of(self, record: logging.LogRecord, now_s: float) -> _Window:
        camera = str(getattr(record, "camera", ""))
        kind = (record.name, record.levelno, str(record.msg), camera)
        window = self._windows.get(kind)
        if window is not None and now_s - window.began_s >= WINDOW_S:
            self._tell(self._windows.pop(kind))
            window = None
        if window is None:
            window = self._windows[kind] = _Window(now_s)
            if len(self._windows) > _MOST_KINDS:
                self._tell(self._windows.popitem(last=False)[1])
        return window

    def _end_windows(self, now_s: float) -> None:
        over = [kind for kind, one in self._windows.items() if now_s - one.began_s >= WINDOW_S]
        for kind in over:
            self._tell(self._windows.pop(kind))

    def _tell(self, window: _Window) -> None:
        """Write one line for those that were left out."""
        if window.last is None:
            return
        record = logging.makeLogRecord(window.last.__dict__)
        record.exc_info = None
        record.msg, record.args = (
            "%s (%d more like this were left out)",
            (
                window.last.getMessage(),
                window.left_out,
            ),
        )
        record.left_out = window.left_out
        self._write(record)

    def _write(self, record: logging.LogRecord) -> None:
        level = record.levelname.lower()
        self._written[level] = self._written.get(level, 0) + 1
        try:
            line = self.format(record)
            self._kept.append(line)
            self.stream.write(line + self.terminator)
            self.flush()
        except Exception:  # noqa: BLE001 - a line that can't be written is no fault of its writer
            self.handleError(record)


class _NoLock:
    """Stands in for the lock of a handler that has none."""

    def __enter__(self) -> None:
        """Take nothing."""

    def __exit__(self, *_: object) -> None:
        """Give nothing back."""
