from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp.test_utils import TestServer

from heatwall.api.application import make_app
from heatwall.clock import monotonic
from heatwall.delivery.fanout import Fanout
from heatwall.delivery.peer import packetise
from heatwall.delivery.session import Sessions
from heatwall.values import Tier
from support.demand import TestSource
from support.eventually import eventually_async
from support.viewer import Viewer
from support.wall import FakeWall

_SIZES = {
    ("door", Tier.TILE): (640, 360),
    ("door", Tier.FOCUS): (1280, 720),
    ("till", Tier.TILE): (320, 180),
    ("till", Tier.FOCUS): (640, 360),
}


@dataclass
class _Stand:
    base: str
    source: TestSource
    fanout: Fanout
    sessions: Sessions


@asynccontextmanager
async def _serving(page_dir: Path, linger_s: float = 5.0) -> AsyncIterator[_Stand]:
    (page_dir / "index.html").write_text("<!doctype html>")
    source = TestSource(_SIZES)
    fanout = Fanout(source, monotonic, packetise, linger_s)
    wall = FakeWall("door", "till")
    async with Sessions(fanout, wall.cameras.__contains__, 8, monotonic) as sessions:
        app = make_app(wall, sessions, page_dir)
        async with TestServer(app) as server, source.running(fanout):
            base = str(server.make_url("")).rstrip("/")
            yield _Stand(base, source, fanout, sessions)
    fanout.close()


async def test_three_viewers_decode_one_encoder(tmp_path: Path) -> None:
    async with _serving(tmp_path) as stand:
        viewers = [Viewer(stand.base) for _ in range(3)]
        for viewer in viewers:
            await viewer.open("/whep?camera=door&tier=tile")
        await eventually_async(lambda: all(len(viewer.frames[0]) > 10 for viewer in viewers))
        assert {size for viewer in viewers for size in viewer.frames[0]} == {(640, 360)}
        assert stand.source.count("start") == 1
        for viewer in viewers:
            await viewer.close()
