"""The live figures: one WebSocket a page, told everything once a second."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Literal, NamedTuple

import msgspec
from aiohttp import WSCloseCode, WSMsgType, web

from heatwall.access.door import Pass
from heatwall.access.grants import Grant
from heatwall.api import pushing
from heatwall.api.cameras import seen_groups
from heatwall.api.limits import LIMITS, too_many_messages
from heatwall.api.rights import pass_of, rights_told
from heatwall.api.wall import Wall
from heatwall.clock import Clock
from heatwall.delivery.session import Sessions
from heatwall.errors import DeliveryError
from heatwall.roles import Role
from heatwall.status import ConfigStatus, GroupStatus, QualityStatus, RightsStatus

INTERVAL_S = 1.0
"""How often all figures are sent."""

CHANGE_INTERVAL_S = 0.1
"""Least time between two messages, so that a flapping camera does not flood the pages."""

HEARTBEAT_S = 5.0
"""Ping interval; a page that does not answer within half of it is gone."""

_GOODBYE_S = 1.0
"""Longest wait for a page's own goodbye when the server stops."""

_MAX_MESSAGE = 4096
"""Bytes of the largest message from a page."""

_log = logging.getLogger(__name__)


class _CamerasMessage(msgspec.Struct, frozen=True, tag_field="type", tag="cameras"):
    """What a page gets; `at` is wall time in seconds since 1970 UTC.

    `cameras` is encoded once for all pages; `rights` are the page's own, and `quality` is of its
    own session.
    """

    at: float
    cameras: msgspec.Raw
    groups: list[GroupStatus]
    rights: RightsStatus = RightsStatus(Role.VIEWER, can_operate=False, can_save=False)
    quality: QualityStatus = QualityStatus()
    config: ConfigStatus = ConfigStatus()


class _SessionMessage(msgspec.Struct, frozen=True):
    """What a page sends: its WHEP session lives as long as this WebSocket."""

    type: Literal["session"]
    sid: str


class _Client:
    """One page: what it may see, and a slot of one message, newest wins."""

    def __init__(self, shown: Pass) -> None:
        self.shown = shown
        self.is_logged_out = False
        self._newest: bytes | None = None
        self._ready = asyncio.Event()

    def offer(self, message: bytes) -> None:
        """Leave `message` to be sent, in place of one that is still waiting."""
        self._newest = message
        self._ready.set()

    def log_out(self) -> None:
        """Let the page be told that it may see nothing any more, and nothing else."""
        self.is_logged_out = True
        self._newest = None
        self._ready.set()

    async def take(self) -> bytes | None:
        """Wait for the newest message; None once the page may see nothing any more."""
        while self._newest is None:
            if self.is_logged_out:
                return None
            self._ready.clear()
            await self._ready.wait()
        message, self._newest = self._newest, None
        return message


class _Own(NamedTuple):
    """What a page's message hangs on: the cameras that it may see, its rights, its session."""

    cameras: frozenset[str] | None
    rights: RightsStatus
    quality: QualityStatus


class _Round:
    """What all pages are told at one time, each kind of message encoded once."""

    def __init__(self, wall: Wall) -> None:
        self._statuses = wall.statuses()
        self._groups = wall.groups()
        self._config = wall.config_status()  # names and paths, which operators alone are told
        self._cameras: dict[frozenset[str] | None, msgspec.Raw] = {}
        self._messages: dict[_Own, bytes] = {}

    def message(self, own: _Own, grant: Grant, at: float) -> bytes:
        """Return what a page is told."""
        if own not in self._messages:
            if own.cameras not in self._cameras:
                seen = [camera for camera in self._statuses if grant.sees(camera.id)]
                self._cameras[own.cameras] = msgspec.Raw(msgspec.json.encode(seen))
            groups = seen_groups(self._groups, grant)
            cameras = self._cameras[own.cameras]
            config = self._config if own.rights.can_operate else ConfigStatus()
            message = _CamerasMessage(at, cameras, groups, own.rights, own.quality, config)
            self._messages[own] = msgspec.json.encode(message)
        return self._messages[own]


class Live:
    """Tells all connected pages what the wall does.

    Args:
        wall: What is told.
        sessions: How well the pages' own sessions are served is told too.
        wall_clock: Seconds since 1970 UTC.
        has_file: Whether changes may be saved to a config file.
    """

    def __init__(
        self, wall: Wall, sessions: Sessions, wall_clock: Clock, *, has_file: bool = False
    ) -> None:
        self._has_file = has_file
        self._wall = wall
        self._sessions = sessions
        self._wall_clock = wall_clock
        self._clients: dict[web.WebSocketResponse, _Client] = {}
        self._changed = asyncio.Event()
        self._is_closing = False

    async def run(self, _app: web.Application) -> AsyncIterator[None]:
        """Tell while the application runs; a cleanup context of aiohttp."""
        unsubscribe = self._wall.subscribe_changes(self._changed.set)
        async with asyncio.TaskGroup() as tasks:
            teller = tasks.create_task(self._keep_telling(), name="live")
            yield
            teller.cancel()
        unsubscribe()

    async def close(self, _app: web.Application) -> None:
        """Say goodbye to all pages; a shutdown signal of aiohttp, which else waits for them."""
        self._is_closing = True
        await asyncio.gather(*(_say_goodbye(socket) for socket in self._clients))

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one page until it leaves.

        Raises:
            DeliveryError: The server is ending; 503.
        """
        if self._is_closing:
            raise DeliveryError(503, "stopping", "The server is ending.")
        socket = web.WebSocketResponse(
            heartbeat=HEARTBEAT_S, max_msg_size=_MAX_MESSAGE, compress=False
        )
        await socket.prepare(request)
        pushing.keep_live(request)
        client = _Client(pass_of(request))
        self._clients[socket] = client
        self._tell_one(socket, client, _Round(self._wall))
        try:
            async with asyncio.TaskGroup() as tasks:
                writer = tasks.create_task(self._write(request, socket, client), name="live-writer")
                await self._read(request, socket, client)
                writer.cancel()
        finally:
            del self._clients[socket]
            self._sessions.unbind(socket)
            # Without a goodbye, as when no pong came: aiohttp would wait for ever until a page that
            # reads nothing has taken what waits for it.
            if socket.close_code == WSCloseCode.ABNORMAL_CLOSURE:
                pushing.cut(request)
        return socket

    async def _read(
        self, request: web.Request, socket: web.WebSocketResponse, client: _Client
    ) -> None:
        limit = request.app[LIMITS].messages()
        async for message in socket:
            if not limit.allow():
                too_many_messages(request)
                await _close(socket, WSCloseCode.POLICY_VIOLATION, b"too many messages")
                return
            if message.type is not WSMsgType.TEXT:
                continue
            try:
                told = msgspec.json.decode(message.data, type=_SessionMessage)
            except msgspec.DecodeError:
                await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"unknown message")
                return
            self._sessions.bind(told.sid, socket, client.shown)

    async def _write(
        self, request: web.Request, socket: web.WebSocketResponse, client: _Client
    ) -> None:
        try:
            while not socket.closed:
                message = await client.take()
                if message is None:
                    await _close(socket, pushing.LOGGED_OUT, b"log in")
                    return
                async with asyncio.timeout(pushing.SEND_S):
                    await socket.send_frame(message, WSMsgType.TEXT)
        except (ConnectionError, TimeoutError):
            pushing.cut(
                request
            )  # ends the reader too: a page that takes nothing is as good as gone

    async def _keep_telling(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(INTERVAL_S - CHANGE_INTERVAL_S):
                    await self._changed.wait()
            self._changed.clear()
            if self._clients:
                self._tell()
            await asyncio.sleep(CHANGE_INTERVAL_S)

    def _tell(self) -> None:
        try:
            told = _Round(self._wall)
            for socket, client in self._clients.items():
                self._tell_one(socket, client, told)
        except Exception:  # noqa: BLE001 -- a bug in one figure must not end the telling for good
            _log.exception("The cameras' status could not be told")

    def _tell_one(self, socket: web.WebSocketResponse, client: _Client, told: _Round) -> None:
        grant = client.shown.grant
        if grant is None:
            client.log_out()
            return
        rights = rights_told(grant, has_file=self._has_file)
        own = _Own(grant.cameras, rights, self._sessions.quality(socket))
        client.offer(told.message(own, grant, self._wall_clock()))


async def _say_goodbye(socket: web.WebSocketResponse) -> None:
    await _close(socket, WSCloseCode.GOING_AWAY, b"server stops")


async def _close(socket: web.WebSocketResponse, code: int, reason: bytes) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(_GOODBYE_S):
            await socket.close(code=code, message=reason)
