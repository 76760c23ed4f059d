"""A camera that was away, through a whole server: back on the same screen, with its heat."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from heatwall.capacity.arrivals import CameraClock
from heatwall.capacity.clips import numbered_clips
from heatwall.capacity.viewer import LightViewer, watch_all
from heatwall.simulator.faults import Fault
from heatwall.simulator.simulate import SimulationOptions
from support.eventually import eventually, eventually_async
from support.server import Server, running_server
from support.soak import tell
from support.store import running_store

AWAY_S = 8.0
BACK_S = 10.0
SPARE_S = 20.0
"""What a busy machine may add."""
WITHIN_S = 60.0
SIZE, FPS = (640, 360), 10


def status(server: Server) -> dict[str, Any]:
    return server.camera("door")


def peak(server: Server) -> float:
    heat = status(server)["heat"]
    return float(heat["peak"]) if heat else 0.0


class Neighbour:
    """What came of the camera that nothing is wrong with."""

    def __init__(self, viewer: LightViewer) -> None:
        self._viewer = viewer
        self._pictures = 0
        self.lost = 0

    def pictures(self) -> int:
        """Return how many came so far."""
        taken = self._viewer.take()[1]
        self._pictures += len(taken.pictures)
        self.lost += taken.lost
        return self._pictures


async def pictures(viewer: LightViewer, slot: int) -> bool:
    """Whether a slot got pictures since the last look, of all its slots."""
    return bool(viewer.take()[slot].pictures)


@pytest.mark.timeout(300)
async def test_a_camera_that_was_away_is_back_in_the_same_session_with_its_heat(
    tmp_path: Path,
) -> None:
    clips = await asyncio.to_thread(numbered_clips, 2, *SIZE, FPS)
    with running_store(2, SimulationOptions(clips=tuple(clip.path for clip in clips))) as store:
        names = ("door", "till")
        config = {
            "model": {"path": "demo", "imgsz": 320, "iou": 0.5},
            # Hours to fade, so that what is left is what was there.
            "defaults": {"detect": {"fps": 4}, "heat": {"half_lives": ["2h"]}},
            "cameras": {
                name: {"url": url, "zones": {"floor": _FLOOR}}
                for name, url in zip(names, store.urls, strict=True)
            },
        }
        clocks = {
            name: CameraClock(store.camera(f"cam{index + 1}").epoch_s, FPS, clips[index].frames)
            for index, name in enumerate(names)
        }
        with running_server(tmp_path, config) as server:
            await asyncio.to_thread(
                eventually, lambda: status(server)["total_tracks"] and peak(server), WITHIN_S
            )
            (viewer,) = await watch_all(server.address, clocks, 1)
            try:
                await eventually_async(lambda: pictures(viewer, 0), WITHIN_S)
                session = viewer._location
                before, heat = status(server), peak(server)
                store.break_camera("cam1", Fault.OFF)
                await asyncio.to_thread(
                    eventually, lambda: status(server)["state"] == "retrying", WITHIN_S
                )
                assert status(server)["zones"]["floor"]["people_now"] is None
                viewer.take()
                neighbour = Neighbour(viewer)
                # It is away for as long as its neighbour takes for so many pictures.
                await eventually_async(lambda: neighbour.pictures() >= AWAY_S * FPS, WITHIN_S)
                assert neighbour.lost == 0

                store.break_camera("cam1", Fault.NONE)
                loop = asyncio.get_running_loop()
                mended_s = loop.time()
                await eventually_async(lambda: pictures(viewer, 0), BACK_S + SPARE_S)
                tell(f"back on screen {loop.time() - mended_s:.1f} s after its return")

                assert viewer._location == session
                after = status(server)
                assert peak(server) > 0.8 * heat, "two hours' half-life has not faded by a fifth"
                assert after["total_tracks"] >= before["total_tracks"]
                assert after["zones"]["floor"]["in_count"] >= before["zones"]["floor"]["in_count"]
            finally:
                await viewer.close()


_FLOOR = {"polygon": [[0.0, 0.3], [1.0, 0.3], [1.0, 1.0], [0.0, 1.0]]}
