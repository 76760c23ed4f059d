"""The delivery behind the whole HTTP API, fed by encoders in this process instead of cameras."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestServer

from heatwall.api.application import make_app
from heatwall.clock import monotonic
from heatwall.delivery.fanout import Fanout
from heatwall.delivery.peer import packetise
from heatwall.delivery.session import Sessions
from heatwall.forwarded import Proxy
from heatwall.values import Tier
from support.demand import TestSource
from support.wall import FakeWall

_NO_PROXY = Proxy()

SIZES = {
    ("door", Tier.TILE): (640, 360),
    ("door", Tier.FOCUS): (1280, 720),
    ("till", Tier.TILE): (320, 180),
    ("till", Tier.FOCUS): (640, 360),
}
"""What is sent of each camera, pixels."""


@dataclass
class DeliveryStand:
    """What a test holds of it."""

    base: str
    source: TestSource
    fanout: Fanout
    sessions: Sessions


@asynccontextmanager
async def serving_delivery(
    page_dir: Path,
    linger_s: float = 5.0,
    max_viewers: int = 8,
    proxy: Proxy = _NO_PROXY,
    more_routes: Iterable[web.RouteDef] = (),
) -> AsyncIterator[DeliveryStand]:
    """Serve two cameras, `door` and `till`; `page_dir` gets an `index.html` unless it has one."""
    index = page_dir / "index.html"
    if not index.exists():
        index.write_text("<!doctype html>")
    source = TestSource(SIZES)
    fanout = Fanout(source, monotonic, packetise, linger_s)
    wall = FakeWall("door", "till")
    knows = wall.cameras.__contains__
    async with Sessions(fanout, knows, max_viewers, monotonic) as sessions:
        app = make_app(wall, wall, sessions, page_dir, more_routes, proxy=proxy)
        async with TestServer(app) as server, source.running(fanout):
            base = str(server.make_url("")).rstrip("/")
            yield DeliveryStand(base, source, fanout, sessions)
    fanout.close()


def open_sockets() -> int:
    """Return the number of this process's open sockets."""
    links = Path("/proc/self/fd").iterdir()
    return sum("socket:" in str(link.readlink()) for link in links if link.is_symlink())
