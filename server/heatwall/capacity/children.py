"""Child processes that are talked to by lines and that never stay behind."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from heatwall.errors import StartError
from heatwall.values import redact

_END_S = 10.0
"""What a child gets between being asked to end and being killed."""

_LOG_TAIL = 1500
"""Characters of a child's log that an error shows."""


class Child:
    """A Python module that runs in a process and session of its own.

    A session of its own keeps the terminal's Ctrl-C from it, so that the parent decides in which
    order things end. Should the parent be killed, it ends too; see `heatwall.capacity.leash`.

    Args:
        who: What it is, for people, such as `the server`.
        command: The module and its arguments.
        log_path: Where its standard error goes.

    Raises:
        StartError: It could not be started.
    """

    def __init__(self, who: str, command: Sequence[str], log_path: Path) -> None:
        self.who = who
        self._log_path = log_path
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        pipe = subprocess.PIPE
        with log_path.open("w") as log:
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "heatwall.capacity.leash", *command],
                    stdin=pipe,
                    stdout=pipe,
                    stderr=log,
                    text=True,
                    start_new_session=True,
                )
            except OSError as error:
                raise StartError(f"{who} could not be started: {error.strerror}") from error
        threading.Thread(target=self._read, name=f"lines of {who}", daemon=True).start()

    @property
    def pid(self) -> int:
        """Its process id, which is its session's too."""
        return self._process.pid

    def check(self) -> None:
        """Check that it still runs.

        Raises:
            StartError: It has ended; with the end of its log.
        """
        if self._process.poll() is not None:
            raise StartError(f"{self.who} ended by itself: {self.log_tail()}")

    def say(self, line: str) -> None:
        """Send it a line.

        Raises:
            StartError: It has ended.
        """
        try:
            print(line, file=self._process.stdin, flush=True)
        except OSError as error:
            raise StartError(f"{self.who} ended by itself: {self.log_tail()}") from error

    def line(self, timeout_s: float) -> str:
        """Return the next line that it prints.

        Raises:
            StartError: It ended, or said nothing in time; with the end of its log.
        """
        deadline_s = time.monotonic() + timeout_s
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, deadline_s - time.monotonic()))
            except queue.Empty:
                message = f"{self.who} said nothing within {timeout_s:g} s: {self.log_tail()}"
                raise StartError(message) from None
            if not line:
                self._process.wait(_END_S)
                raise StartError(f"{self.who} ended by itself: {self.log_tail()}")
            return line

    def log_tail(self) -> str:
        """Return the end of what it wrote to its log, without credentials."""
        text = self._log_path.read_text(encoding="utf-8", errors="replace")
        return redact(text[-_LOG_TAIL:].strip()) or "its log is empty"

    def end(self) -> None:
        """End it and whatever it has started; idempotent."""
        self._process.terminate()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        finally:
            # Its session is named after it: this reaches children that it did not end itself.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def _read(self) -> None:
        """Hand over its lines, and an empty one at its end; a thread of its own."""
        stdout = self._process.stdout
        assert stdout is not None  # noqa: S101 -- it was asked for
        with stdout:
            for line in stdout:
                self._lines.put(line)
        self._lines.put("")


@contextlib.contextmanager
def child(who: str, command: Sequence[str], log_path: Path) -> Iterator[Child]:
    """Run a module until the context ends; see `Child`."""
    process = Child(who, command, log_path)
    try:
        yield process
    finally:
        process.end()
