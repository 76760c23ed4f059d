"""A camera's supervisor with a port that remembers what it was given."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from heatwall.camera.link import DetectFrame, Open, ShowOverlay, TierSpec
from heatwall.camera.shared import FrameSlots
from heatwall.camera.supervisor import CameraSupervisor
from heatwall.clock import monotonic, wall
from heatwall.simulator.simulate import SimulatedCameras, SimulationOptions
from heatwall.states import CameraState
from heatwall.values import ByteArray, Picture, Tier
from support.clip import build_clip
from support.ink import INK


def order_for(url: str, *, timeout_s: float = 2.0, transport: str = "tcp") -> Open:
    """Return how to open a camera: 5 detect frames a second of 320 px, small tiers."""
    tiers = {
        Tier.TILE.value: TierSpec(320, 180, 15, 300_000),
        Tier.FOCUS.value: TierSpec(1920, 1080, 25, 2_000_000),
    }
    return Open(
        camera="cam",
        url=url,
        transport=transport,
        timeout_s=timeout_s,
        detect_fps=5,
        detect_phase=0.0,
        detect_size_px=320,
        tiers=tiers,
        ink=INK,
    )


@dataclass
class RecordingPort:
    """Takes what a camera gives."""

    pictures: list[Picture] = field(default_factory=list)
    frames: list[tuple[DetectFrame, ByteArray | None]] = field(default_factory=list)
    gaps: int = 0
    states: list[CameraState] = field(default_factory=list)
    supervisor: CameraSupervisor | None = None

    def picture(self, picture: Picture) -> None:
        self.pictures.append(picture)

    def detect_frame(self, camera: str, slots: FrameSlots, frame: DetectFrame) -> None:  # noqa: ARG002 - the port's form
        pixels = slots.read(frame.slot, frame.sequence, frame.width, frame.height)
        self.frames.append((frame, pixels))

    def gap(self, camera: str) -> None:  # noqa: ARG002 - the port's form
        self.gaps += 1

    def changed(self, camera: str) -> None:  # noqa: ARG002 - the port's form
        state = self.supervisor.state if self.supervisor else CameraState.CONNECTING
        if not self.states or self.states[-1] is not state:
            self.states.append(state)


@contextlib.asynccontextmanager
async def supervised(order: Open) -> AsyncIterator[tuple[CameraSupervisor, RecordingPort]]:
    """Run a supervisor with its worker."""
    port = RecordingPort()
    supervisor = CameraSupervisor(order, port, monotonic, wall)
    port.supervisor = supervisor
    async with asyncio.TaskGroup() as group:
        task = group.create_task(supervisor.run())
        try:
            yield supervisor, port
        finally:
            task.cancel()


@contextlib.asynccontextmanager
async def simulated(
    folder: Path, count: int = 1, options: SimulationOptions | None = None
) -> AsyncIterator[SimulatedCameras]:
    """Serve a small clip as cameras."""
    clip = build_clip(folder / "clip.mp4", frames=45)
    given = options or SimulationOptions()
    wanted = SimulationOptions(
        clips=(clip,),
        credentials=given.credentials,
        port=given.port,
        barcode_cameras=given.barcode_cameras,
    )
    async with SimulatedCameras(count, wanted) as cameras:
        yield cameras


def overlay(level: int) -> ShowOverlay:
    """Return an overlay of one heat all over the picture."""
    return ShowOverlay(9, 16, bytes([level]) * 144, ())
