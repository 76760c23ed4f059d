"""When heat and counts go to the disk, and what happens when that does not answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from heatwall.analysis.memory import CameraMemory
from heatwall.clock import Clock
from heatwall.errors import DeliveryError
from heatwall.side_thread import SideThread
from heatwall.snapshots import Snapshots
from heatwall.status import SavingStatus

_MOST_WAITING = 2
"""Saves behind one that hangs: the next and the last. Others have run into their time-out."""

_END_S = 0.2
"""What the thread gets to end when it has nothing to do any more."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SaveTimes:
    """Times of saving, seconds.

    Attributes:
        every_s: How much heat and how many counts a crash may cost.
        limit_s: How long a save may take before it is called late.
        last_s: How long the last one may take before the server ends without it, as on a share
            that is gone: the whole server has five seconds.
        load_s: How long the cameras wait for what they knew.
    """

    every_s: float = 30.0
    limit_s: float = 10.0
    last_s: float = 2.0
    load_s: float = 10.0


class HeatSaver:
    """Keeps the cameras' memories in a folder. Event loop only; a thread of its own does the work.

    A disk that hangs holds up that thread and nothing else.

    Args:
        folder: Where; None for nowhere.
        memories: Returns what each camera knows now, by id; called in the thread.
        wall: Seconds since 1970 UTC.
        times: How often, and for how long.
    """

    def __init__(
        self,
        folder: Path | None,
        memories: Callable[[], Mapping[str, CameraMemory]],
        wall: Clock,
        times: SaveTimes,
    ) -> None:
        self._snapshots = None if folder is None else Snapshots(folder)
        self._memories = memories
        self._wall_clock = wall
        self._times = times
        self._thread = SideThread("heat-saves", _MOST_WAITING)
        self._is_late = False
        self._failing_since: float | None = None
        self._is_broken = False
        self._saved_at: float | None = None

    def status(self) -> SavingStatus:
        """Return how saving does."""
        return SavingStatus(self._fault(), self._failing_since, self._saved_at)

    def _fault(self) -> str | None:
        if self._is_late:
            return f"the disk took over {self._times.limit_s:g} s"
        if self._is_broken:
            return "an internal fault, see the log"
        return None if self._snapshots is None else self._snapshots.fault

    async def load(self, cameras: Iterable[str]) -> dict[str, tuple[CameraMemory, float]]:
        """Return what cameras knew and for how many seconds they were away, by id."""
        snapshots = self._snapshots
        if snapshots is None:
            return {}

        def loaded() -> dict[str, tuple[CameraMemory, float]]:
            saved = {camera: snapshots.load(camera, self._wall_clock()) for camera in cameras}
            return {camera: one for camera, one in saved.items() if one is not None}

        try:
            async with asyncio.timeout(self._times.load_s):
                return await self._thread.begin(loaded)
        except TimeoutError:
            _log.error(
                "the cameras begin without their old heat: the disk took over %g s",
                self._times.load_s,
            )
            return {}

    async def keep_saving(self) -> None:
        """Save now and then, until cancelled."""
        while True:
            await asyncio.sleep(self._times.every_s)
            is_late = not await self._is_saved(self._times.limit_s)
            if is_late and not self._is_late:
                _log.error("heat is not being saved: the disk took over %g s", self._times.limit_s)
            elif self._is_late and not is_late:
                _log.info("the disk answers again: heat is saved")
            self._is_late = is_late
            self._note_outcome()

    def _note_outcome(self) -> None:
        if self._snapshots is None:
            return
        now = self._wall_clock()
        if self._fault() is None:
            self._saved_at, self._failing_since = now, None
        elif self._failing_since is None:
            self._failing_since = now

    async def close(self) -> None:
        """Save for the last time and end the thread, even when the disk hangs."""
        try:
            if not await self._is_saved(self._times.last_s):
                _log.error(
                    "heat was not saved at the end: the disk took over %g s", self._times.last_s
                )
        finally:
            await self._thread.close(_END_S)

    async def _is_saved(self, limit_s: float) -> bool:
        """Save; returns whether the disk answered in time, if only with a fault."""
        snapshots = self._snapshots
        if snapshots is None:
            return True

        def save() -> None:
            now = self._wall_clock()
            try:
                for camera, memory in self._memories().items():
                    snapshots.save(camera, memory, now)
            except Exception as error:  # noqa: BLE001 - what can't be saved must not end the wall
                if not self._is_broken:
                    _log.error("heat is not being saved", exc_info=error)
                self._is_broken = True
            else:
                self._is_broken = False

        try:
            async with asyncio.timeout(limit_s):
                await self._thread.begin(save)
        except (TimeoutError, DeliveryError):
            return False
        return True
