"""One camera with a real worker process behind the whole HTTP API, without a model."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp.test_utils import TestServer

from heatwall.api import make_app
from heatwall.camera.supervisor import CameraSupervisor
from heatwall.clock import monotonic
from heatwall.delivery.fanout import Fanout
from heatwall.delivery.peer import packetise
from heatwall.delivery.session import Sessions
from heatwall.values import Tier
from support.api import keep_handlers
from support.cameras import RecordingPort, order_for, simulated, supervised
from support.demand import NotedDemand
from support.wall import FakeWall

CAMERA = "cam"
TILE, FOCUS = (320, 180), (640, 360)
"""Of `order_for` and of the clip, which is smaller than the largest picture of a focus tier."""


class _WorkerDemand(NotedDemand):
    """Notes what is asked of the encoders, and asks it of the worker."""

    def __init__(self, supervisor: CameraSupervisor) -> None:
        super().__init__()
        self._supervisor = supervisor

    def start_tier(self, camera: str, tier: Tier) -> None:
        super().start_tier(camera, tier)
        self._supervisor.start_tier(tier)

    def stop_tier(self, camera: str, tier: Tier) -> None:
        super().stop_tier(camera, tier)
        self._supervisor.stop_tier(tier)

    def request_idr(self, camera: str, tier: Tier) -> None:
        super().request_idr(camera, tier)
        self._supervisor.request_idr(tier)


@dataclass
class LiveCamera:
    """What a test of it holds."""

    base: str
    demand: NotedDemand
    fanout: Fanout
    sessions: Sessions
    supervisor: CameraSupervisor
    port: RecordingPort


@asynccontextmanager
async def live_camera(folder: Path, max_viewers: int = 8) -> AsyncIterator[LiveCamera]:
    """Serve a camera whose pictures carry their number in the clip as a barcode."""
    (folder / "index.html").write_text("<!doctype html>")
    wall = FakeWall(CAMERA)
    async with (
        simulated(folder) as cameras,
        supervised(order_for(cameras.urls[0].secret)) as (supervisor, port),
    ):
        demand = _WorkerDemand(supervisor)
        fanout = Fanout(demand, monotonic, packetise)
        port.picture = fanout.publish  # type: ignore[method-assign]  # handed on in place of kept
        knows = wall.cameras.__contains__
        async with Sessions(fanout, knows, max_viewers, monotonic) as sessions:
            app = make_app(wall, wall, sessions, folder)
            async with TestServer(app) as server:
                keep_handlers(server)
                base = str(server.make_url("")).rstrip("/")
                yield LiveCamera(base, demand, fanout, sessions, supervisor, port)
        fanout.close()
