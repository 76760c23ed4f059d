"""What machines ask of the server: is it alive, is it ready, how much has it done."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from heatwall.api.errors import error_response
from heatwall.api.wall import WALL

Exposition = Callable[[], tuple[str, bytes]]
"""Returns the metrics: their content type and their text."""


def health_routes(exposition: Exposition) -> list[web.RouteDef]:
    """Return `/healthz`, `/readyz` and `/metrics`."""

    async def metrics(_request: web.Request) -> web.Response:
        content_type, body = exposition()
        return web.Response(body=body, headers={"Content-Type": content_type})

    return [
        web.get("/healthz", _healthz),
        web.get("/readyz", _readyz),
        web.get("/metrics", metrics),
    ]


async def _healthz(_request: web.Request) -> web.Response:
    """Answer as long as the event loop runs."""
    return web.Response(text="alive\n")


async def _readyz(request: web.Request) -> web.Response:
    """Answer 503 until the wall is ready, and when only a new process would detect again."""
    wall = request.app[WALL]
    if wall.detection().is_lost:
        message = "Detection hung too often; only a restart of the server helps. Pictures go on."
        return error_response(503, "detection_lost", message)
    if not wall.is_ready():
        return error_response(503, "not_ready", "The wall is still starting.")
    return web.Response(text="ready\n")
