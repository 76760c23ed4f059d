"""Where unexpected faults come by: the log, the interpreter's last words, threads."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path

from heatwall.clock import Clock, monotonic
from heatwall.config import Config
from heatwall.crash import CrashReports, Fault
from heatwall.errors import HeatwallError
from heatwall.last_words import hide_last_words
from heatwall.logs import recent_lines
from heatwall.native_crash import NativeCrashes
from heatwall.versions import versions

_log = logging.getLogger(__name__)
_faults = logging.getLogger("heatwall.faults")
"""Of this module too, and to be reported, which what it says of its reports is not."""

_AGAIN_S = 600.0
"""A fault that comes again within this time is in the log; one report of it is enough."""

_MOST_WAITING = 20
"""Reports that wait for the disk; more faults at once are in the log only."""

_MOST_KINDS = 256
"""Kinds of faults that are remembered."""

_END_S = 2.0
"""What the disk gets to take the last report when the server ends."""


class ReportingHandler(logging.Handler):
    """Makes a report of every error in the log that comes with a traceback, or with last words.

    `_log.error("…", extra={"crash": text})` is such an error without an exception: what another
    process printed before it died. Reports are written by a thread, since the event loop, which
    logs, touches no disk.

    Args:
        reports: Are written to.
        clock: Monotonic seconds.
    """

    def __init__(self, reports: CrashReports, clock: Clock = monotonic) -> None:
        super().__init__(logging.ERROR)
        self._reports = reports
        self._clock = clock
        self._reported_s: dict[tuple[str, str, str], float] = {}
        self._waiting: queue.Queue[Fault | None] = queue.Queue(_MOST_WAITING)
        self._thread = threading.Thread(target=self._keep_writing, name="reports", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Let a report be written, unless the same fault had one lately; returns at once."""
        if record.name == _log.name:
            return  # what is said of a report that was written
        last_words = getattr(record, "crash", None)
        if record.exc_info is None and last_words is None:
            return
        camera = str(getattr(record, "camera", ""))
        if not self._is_new((record.name, str(record.msg), camera)):
            return
        title, text = record.getMessage(), str(last_words or "")
        if record.exc_info:
            text = "".join(traceback.format_exception(record.exc_info[1]))
        with contextlib.suppress(queue.Full):
            self._waiting.put_nowait(Fault(title, text, camera))

    def close(self) -> None:
        """Write what waits, for up to two seconds; idempotent."""
        if self._thread.is_alive():
            with contextlib.suppress(queue.Full):
                self._waiting.put_nowait(None)
            self._thread.join(_END_S)
        super().close()

    def _is_new(self, kind: tuple[str, str, str]) -> bool:
        now_s = self._clock()
        if now_s - self._reported_s.get(kind, float("-inf")) < _AGAIN_S:
            return False
        self._reported_s.pop(kind, None)
        self._reported_s[kind] = now_s
        if len(self._reported_s) > _MOST_KINDS:
            self._reported_s.pop(next(iter(self._reported_s)))
        return True

    def _keep_writing(self) -> None:
        while (fault := self._waiting.get()) is not None:
            path = self._reports.write(fault)
            if path is not None:
                about = {"camera": fault.camera}
                _log.error("a report of this fault is in %s: %s", path, fault.title, extra=about)


@contextlib.contextmanager
def reporting(config: Config) -> Iterator[None]:
    """Write reports of what goes wrong until the context ends; without a state folder, log only.

    Args:
        config: Its state folder has the reports in `crashes`; its settings are told in them.
    """
    hide_last_words()
    state = config.server.state
    if state is None:
        with _hooks(None):
            yield
        return
    reports = CrashReports(
        Path(state) / "crashes", versions(), lambda: shape_of(config), recent_lines
    )
    native, handler = NativeCrashes(reports), ReportingHandler(reports)
    root = logging.getLogger()
    root.addHandler(handler)
    native.begin()
    try:
        with _hooks(reports):
            yield
    finally:
        native.end()
        root.removeHandler(handler)
        handler.close()


def shape_of(config: Config) -> object:
    """Return what a config says that is not the default, URLs without their secrets."""
    return config.model_dump(mode="json", by_alias=True, exclude_defaults=True)


@contextlib.contextmanager
def _hooks(reports: CrashReports | None) -> Iterator[None]:
    """Take what ends the server, and what ends a thread."""

    def in_thread(args: threading.ExceptHookArgs) -> None:
        name = args.thread.name if args.thread else "unknown"
        if args.exc_value is not None:
            trace = (args.exc_type, args.exc_value, args.exc_traceback)
            _faults.error("the thread %s ended by a fault of its own", name, exc_info=trace)

    before = threading.excepthook
    threading.excepthook = in_thread
    try:
        yield
    except Exception as error:
        if reports is not None and not isinstance(error, HeatwallError):
            text = "".join(traceback.format_exception(error))
            path = reports.write(Fault(f"the server ended by {type(error).__name__}", text))
            _log.critical("the server ends by a fault of its own; a report is in %s", path)
        raise
    finally:
        threading.excepthook = before
