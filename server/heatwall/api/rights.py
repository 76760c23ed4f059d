"""What a request may do: the one place that says it, by one table of all routes."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Handler

from heatwall.access.door import Pass
from heatwall.access.grants import Grant
from heatwall.api.peer_address import client_of, shown_path
from heatwall.api.wall import ACCESS, CONFIG_FILE, WALL
from heatwall.delivery.refusing import unknown_camera
from heatwall.errors import DeliveryError
from heatwall.roles import Role, is_loopback
from heatwall.status import RightsStatus

COOKIE = "heatwall"
"""The name of the cookie that a browser is logged in with."""

PASS: web.RequestKey[Pass] = web.RequestKey("pass", Pass)
"""What was shown to come in; in a request of every route that is not open to all."""

OPEN_PATHS = web.AppKey[frozenset[str]]("open_paths")
"""Where the page's files are, which show nothing by themselves."""

_WHAT_IT_IS = {Role.VIEWER: "a viewer", Role.OPERATOR: "an operator", Role.ADMIN: "an admin"}

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Need:
    """What a route needs of who asks.

    Attributes:
        role: The least role; None for a route that is open to all.
        is_for_all: Whether it tells of all cameras at once, and so needs a right to all.
    """

    role: Role | None
    is_for_all: bool = False


_ALL = Need(None)
_LOOK = Need(Role.VIEWER)
_OPERATE = Need(Role.OPERATOR)
_CAMERA = "/api/cameras/{id}"

NEEDS: dict[tuple[str, str], Need] = {
    ("GET", "/healthz"): _ALL,
    ("GET", "/readyz"): _ALL,
    ("POST", "/api/login"): _ALL,
    ("POST", "/api/logout"): _ALL,
    ("GET", "/api/me"): _LOOK,
    ("GET", "/api/openapi.json"): _LOOK,
    ("GET", "/api/ice"): _LOOK,
    ("GET", "/api/alarms"): _LOOK,
    ("GET", "/api/cameras"): _LOOK,
    ("GET", "/api/counts.csv"): _LOOK,
    ("GET", "/api/live"): _LOOK,
    ("GET", "/api/media"): _LOOK,
    ("GET", _CAMERA): _LOOK,
    ("GET", f"{_CAMERA}/counts.csv"): _LOOK,
    ("GET", f"{_CAMERA}/heat.json"): _LOOK,
    ("GET", f"{_CAMERA}/heat.npy"): _LOOK,
    ("GET", f"{_CAMERA}/heat.png"): _LOOK,
    ("GET", f"{_CAMERA}/history.json"): _LOOK,
    ("GET", f"{_CAMERA}/overlay"): _LOOK,
    ("GET", f"{_CAMERA}/regions"): _LOOK,
    ("GET", f"{_CAMERA}/snapshot.jpg"): _LOOK,
    ("GET", f"{_CAMERA}/stream.mp4"): _LOOK,
    ("POST", f"{_CAMERA}/heat/reset"): _OPERATE,
    ("POST", f"{_CAMERA}/counts/reset"): _OPERATE,
    ("PATCH", f"{_CAMERA}/overlay"): _OPERATE,
    ("PUT", f"{_CAMERA}/regions"): _OPERATE,  # an admin, to save; its handler reads that
    ("POST", "/whep"): _LOOK,
    ("OPTIONS", "/whep"): _LOOK,
    ("POST", "/whep/{id}"): _LOOK,
    ("OPTIONS", "/whep/{id}"): _LOOK,
    ("PATCH", "/whep/sessions/{sid}"): _LOOK,
    ("DELETE", "/whep/sessions/{sid}"): _LOOK,
    ("OPTIONS", "/whep/sessions/{sid}"): _LOOK,
    ("GET", "/metrics"): Need(Role.VIEWER, is_for_all=True),
}
"""What each route needs. One that is not here is refused to everybody, and a test says so. A
camera in the path must be one that may be seen; those in a query or a body, the sessions check."""


@web.middleware
async def require_rights(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a request pass to its handler that may; note who changed what.

    Raises:
        DeliveryError: 401 for nobody, 403 for too small a role, 404 for a camera that may not be
            seen, as for one that is not there.
    """
    route = request.match_info.route
    if request.match_info.http_exception is not None or route.resource is None:
        return await handler(request)  # there is nothing at this address
    address = shown_path(request)
    if address in request.app[OPEN_PATHS]:
        return await handler(request)
    method = "GET" if request.method == "HEAD" else request.method
    need = NEEDS.get((method, address))
    if need is None:
        raise DeliveryError(403, "forbidden", "Nobody may do this.")
    if need.role is None:
        return await handler(request)
    request[PASS] = _shown_pass(request)
    _check(request, need)
    answer = await handler(request)
    if need.role is not Role.VIEWER and answer.status < 300:
        who = request[PASS].owner or "somebody"
        _log.info("%s: %s %s", who, request.method, ascii(request.path)[1:-1])
    return answer


def pass_of(request: web.Request) -> Pass:
    """Return what was shown to come in."""
    return request[PASS]


def grant_of(request: web.Request) -> Grant:
    """Return what a request may do now.

    Raises:
        DeliveryError: Nothing any more; 401.
    """
    grant = request[PASS].grant
    if grant is None:
        raise _log_in()
    return grant


def require(request: web.Request, needed: Role) -> None:
    """Let a request pass that may do what `needed` may.

    Raises:
        DeliveryError: It may not; 403.
    """
    role = grant_of(request).role
    if not role.includes(needed):
        where = "auth" if request.app[ACCESS].has_log_in else "server.role"
        raise DeliveryError(
            403,
            "forbidden",
            f"You are {_WHAT_IT_IS[role]} here, and this needs {_WHAT_IT_IS[needed]}; {where} "
            "in the config says who may do what.",
        )


def rights_of(request: web.Request) -> RightsStatus:
    """Return what the sender of a request is told of its rights."""
    return rights_told(grant_of(request), has_file=request.app[CONFIG_FILE] is not None)


def rights_told(grant: Grant, *, has_file: bool) -> RightsStatus:
    """Return what somebody with this grant is told of it."""
    return RightsStatus(
        role=grant.role,
        can_operate=grant.role.includes(Role.OPERATOR),
        can_save=grant.role.includes(Role.ADMIN) and has_file,
    )


def _check(request: web.Request, need: Need) -> None:
    if need.role is not None:
        require(request, need.role)
    grant, camera = grant_of(request), request.match_info.get("id")
    if camera is not None and not grant.sees(camera):
        raise unknown_camera(camera)
    if need.is_for_all and not grant.sees_all(request.app[WALL].camera_ids()):
        message = "This tells of all cameras, and you may see some only."
        raise DeliveryError(403, "forbidden", message)


def _shown_pass(request: web.Request) -> Pass:
    """Return what a request comes in by.

    A token goes before a cookie, which a browser sends by itself.

    Raises:
        DeliveryError: Nothing; 401.
    """
    access = request.app[ACCESS]
    found = access.by_the_open_door(is_near=_is_near(request))
    if found is not None:
        return found
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":  # RFC 6750 section 2.1; no case in it, by RFC 9110 section 11.1
        found = access.by_token(token.strip())
    elif cookie := request.cookies.get(COOKIE):
        found = access.by_cookie(cookie)
    if found is None:
        raise _log_in()
    return found


def _log_in() -> DeliveryError:
    return DeliveryError(401, "log_in", "Log in first.")


def _is_near(request: web.Request) -> bool:
    """Whether a request was sent from this machine to this machine, as far as it tells.

    To listen on a loopback address alone does not say so. A proxy beside the server brings in
    others, and another site's name may lead a browser here (DNS rebinding), with an Origin that
    fits: both ask for a host that is not this machine's own, or say whom they ask for.
    """
    host = request.host
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return is_loopback(name) and not client_of(request).is_proxied
