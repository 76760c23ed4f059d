"""Doing less on a machine that can't do all that the config asks for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import Protocol

from heatwall.camera.link import SetPace
from heatwall.clock import Clock
from heatwall.load import Load, LoadLadder, Pace
from heatwall.machine import ProcessorMeter

_LOOK_EVERY_S = 1.0
"""Workers tell their lag twice a second."""

_START_S = 5.0
"""After the model is loaded, until all that started with it has settled."""

_log = logging.getLogger(__name__)


class PacedCamera(Protocol):
    """What is needed of a camera; see `heatwall.camera.supervisor.CameraSupervisor`."""

    @property
    def lag_s(self) -> float | None:
        """Smallest age of its newest frames when they were decoded; None unless it is live."""

    def set_pace(self, pace: SetPace) -> None:
        """Do this share of the work from now on."""


class PaceKeeper:
    """Looks how the machine does, once a second, and tells all cameras what to do. Event loop.

    All cameras get the same shares, so that none suffers for another.

    Args:
        cameras: All cameras; looked at anew each time, since they come and go.
        monotonic: Monotonic seconds.
    """

    def __init__(self, cameras: Iterable[PacedCamera], monotonic: Clock) -> None:
        self._cameras = cameras
        self._monotonic = monotonic
        self._ladder = LoadLadder()
        self._processors = ProcessorMeter()

    @property
    def pace(self) -> Pace:
        """What is done of what the config asks for."""
        return self._ladder.pace

    async def keep(self) -> None:
        """Keep the pace until cancelled, beginning when the start is over.

        Loading a model and starting a process for each camera fill any machine for a while, which
        says nothing about what it can do afterwards.
        """
        await asyncio.sleep(_START_S)
        while True:
            due_s = self._monotonic() + _LOOK_EVERY_S
            await asyncio.sleep(_LOOK_EVERY_S)
            self.look(max(0.0, self._monotonic() - due_s))

    def look(self, loop_lag_s: float) -> None:
        """Look once and tell the cameras.

        Args:
            loop_lag_s: How late the event loop is, seconds.
        """
        before = self.pace
        lags_s = tuple(camera.lag_s for camera in self._cameras)
        load = Load(
            tuple(lag_s for lag_s in lags_s if lag_s is not None),
            self._processors.busy(),
            loop_lag_s,
        )
        pace = self._ladder.update(self._monotonic(), load)
        if pace == before:
            return
        _log.info(
            "the machine %s: detection at %.0f %%, pictures at %.0f %% of the wanted rate",
            "is too busy" if pace < before else "has room again",
            pace.detect * 100,
            pace.pictures * 100,
        )
        for camera in self._cameras:
            camera.set_pace(SetPace(pace.detect, pace.pictures))
