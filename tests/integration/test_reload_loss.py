"""What a reload of the config costs a camera that did not change: nothing."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from heatwall.capacity.arrivals import CameraClock
from heatwall.capacity.clips import numbered_clips
from heatwall.capacity.viewer import watch_all
from heatwall.simulator.simulate import SimulationOptions
from support.chaos import FPS, SIZE, Shop
from support.eventually import eventually_async
from support.server import Server, running_server
from support.soak import tell
from support.store import running_store

_WITHIN_S = 60.0
"""An effect is to be seen within two seconds on a quiet machine."""

_BARE = dict.fromkeys(("show_heat", "show_boxes", "show_labels", "show_trails"), False)

_BROKEN = "cameras: {door: {uri: x}}\n"


async def test_a_healthy_camera_loses_no_picture_while_others_come_change_and_go(
    tmp_path: Path,
) -> None:
    clips = await asyncio.to_thread(numbered_clips, 3, *SIZE, FPS)
    with running_store(3, SimulationOptions(clips=tuple(clip.path for clip in clips))) as store:
        door, till, gate = ({"url": url} for url in store.urls)
        small = {"width": SIZE[0], "height": SIZE[1], "fps": FPS}
        base = {
            "model": {"path": "demo", "imgsz": 160},
            # Nothing is painted over the numbers that the frames carry.
            "defaults": {"detect": {"fps": 1}, "tile": small, "overlay": _BARE},
        }
        file = tmp_path / "wall.yaml"

        def config(**cameras: Any) -> dict[str, Any]:
            return base | {"cameras": {"door": door} | cameras}

        with running_server(tmp_path, config()) as server:
            clock = CameraClock(store.camera("cam1").epoch_s, FPS, clips[0].frames)
            viewers = await watch_all(server.address, {"door": clock}, 2)
            try:
                shop = Shop(store, server, viewers, tmp_path)
                await shop.settle()
                (worker,) = server.worker_pids()
                late = server.metric("heatwall_frames_dropped_total", camera="door", reason="late")

                async def change(what: str, text: Any, is_seen: Callable[[], bool]) -> None:
                    """Write a file, and wait for what comes of it."""
                    began_s = time.monotonic()
                    file.write_text(
                        text if isinstance(text, str) else yaml.safe_dump(text, sort_keys=False)
                    )
                    await eventually_async(lambda: asyncio.to_thread(is_seen), _WITHIN_S)
                    tell(f"reload: {what:<22} seen after {time.monotonic() - began_s:.2f} s")

                def has(*cameras: str) -> Callable[[], bool]:
                    return lambda: ids(server) == ["door", *cameras]

                def named(name: str) -> Callable[[], bool]:
                    return lambda: server.camera("till")["name"] == name

                def connects(count: int) -> Callable[[], bool]:
                    metric = "heatwall_camera_connects_total"
                    return lambda: server.metric(metric, camera="till") == count

                def refused(is_refused: bool) -> Callable[[], bool]:
                    return lambda: (told(server)["config"]["error"] is not None) is is_refused

                await change("a camera added", config(till=till), has("till"))
                await change("another added", config(till=till, gate=gate), has("till", "gate"))
                await eventually_async(connects(1), _WITHIN_S)
                new = till | {"name": "Till 1"}
                await change("a name changed", config(till=new, gate=gate), named("Till 1"))
                new |= {"timeout": "4s"}
                await change("opened anew", config(till=new, gate=gate), connects(2))
                await change("the file broken", _BROKEN, refused(True))
                await change("the file mended", config(till=new, gate=gate), refused(False))
                await change("a camera removed", config(gate=gate), has("gate"))
                await change("all others removed", config(), has())
                await change("a camera come back", config(till=till), has("till"))
                await eventually_async(connects(1), _WITHIN_S)

                seen = shop.seen()["door"]
                late = (
                    server.metric("heatwall_frames_dropped_total", camera="door", reason="late")
                    - late
                )
                for one in seen:
                    tell(
                        f"reload: the healthy camera: {one.pictures} pictures, {one.missing} "
                        f"missing ({late:g} late), {one.lost} packets lost"
                    )
                    assert one.pictures > FPS
                    assert one.missing <= late
                    assert one.lost == 0
                assert worker in server.worker_pids()
                assert server.metric("heatwall_worker_restarts_total", camera="door") == 0
                assert server.metric("heatwall_camera_connects_total", camera="door") == 1
            finally:
                for viewer in viewers:
                    await viewer.close()


def told(server: Server) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(server.get("/api/cameras"))
    return answer


def ids(server: Server) -> list[str]:
    return [camera["id"] for camera in told(server)["cameras"]]
