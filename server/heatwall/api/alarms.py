"""What the API tells of alarms."""

from __future__ import annotations

import msgspec
from aiohttp import web

from heatwall.alarms.alarms import AlarmsView
from heatwall.api.rights import grant_of
from heatwall.api.wall import WALL
from heatwall.status import AlarmStatus

ALARMS = web.AppKey("alarms", AlarmsView)
"""The alarms in the application."""


class AlarmsBody(msgspec.Struct, frozen=True):
    """Where all alarms stand, in the config's order."""

    alarms: list[AlarmStatus]


def alarm_routes() -> list[web.RouteDef]:
    """Return the route of the alarms."""
    return [web.get("/api/alarms", _alarms)]


async def _alarms(request: web.Request) -> web.Response:
    """Answer with the alarms of the cameras that may be seen."""
    grant, known = grant_of(request), set(request.app[WALL].camera_ids())
    alarms = [
        one
        for one in request.app[ALARMS].statuses()
        if one.camera in known and grant.sees(one.camera)
    ]
    response = web.Response(
        body=msgspec.json.encode(AlarmsBody(alarms)), content_type="application/json"
    )
    response.headers["Cache-Control"] = "no-store"
    return response
