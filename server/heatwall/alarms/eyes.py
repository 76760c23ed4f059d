"""What alarms look at: the cameras' states, the people in zones, and the heat there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Protocol

from heatwall.alarms.rules import Key, Kind, Watched
from heatwall.analysis.reading import HeatReading
from heatwall.clock import Clock
from heatwall.errors import DeliveryError
from heatwall.states import CameraState
from heatwall.status import CameraStatus

HEAT_EVERY_S = 5.0
"""How often the heat is looked at: each look takes a thread some milliseconds, and even the
shortest half-lives in use are several times as long."""

_HEAT_STALE_S = 20.0
"""A heat that was not read for so long is not known: the thread that reads it hangs."""

_HEAT_LIMIT_S = 5.0

_SURE_FPS = 1.0
"""A model that should look so often and has not for seconds has stopped."""


class Cameras(Protocol):
    """What is looked at of the wall."""

    def status(self, camera: str, /) -> CameraStatus:
        """Return one camera's status; KeyError when there is no such camera."""


class Heats(Protocol):
    """What is looked at of the desk."""

    async def heat(
        self, camera: str, half_life_s: float | None, class_name: str | None, /
    ) -> HeatReading:
        """Return a camera's heat; KeyError or DeliveryError when it has none now."""


class Eyes:
    """Finds the values of alarms. Event loop only.

    Args:
        cameras: The wall.
        heats: The desk.
        monotonic: Monotonic seconds.
    """

    def __init__(self, cameras: Cameras, heats: Heats, monotonic: Clock) -> None:
        self._cameras = cameras
        self._heats = heats
        self._monotonic = monotonic
        self._peaks: dict[tuple[str, float | None], tuple[float, Mapping[str, float]]] = {}

    def values(self, watched: Iterable[Watched]) -> dict[Key, float | None]:
        """Return the value of each alarm now; None where nobody knows."""
        return {one.key: self._value(one) for one in watched}

    async def read_heats(self, watched: Iterable[Watched]) -> None:
        """Read the heats that alarms look at, one after the other."""
        wanted = dict.fromkeys(
            (one.key.camera, one.subject.half_life_s)
            for one in watched
            if one.subject.kind is Kind.HEAT
        )
        self._peaks = {key: peaks for key, peaks in self._peaks.items() if key in wanted}
        for camera, half_life_s in wanted:
            try:
                async with asyncio.timeout(_HEAT_LIMIT_S):
                    reading = await self._heats.heat(camera, half_life_s, None)
            except (KeyError, DeliveryError, TimeoutError):
                continue  # what was read before is known until it is too old
            self._peaks[camera, half_life_s] = (self._monotonic(), reading.zones_peak)

    def _value(self, watched: Watched) -> float | None:
        try:
            status = self._cameras.status(watched.key.camera)
        except KeyError:
            return None
        if watched.subject.kind is Kind.OFFLINE:
            if status.state is CameraState.STOPPED:
                return None
            return float(status.state is not CameraState.LIVE)
        if status.state is not CameraState.LIVE or _is_blind(status):
            return None
        if watched.subject.kind is Kind.PEOPLE:
            zone = status.zones.get(watched.subject.zone or "")
            people = None if zone is None else zone.people_now
            return None if people is None else float(people)
        return self._peak(watched)

    def _peak(self, watched: Watched) -> float | None:
        subject = watched.subject
        read_s, peaks = self._peaks.get((watched.key.camera, subject.half_life_s), (0.0, {}))
        if self._monotonic() - read_s > _HEAT_STALE_S:
            return None
        return peaks.get(subject.zone or "")


def _is_blind(status: CameraStatus) -> bool:
    """Whether no model looks at a camera that sends pictures: its counts stand still then."""
    return status.fps.detected == 0 and status.detect_fps >= _SURE_FPS
