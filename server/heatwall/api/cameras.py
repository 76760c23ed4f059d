"""What the API tells of the cameras when asked."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from aiohttp import web

from heatwall.access.grants import Grant
from heatwall.api.rights import grant_of, rights_of
from heatwall.api.wall import WALL
from heatwall.delivery.refusing import unknown_camera
from heatwall.errors import DeliveryError
from heatwall.status import CameraStatus, ConfigStatus, GroupStatus, RightsStatus
from heatwall.values import Tier


class CamerasBody(msgspec.Struct, frozen=True):
    """All that the wall shows, and what may be done with it."""

    cameras: list[CameraStatus]
    groups: list[GroupStatus]
    rights: RightsStatus
    config: ConfigStatus


def camera_routes() -> list[web.RouteDef]:
    """Return the routes below `/api/cameras`."""
    return [web.get("/api/cameras", _cameras), web.get("/api/cameras/{id}", _camera)]


async def _cameras(request: web.Request) -> web.Response:
    """Answer with the cameras that may be seen, their groups, and what may be done with them."""
    wall, grant = request.app[WALL], grant_of(request)
    cameras = [camera for camera in wall.statuses() if grant.sees(camera.id)]
    rights = rights_of(request)
    config = wall.config_status() if rights.can_operate else ConfigStatus()
    return _json(CamerasBody(cameras, seen_groups(wall.groups(), grant), rights, config))


async def _camera(request: web.Request) -> web.Response:
    """Answer with one camera, or 404."""
    return _json(request.app[WALL].status(known_camera(request)))


def known_camera(request: web.Request) -> str:
    """Return the id of the camera in a request's path, which `api.rights` has let pass.

    Raises:
        DeliveryError: There is no such camera; 404.
    """
    camera = request.match_info["id"]
    if camera not in request.app[WALL].camera_ids():
        raise unknown_camera(camera)
    return camera


def seen_groups(groups: Sequence[GroupStatus], grant: Grant) -> list[GroupStatus]:
    """Return the groups with those of their cameras that may be seen; none that is empty then."""
    if grant.cameras is None:
        return list(groups)
    own = ((group, tuple(filter(grant.sees, group.cameras))) for group in groups)
    return [msgspec.structs.replace(group, cameras=cameras) for group, cameras in own if cameras]


def asked_tier(request: web.Request, default: Tier) -> Tier:
    """Return the tier that a request's query asks for.

    Raises:
        DeliveryError: There is no such tier; 400.
    """
    word = request.query.get("tier", default)
    try:
        return Tier(word)
    except ValueError as error:
        tiers = ", ".join(Tier)
        raise DeliveryError(400, "unknown_tier", f"There is no tier {word!r}: {tiers}.") from error


def _json(value: msgspec.Struct) -> web.Response:
    response = web.Response(body=msgspec.json.encode(value), content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
