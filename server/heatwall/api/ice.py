"""The STUN and TURN servers that a page's connections may use."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from aiohttp import web

from heatwall.delivery.ice_servers import LIFETIME_S, IceServer

IceServers = Callable[[], tuple[IceServer, ...]]
"""Returns the servers, with passwords that begin to run out now."""

ICE_SERVERS = web.AppKey[IceServers]("ice_servers")
"""The servers in the application."""


class IceServerStatus(msgspec.Struct, frozen=True, omit_defaults=True):
    """One server in the words of RTCIceServer."""

    urls: tuple[str, ...]
    username: str | None = None
    credential: str | None = None

    def __repr__(self) -> str:
        """Return it without its password."""
        return f"IceServerStatus({self.urls!r})"


class IceBody(msgspec.Struct, frozen=True):
    """The servers, and after how many seconds to ask for them again."""

    ice_servers: tuple[IceServerStatus, ...]
    lifetime_s: int


def no_ice_servers() -> tuple[IceServer, ...]:
    """Return none: viewers and server share a network."""
    return ()


def ice_routes() -> list[web.RouteDef]:
    """Return `/api/ice`."""
    return [web.get("/api/ice", _ice)]


async def _ice(request: web.Request) -> web.Response:
    servers = tuple(
        IceServerStatus((server.url,), server.username, server.credential)
        for server in request.app[ICE_SERVERS]()
    )
    body = msgspec.json.encode(IceBody(servers, LIFETIME_S))
    return web.Response(
        body=body, content_type="application/json", headers={"Cache-Control": "no-store"}
    )
