"""What of alarms survives a restart, on disk. Blocks; one thread at a time."""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path

import msgspec

from heatwall.alarms.book import Fired
from heatwall.alarms.events import Event

_EDITION = 1
"""Of the file's form; a file of another one is left alone and not used."""

_LARGEST = 64 * 1024 * 1024
"""Bytes; sixteen targets with a thousand events each are some megabytes."""

_log = logging.getLogger(__name__)


class AlarmMemory(msgspec.Struct, frozen=True):
    """All that must survive.

    Attributes:
        fired: Alarms that are raised.
        waiting: What nobody has taken yet, by target.
        edition: See `_EDITION`.
    """

    fired: tuple[Fired, ...] = ()
    waiting: dict[str, tuple[Event, ...]] = {}
    edition: int = _EDITION


class AlarmFile:
    """The file `alarms.json` in a folder.

    It is written beside and then put in its place, so that a crash leaves the old one. A fault of
    the disk is logged once until it works again.

    Args:
        folder: Made when it is first needed.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "alarms.json"
        self._is_failing = False

    def save(self, memory: AlarmMemory) -> None:
        """Write it."""
        partial = self._path.with_suffix(".partial")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as file:
                file.write(msgspec.json.encode(memory))
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self._path)
        except OSError as error:
            if not self._is_failing:
                _log.error(
                    "alarms: what was told can't be saved in %s: %s",
                    self._path.parent,
                    error.strerror or error,
                )
            self._is_failing = True
            with contextlib.suppress(OSError):  # half a file would keep a full disk full
                partial.unlink(missing_ok=True)
            return
        if self._is_failing:
            _log.info("alarms: what was told is saved again")
        self._is_failing = False

    def load(self) -> AlarmMemory:
        """Return what the run before knew; nothing when there is no such file, or no use of it."""
        try:
            with self._path.open("rb") as file:
                memory = msgspec.json.decode(file.read(_LARGEST), type=AlarmMemory)
        except FileNotFoundError:
            return AlarmMemory()
        except (OSError, msgspec.MsgspecError) as error:
            _log.warning("alarms begin anew: %s can't be used: %s", self._path, error)
            return AlarmMemory()
        if memory.edition != _EDITION:
            _log.warning("alarms begin anew: %s is of edition %d", self._path, memory.edition)
            return AlarmMemory()
        return memory
