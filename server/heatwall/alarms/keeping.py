"""When what was told of alarms goes to the disk."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from heatwall.alarms.memory import AlarmFile, AlarmMemory
from heatwall.errors import DeliveryError
from heatwall.side_thread import SideThread

_LIMIT_S = 2.0
"""A disk that hangs holds up no alarm for longer: it is better told twice than never."""

_MOST_WAITING = 2
"""The next and the last one, behind one that hangs."""

_log = logging.getLogger(__name__)


class AlarmKeeper:
    """Keeps alarms in a folder. Event loop only; a thread of its own does the work.

    Args:
        folder: Where; None for nowhere.
    """

    def __init__(self, folder: Path | None) -> None:
        self._file = None if folder is None else AlarmFile(folder)
        self._thread = SideThread("alarm-saves", _MOST_WAITING)

    async def load(self) -> AlarmMemory:
        """Return what the run before knew."""
        file = self._file
        if file is None:
            return AlarmMemory()
        try:
            async with asyncio.timeout(_LIMIT_S):
                return await self._thread.begin(file.load)
        except (TimeoutError, DeliveryError):
            _log.error("alarms begin anew: the disk took over %g s", _LIMIT_S)
            return AlarmMemory()

    async def save(self, memory: AlarmMemory) -> None:
        """Write it down; returns after some seconds even when the disk hangs."""
        file = self._file
        if file is None:
            return
        try:
            async with asyncio.timeout(_LIMIT_S):
                await self._thread.begin(lambda: file.save(memory))
        except (TimeoutError, DeliveryError):
            _log.error("alarms: what was told was not saved: the disk took over %g s", _LIMIT_S)

    async def close(self) -> None:
        """End the thread."""
        await self._thread.close(_LIMIT_S)
