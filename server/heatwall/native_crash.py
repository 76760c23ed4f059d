"""Crashes of the interpreter itself: their stacks are kept, and the memory is not."""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import os
from pathlib import Path
from typing import IO

from heatwall.crash import MOST_CHARACTERS, CrashReports, Fault, private

_log = logging.getLogger(__name__)

_NATIVE = "native-"
"""Begins the name of the file into which a crash of the process itself is written while it
happens; there is one for each running server, and it is empty."""


class NativeCrashes:
    """Lets a crash of the interpreter itself (SIGSEGV, SIGABRT …) leave its stacks in a file.

    Args:
        reports: Take what an earlier server left.
    """

    def __init__(self, reports: CrashReports) -> None:
        self._reports = reports
        self._path = reports.folder / f"{_NATIVE}{os.getpid()}.txt"
        self._file: IO[str] | None = None

    def begin(self) -> None:
        """Report what an earlier server left, then listen; without a folder, to standard error."""
        for path in self._reports.folder.glob(f"{_NATIVE}*.txt"):
            self._take(path)
        try:
            self._reports.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = open(self._path, "w", encoding="utf-8", opener=private)  # noqa: SIM115 - Path.open takes no opener; must outlive this call
        except OSError:
            faulthandler.enable()
            return
        # Names of functions and lines only: no value, so no secret.
        faulthandler.enable(self._file)

    def end(self) -> None:
        """Listen no more; the file goes, since nothing is in it."""
        faulthandler.disable()
        if self._file is not None:
            self._file.close()
            self._file = None
            self._path.unlink(missing_ok=True)

    def _take(self, path: Path) -> None:
        pid = path.stem.removeprefix(_NATIVE)
        if pid.isdigit() and int(pid) != os.getpid() and Path("/proc", pid).exists():
            return  # another server with the same folder, which runs
        with contextlib.suppress(OSError):
            text = path.read_text(encoding="utf-8", errors="replace")[:MOST_CHARACTERS]
            path.unlink()
            if text.strip():
                title = "the server's process had crashed before this one was started"
                written = self._reports.write(Fault(title, text))
                _log.error("%s: %s", title, written or "no report could be written")
