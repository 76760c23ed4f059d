"""A wall without cameras, for the API's tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec
import numpy as np

from heatwall.analysis.reading import HEAT_UNIT, HeatReading
from heatwall.errors import ConfigError, ConfigFault, DeliveryError
from heatwall.load import Pace
from heatwall.states import CameraState
from heatwall.status import (
    CameraCounters,
    CameraStatus,
    ConfigStatus,
    DetectionStatus,
    DwellStatus,
    Fps,
    GroupStatus,
    HeatStatus,
    InOut,
    LineStatus,
    MinuteStatus,
    SavingStatus,
    ZoneStatus,
)

T = TypeVar("T")


def camera_status(camera: str) -> CameraStatus:
    """Return the status of a live camera."""
    return CameraStatus(
        id=camera,
        name=camera.title(),
        state=CameraState.LIVE,
        state_since=1_700_000_000.0,
        state_reason=None,
        width=1280,
        height=720,
        codec="h264",
        fps=Fps(decoded=25.0, detected=10.0, shown=15.0),
        frame_age_s=0.08,
        people_now=3,
        counts={"person": 3},
        viewers=0,
        tiers=("tile",),
        heat=HeatStatus(
            is_shown=True,
            half_life_s=30.0,
            half_lives_s=(30.0, 600.0, None),
            shown_class=None,
            colormap="inferno",
            opacity=0.5,
            scale=0.25,
            is_auto_scale=True,
            peak=0.5,
            unit=HEAT_UNIT,
            legend=(),
        ),
        detect_fps=10.0,
        encoder="libx264",
        decoder="cpu",
        total_tracks=7,
        lines={"door": LineStatus(5, 3, {"person": InOut(5, 3)})},
        zones={
            "queue": ZoneStatus(
                people_now=2,
                classes_now={"person": 2},
                in_count=9,
                out_count=7,
                classes={"person": InOut(9, 7)},
                person_s=812.5,
                dwell=DwellStatus(visits=9, mean_s=90.0, median_s=80.0, p90_s=None),
            )
        },
        counts_since=1_700_000_000.0,
    )


class FakeWall:
    """Says what a test tells it."""

    def __init__(self, *cameras: str) -> None:
        self.cameras = {camera: camera_status(camera) for camera in cameras}
        self.detection_status = DetectionStatus()
        self.saving_status = SavingStatus()
        self.store_groups: list[GroupStatus] = []
        self.is_started = True
        self.callbacks: list[Callable[[], None]] = []
        self.shares = np.zeros((45, 80), np.float32)
        self.shares[20, 40] = 0.5
        self.settings: dict[str, Any] = {"colormap": "inferno", "gamma": 0.7, "shown": "30s"}
        self.shapes: dict[str, Any] = {"lines": {}, "zones": {}}
        self.save_fails = False
        self.config = ConfigStatus()
        self.stranded_for_s = 0.0
        self.asked: list[tuple[Any, ...]] = []

    def camera_ids(self) -> list[str]:
        """Return the ids."""
        return list(self.cameras)

    def status(self, camera_id: str) -> CameraStatus:
        """Return one status."""
        return self.cameras[camera_id]

    def statuses(self) -> list[CameraStatus]:
        """Return all statuses."""
        return list(self.cameras.values())

    def groups(self) -> list[GroupStatus]:
        """Return the test's groups."""
        return self.store_groups

    def saving(self) -> SavingStatus:
        """Return what the test says."""
        return self.saving_status

    def detection(self) -> DetectionStatus:
        """Return what the test says."""
        return self.detection_status

    def config_status(self) -> ConfigStatus:
        return self.config

    def config_loaded_at(self) -> float:
        return 1_700_000_000.0

    def worker_pids(self) -> dict[str, int | None]:
        """Return this process for the first camera, and none for the others."""
        return dict.fromkeys(self.cameras, None) | {next(iter(self.cameras), ""): os.getpid()}

    def pace(self) -> Pace:
        """Return a busy machine's."""
        return Pace(0.5, 1.0)

    def counters(self) -> dict[str, CameraCounters]:
        """Return plain totals."""
        return {
            camera: CameraCounters(
                decoded=100,
                detected=40,
                shown={"tile": 60},
                dropped={"detector_busy": 2},
                connects=1,
                restarts=0,
                stage_s={"encode": 0.3, "new": 0.1},
            )
            for camera in self.cameras
        }

    async def heat(
        self, camera: str, half_life_s: float | None, class_name: str | None
    ) -> HeatReading:
        """Return the test's own shares."""
        self.asked.append((camera, half_life_s, class_name))
        if class_name not in (None, "person"):
            raise KeyError("person")
        return HeatReading(
            half_life_s=half_life_s,
            class_name=class_name,
            share=self.shares.copy(),
            mass_s=self.shares * 40,
            age_s=12.5,
            scale=0.25,
            zones_person_s={"queue": 3.25},
            zones_peak={"queue": 0.5},
        )

    async def history(self, camera: str) -> list[MinuteStatus]:
        """Return a minute that was looked at and one that was not."""
        self.asked.append(("history", camera))
        return [
            MinuteStatus(1_700_000_040, 1.5, 3, 2, 1),
            MinuteStatus(1_700_000_100, None, None, 0, 0),
        ]

    async def reset_heat(self, camera: str) -> None:
        """Note it."""
        self.asked.append(("reset heat", camera))

    async def reset_counts(self, camera: str) -> None:
        """Note it."""
        self.asked.append(("reset counts", camera))

    def overlay(self, camera: str) -> dict[str, Any]:  # noqa: ARG002 - the same for all
        """Return the settings."""
        return self.settings

    async def change_overlay(self, camera: str, change: Mapping[str, Any]) -> None:
        """Take every colormap but one."""
        if change.get("colormap") == "infrno":
            allowed = "autumn, bone"
            fault = ConfigFault("change", None, "colormap", "'infrno'", "is no colour map", allowed)
            raise ConfigError([fault])
        self.asked.append(("overlay", camera))
        self.settings |= change

    def regions(self, camera: str) -> dict[str, Any]:  # noqa: ARG002 - the same for all
        """Return the lines and zones."""
        return self.shapes

    async def change_regions(self, camera: str, change: Mapping[str, Any]) -> None:
        """Take all that have both."""
        if change.keys() != {"lines", "zones"}:
            fault = ConfigFault("regions", None, "zones", None, "is missing", "a map")
            raise ConfigError([fault])
        self.asked.append(("regions", camera))
        self.shapes = dict(change)

    async def save_regions(self, camera: str) -> None:
        """Note it, unless it is to fail."""
        if self.save_fails:
            raise DeliveryError(409, "not_editable", "by hand:\nlines:")
        self.asked.append(("save", camera))

    async def off_loop(self, work: Callable[[], T]) -> T:
        """Do it at once."""
        return work()

    def stranded_s(self) -> float:
        """Return what the test says."""
        return self.stranded_for_s

    def is_ready(self) -> bool:
        """Return what the test says."""
        return self.is_started

    def subscribe_changes(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Keep the callback."""
        self.callbacks.append(callback)
        return lambda: self.callbacks.remove(callback)

    def forget_heat(self, camera: str) -> None:
        """Let a camera have seen nothing yet."""
        self.cameras[camera] = msgspec.structs.replace(self.cameras[camera], heat=None)

    def change(self, camera: str, state: CameraState) -> None:
        """Change a state and tell."""
        self.cameras[camera] = msgspec.structs.replace(self.cameras[camera], state=state)
        for callback in self.callbacks:
            callback()
