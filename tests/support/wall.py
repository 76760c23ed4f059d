"""A wall without cameras, for the API's tests."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from heatwall.states import CameraState
from heatwall.status import CameraCounters, CameraStatus, Fps


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
        heat=None,
    )


class FakeWall:
    """Says what a test tells it."""

    def __init__(self, *cameras: str) -> None:
        self.cameras = {camera: camera_status(camera) for camera in cameras}
        self.is_started = True
        self.callbacks: list[Callable[[], None]] = []

    def camera_ids(self) -> list[str]:
        """Return the ids."""
        return list(self.cameras)

    def status(self, camera_id: str) -> CameraStatus:
        """Return one status."""
        return self.cameras[camera_id]

    def statuses(self) -> list[CameraStatus]:
        """Return all statuses."""
        return list(self.cameras.values())

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

    def is_ready(self) -> bool:
        """Return what the test says."""
        return self.is_started

    def subscribe_changes(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Keep the callback."""
        self.callbacks.append(callback)
        return lambda: self.callbacks.remove(callback)

    def change(self, camera: str, state: CameraState) -> None:
        """Change a state and tell."""
        self.cameras[camera] = msgspec.structs.replace(self.cameras[camera], state=state)
        for callback in self.callbacks:
            callback()
