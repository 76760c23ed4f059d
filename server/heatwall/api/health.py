"""What machines ask of the server: is it alive, is it ready, how much has it done."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from aiohttp import web

from heatwall.api.errors import error_response
from heatwall.api.wall import WALL

Exposition = Callable[[], tuple[str, bytes]]
"""Returns the metrics: their content type and their text."""

STUCK_S = 5.0
"""Lag of the event loop from which on nobody is served any more: a page takes a connection for
lost after five seconds of silence."""

STRANDED_S = 60.0
"""A machine short of memory, processes or descriptors for a moment needs no restart."""


class HealthBody(msgspec.Struct, frozen=True):
    """How the server is: what everybody may know.

    Attributes:
        status: `alive` or `ready`.
        loop_lag_s: Largest lag of the event loop in the last ten seconds.
        detection: Whether people are being detected.
    """

    status: str
    loop_lag_s: float
    detection: bool


def health_routes(exposition: Exposition, lag_s: Callable[[], float]) -> list[web.RouteDef]:
    """Return `/healthz`, `/readyz` and `/metrics`.

    Args:
        exposition: Makes the metrics.
        lag_s: Returns the worst lag of the event loop lately, seconds.
    """

    async def metrics(_request: web.Request) -> web.Response:
        content_type, body = exposition()
        return web.Response(body=body, headers={"Content-Type": content_type})

    async def healthz(request: web.Request) -> web.Response:
        """Answer 503 when a restart may help: the loop was stuck, or no camera has a process."""
        if lag_s() > STUCK_S:
            message = f"The event loop was stuck for {lag_s():.1f} s."
            return error_response(503, "stuck", message)
        stranded_s = request.app[WALL].stranded_s()
        if stranded_s > STRANDED_S:
            message = f"No camera's process could be started for {stranded_s:.0f} s."
            return error_response(503, "stranded", message)
        return _told(request, "alive", lag_s())

    async def readyz(request: web.Request) -> web.Response:
        """Answer 503 until the wall is ready, and when only a new process would detect again."""
        wall = request.app[WALL]
        if wall.detection().is_lost:
            message = "Detection hung too often; only a restart helps. Pictures go on."
            return error_response(503, "detection_lost", message)
        if not wall.is_ready():
            return error_response(503, "not_ready", "The wall is still starting.")
        return _told(request, "ready", lag_s())

    return [
        web.get("/healthz", healthz),
        web.get("/readyz", readyz),
        web.get("/metrics", metrics),
    ]


def _told(request: web.Request, status: str, lag_s: float) -> web.Response:
    body = HealthBody(status, round(lag_s, 3), request.app[WALL].detection().is_up)
    response = web.Response(body=msgspec.json.encode(body), content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
