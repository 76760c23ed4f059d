"""Crash reports: one file for each fault that nobody expected, fit to be sent to a stranger."""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from heatwall.clock import Clock, wall
from heatwall.redaction import redact

_log = logging.getLogger(__name__)

MOST_REPORTS = 20
"""Files that are kept; the oldest goes first."""

MOST_CHARACTERS = 200_000
"""Of one report. 20 of them are 4 MB."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What a report is about.

    Attributes:
        title: In one line.
        text: The traceback, or what a process printed before it died.
        camera: Whose fault it is; "" for the server's.
    """

    title: str
    text: str
    camera: str = ""


class CrashReports:
    """Writes reports into a folder. Blocks on the disk; safe from any thread.

    Args:
        folder: Made when the first report is written.
        versions: Of all that matters.
        settings: What the server runs with, without secrets; called when a report is written.
        recent: Returns the newest lines of the log.
        wall_clock: Seconds since 1970 UTC.
    """

    def __init__(
        self,
        folder: Path,
        versions: Mapping[str, str],
        settings: Callable[[], object],
        recent: Callable[[], Sequence[str]],
        wall_clock: Clock = wall,
    ) -> None:
        self.folder = folder
        self._versions = versions
        self._settings = settings
        self._recent = recent
        self._wall_clock = wall_clock
        self._lock = threading.Lock()

    def write(self, fault: Fault) -> Path | None:
        """Write a report and return its path; None where that can't be done, which is logged."""
        at = datetime.fromtimestamp(self._wall_clock(), UTC)
        text = redact(self._text(fault, at))[:MOST_CHARACTERS]
        try:
            with self._lock:
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                path = self._free_path(f"crash-{at:%Y%m%d-%H%M%S}")
                with open(path, "x", encoding="utf-8", opener=private) as file:
                    file.write(text)
                self._forget_old()
        except OSError as error:
            _log.error("a crash report can't be written: %s", error.strerror or error)
            return None
        return path

    def _text(self, fault: Fault, at: datetime) -> str:
        settings = json.dumps(self._settings(), indent=2, ensure_ascii=False, default=str)
        parts = {
            "What happened": fault.text,
            "Versions": "\n".join(f"{name} {value}" for name, value in self._versions.items()),
            "Settings that are not the defaults": settings,
            "The last lines of the log": "\n".join(self._recent()),
        }
        head = [f"Heatwall's report of a fault, {at.isoformat(timespec='seconds')}", fault.title]
        if fault.camera:
            head.append(f"camera {fault.camera}")
        head.append("Passwords and tokens are left out. Read it before you send it to anybody.")
        body = (f"== {name} ==\n{text.strip() or 'nothing'}" for name, text in parts.items())
        return "\n\n".join(["\n".join(head), *body]) + "\n"

    def _free_path(self, stem: str) -> Path:
        path, number = self.folder / f"{stem}.txt", 1
        while path.exists():
            path, number = self.folder / f"{stem}-{number}.txt", number + 1
        return path

    def _forget_old(self) -> None:
        reports = sorted(self.folder.glob("crash-*.txt"), key=lambda path: path.stat().st_mtime_ns)
        for path in reports[:-MOST_REPORTS]:
            path.unlink(missing_ok=True)


def private(path: str, flags: int) -> int:
    """Open a file that only its owner reads."""
    return os.open(path, flags, 0o600)
