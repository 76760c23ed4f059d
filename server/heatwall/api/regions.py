"""Lines and zones in which people are counted: told, drawn anew, saved."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from heatwall.api.body import object_of
from heatwall.api.cameras import known_camera
from heatwall.api.rights import require
from heatwall.api.wall import CONFIG_FILE, DESK
from heatwall.config import shown
from heatwall.errors import ConfigError, ConfigFault, DeliveryError
from heatwall.roles import Role

_MAX_REGIONS = 256 * 1024
"""Bytes of the largest body: some hundred zones of some dozen corners each."""

_RUN, _FILE = "run", "file"
"""For how long a change holds: until the server ends, or after that too."""


def region_routes() -> list[web.RouteDef]:
    """Return the routes of lines and zones."""
    return [
        web.get("/api/cameras/{id}/regions", _regions),
        web.put("/api/cameras/{id}/regions", _change_regions),
    ]


async def _regions(request: web.Request) -> web.Response:
    """Answer with a camera's lines and zones, in the words of the config."""
    return _answer(request, known_camera(request))


async def _change_regions(request: web.Request) -> web.Response:
    """Count at the lines and zones of the body from now on; answers as GET does.

    Those that did not change keep their counts. A save that fails leaves them in use.
    """
    require(request, Role.OPERATOR)
    camera = known_camera(request)
    change = await object_of(request, _MAX_REGIONS)
    is_to_save = _keep(change.pop("keep", _RUN)) == _FILE
    if is_to_save:
        require(request, Role.ADMIN)
        if request.app[CONFIG_FILE] is None:
            message = "The server has no config file; nothing has changed."
            raise DeliveryError(409, "no_file", message)
    desk = request.app[DESK]
    await desk.change_regions(camera, change)
    answer = _answer(request, camera)
    if is_to_save:
        await desk.save_regions(camera)
    return answer


def _keep(word: Any) -> str:
    """Return for how long a change is to hold.

    Raises:
        ConfigError: The word says neither.
    """
    if word in (_RUN, _FILE):
        return str(word)
    allowed = f"{_RUN} (until the server ends) or {_FILE} (in the config file too)"
    message = "does not say for how long the change is to hold"
    raise ConfigError([ConfigFault("regions", None, "keep", shown(word), message, allowed)])


def _answer(request: web.Request, camera: str) -> web.Response:
    body = msgspec.json.encode(request.app[DESK].regions(camera))
    response = web.Response(body=body, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
