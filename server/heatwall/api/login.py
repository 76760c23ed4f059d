"""Logging in and out, and who one is."""

from __future__ import annotations

import math

import msgspec
from aiohttp import web

from heatwall.access.grants import Grant
from heatwall.api.body import MAX_JSON, body_of
from heatwall.api.peer_address import PROXY, client_of
from heatwall.api.rights import COOKIE, grant_of, rights_told
from heatwall.api.wall import ACCESS, CONFIG_FILE
from heatwall.errors import DeliveryError
from heatwall.status import RightsStatus

JSON = "application/json"


class LogInBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is sent to log in."""

    user: str
    password: str

    def __repr__(self) -> str:
        """Return nothing of it: the user may have typed the password into the other field."""
        return "LogInBody(…)"


class MeBody(msgspec.Struct, frozen=True):
    """Who asks, and what may be done.

    Attributes:
        user: The user's name; None for a token, and where nobody logs in.
        rights: What may be done.
        is_open: Whether nobody has to log in.
    """

    user: str | None
    rights: RightsStatus
    is_open: bool = False


def login_routes() -> list[web.RouteDef]:
    """Return the routes of logging in."""
    return [
        web.post("/api/login", _log_in),
        web.post("/api/logout", _log_out),
        web.get("/api/me", _me),
    ]


async def _log_in(request: web.Request) -> web.Response:
    """Log a user in: the answer has the cookie."""
    access = request.app[ACCESS]
    if request.content_type != JSON:  # a form of another site can't send it without being asked
        raise DeliveryError(415, "wrong_content_type", f"The body must be {JSON}.")
    try:
        body = msgspec.json.decode(await body_of(request, MAX_JSON), type=LogInBody)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # Without the decoder's words, which may hold a piece of the password.
        message = 'The body must be {"user": "…", "password": "…"}.'
        raise DeliveryError(400, "bad_body", message) from None
    if not access.has_log_in:
        raise DeliveryError(409, "no_log_in", "Nobody has to log in here.")
    secret, grant = await access.log_in(body.user, body.password, client_of(request).ip)
    if old := request.cookies.get(COOKIE):
        access.log_out(old)
    response = _told(request, grant)
    response.set_cookie(
        COOKIE,
        secret,
        max_age=math.ceil(access.longest_session_s),
        path=_path(request),
        secure=_is_secure(request),
        httponly=True,
        samesite="Strict",
    )
    return response


async def _log_out(request: web.Request) -> web.Response:
    """End the log-in of this browser, and all that it shows."""
    if cookie := request.cookies.get(COOKIE):
        request.app[ACCESS].log_out(cookie)
    response = web.Response(status=204)
    response.del_cookie(
        COOKIE,
        path=_path(request),
        secure=_is_secure(request),
        httponly=True,
        samesite="Strict",
    )
    return response


async def _me(request: web.Request) -> web.Response:
    """Answer with who asks."""
    return _told(request, grant_of(request))


def _told(request: web.Request, grant: Grant) -> web.Response:
    is_open = not request.app[ACCESS].has_log_in
    rights = rights_told(grant, has_file=request.app[CONFIG_FILE] is not None)
    body = MeBody(grant.user, rights, is_open)
    response = web.Response(body=msgspec.json.encode(body), content_type=JSON)
    response.headers["Cache-Control"] = "no-store"
    return response


def _path(request: web.Request) -> str:
    """Return where the browser sends the cookie to: nowhere else on a host that is shared."""
    return request.app[PROXY].prefix or "/"


def _is_secure(request: web.Request) -> bool:
    """Whether the browser came by https; a cookie of plain HTTP it would not send back else."""
    return client_of(request).scheme == "https"
