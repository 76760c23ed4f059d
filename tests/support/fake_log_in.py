"""The log-in of the fake wall: users with plain passwords, and cookies that a test can end."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from heatwall.access.door import Pass
from heatwall.access.grants import Grant
from heatwall.api.rights import PASS
from heatwall.roles import Role

COOKIE = "heatwall"
OVER = 4401
"""Close code of a WebSocket whose log-in has ended."""

_EVERYTHING = Pass(None, lambda: Grant(None, None, Role.ADMIN))

_OPEN = ("/api/login", "/api/logout")


class FakeLogIn:
    """Lets in who has a cookie, once there are users.

    Args:
        drop_sockets: Closes the pages' WebSockets with a code.
    """

    def __init__(self, drop_sockets: Callable[[int], Awaitable[None]]) -> None:
        self.users: dict[str, str] = {}
        """Passwords by user; while there are none, everybody is let in."""
        self.answer: web.Response | None = None
        """What is answered to the next try, whatever it holds."""
        self.tries: list[tuple[str, str]] = []
        """User and password of each try."""
        self._cookies: dict[str, str] = {}
        self._drop_sockets = drop_sockets

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of logging in."""
        return [
            web.post("/api/login", self._log_in),
            web.post("/api/logout", self._log_out),
            web.get("/api/me", self._me),
        ]

    async def end_all(self) -> None:
        """End all log-ins, as when their time is over."""
        self._cookies.clear()
        await self._drop_sockets(OVER)

    def forget_all(self) -> None:
        """End all log-ins without a word to the pages."""
        self._cookies.clear()

    @property
    def require(self) -> Middleware:
        """The middleware that refuses whom nobody knows."""

        @web.middleware
        async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
            is_guarded = request.path.startswith(("/api", "/whep")) and request.path not in _OPEN
            if self.users and is_guarded and self._user(request) is None:
                return _error(401, "log_in", "Log in first.")
            request[PASS] = _EVERYTHING
            return await handler(request)

        return middleware

    def _user(self, request: web.Request) -> str | None:
        return self._cookies.get(request.cookies.get(COOKIE, ""))

    async def _log_in(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.tries.append((body["user"], body["password"]))
        if self.answer is not None:
            answer, self.answer = self.answer, None
            return answer
        if self.users.get(body["user"]) != body["password"]:
            return _error(401, "bad_login", "Wrong user or password.")
        cookie = secrets.token_hex(8)
        self._cookies[cookie] = body["user"]
        response = self._told(body["user"])
        response.set_cookie(COOKIE, cookie, httponly=True, samesite="Strict")
        return response

    async def _log_out(self, request: web.Request) -> web.Response:
        self._cookies.pop(request.cookies.get(COOKIE, ""), None)
        await self._drop_sockets(OVER)
        return web.Response(status=204)

    async def _me(self, request: web.Request) -> web.Response:
        return self._told(self._user(request))

    def _told(self, user: str | None) -> web.Response:
        rights = {"role": "admin", "can_operate": True, "can_save": True}
        return web.json_response({"user": user, "is_open": not self.users, "rights": rights})


def _error(status: int, code: str, message: str) -> web.Response:
    body = {"error": {"code": code, "message": message}}
    return web.json_response(body, status=status)
