"""What a camera saw in the last hour, for the curves of the page."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from aiohttp import web

from heatwall.api.cameras import known_camera
from heatwall.api.wall import DESK
from heatwall.history import MINUTE_S
from heatwall.status import MinuteStatus


class HistoryBody(msgspec.Struct, frozen=True):
    """Minutes without holes, oldest first; the last one still runs."""

    interval_s: int
    minutes: Sequence[MinuteStatus]


def history_routes() -> list[web.RouteDef]:
    """Return the route of the history."""
    return [web.get("/api/cameras/{id}/history.json", _history)]


async def _history(request: web.Request) -> web.Response:
    """Answer with a camera's last hour."""
    minutes = await request.app[DESK].history(known_camera(request))
    body = msgspec.json.encode(HistoryBody(MINUTE_S, minutes))
    response = web.Response(body=body, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
