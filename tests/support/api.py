"""The whole HTTP API on a loopback port, over a fake wall."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import ClientTimeout, web
from aiohttp.test_utils import BaseTestServer, TestClient, TestServer

from heatwall.api import make_app
from heatwall.api.body import BODY_LIMIT_S
from heatwall.clock import Clock, monotonic
from heatwall.clock import wall as wall_clock_of_now
from heatwall.delivery.fanout import Fanout
from heatwall.delivery.offer import Offer
from heatwall.delivery.peer import PeerState, Slot
from heatwall.delivery.session import Sessions
from heatwall.roles import OpenRole, Role
from support.demand import NotedDemand
from support.wall import FakeWall

_LINGER_S = 0.3
"""How long a client that was answered may go on with its body."""

EVERYBODY = {role: OpenRole(role, role) for role in Role}
"""One role for all, by role."""

Client = TestClient[web.Request, web.Application]


class FakeConnection:
    """A connection that answers at once and never sends."""

    def __init__(self, offer: Offer, on_state: Callable[[PeerState], None]) -> None:
        self.slots = tuple(Slot() for _ in range(offer.videos))
        self.on_state = on_state
        self.heard_s = float("inf")

    async def answer(self) -> str:
        """Return something that looks like SDP."""
        return "v=0\r\n"

    async def close(self) -> None:
        """Leave all sources."""
        for slot in self.slots:
            slot.show(None)


@dataclass
class ApiStand:
    """What a test of the API holds."""

    client: Client
    wall: FakeWall
    sessions: Sessions
    demand: NotedDemand
    connections: list[FakeConnection]


@asynccontextmanager
async def serving_api(
    page_dir: Path,
    more_routes: list[web.RouteDef] | None = None,
    *,
    body_s: float = BODY_LIMIT_S,
    wall_clock: Clock = wall_clock_of_now,
    open_role: OpenRole = EVERYBODY[Role.ADMIN],
    config_file: Path | None = None,
) -> AsyncIterator[ApiStand]:
    """Serve the API; `page_dir` gets an `index.html` unless it has one."""
    index = page_dir / "index.html"
    if not index.exists():
        index.write_text("<!doctype html><title>wall</title>")
    wall, demand = FakeWall("door", "till"), NotedDemand()
    fanout = Fanout(demand, monotonic, lambda annexb: [annexb])
    connections: list[FakeConnection] = []

    def connect(offer: Offer, on_state: Callable[[PeerState], None]) -> FakeConnection:
        connections.append(FakeConnection(offer, on_state))
        return connections[-1]

    async with Sessions(fanout, wall.cameras.__contains__, 3, monotonic, connect) as sessions:
        app = make_app(
            wall,
            wall,
            sessions,
            page_dir,
            more_routes or (),
            wall_clock,
            body_s=body_s,
            open_role=open_role,
            config_file=config_file,
        )
        server = TestServer(app)
        await server.start_server(lingering_time=_LINGER_S)
        async with TestClient(server, timeout=ClientTimeout(total=10)) as client:
            yield ApiStand(client, wall, sessions, demand, connections)
    fanout.close()


def keep_handlers(server: BaseTestServer) -> None:
    """Let requests go on when their client has left, as in service; aiohttp's tests end them."""
    assert server.runner is not None
    assert server.runner.server is not None
    server.runner.server.handler_cancellation = False
