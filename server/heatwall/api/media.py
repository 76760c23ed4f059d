"""A whole page's pictures over one WebSocket, where WebRTC does not get through.

The page says what its slots show, as in a PATCH of a WHEP session; it gets fragmented MP4 for its
Media Source Extensions, each message with the slot and the kind of segment before it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import msgspec
from aiohttp import WSCloseCode, WSMsgType, web

from heatwall.api import pushing
from heatwall.api.limits import LIMITS, too_many_messages
from heatwall.api.rights import pass_of
from heatwall.api.wall import SESSIONS
from heatwall.delivery.film import Film
from heatwall.delivery.fragments import Kind, Segment
from heatwall.delivery.offer import MAX_M_LINES
from heatwall.delivery.session import SlotChange
from heatwall.errors import DeliveryError

HEARTBEAT_S = 5.0
"""Ping interval; a page that does not answer within half of it is gone."""

_GOODBYE_S = 1.0
"""Longest wait for a page's own goodbye when the server stops."""

_MAX_MESSAGE = 16 * 1024
"""Bytes of the largest message from a page: all slots, with long ids."""

_MAX_REASON = 123
"""Bytes of the reason in a close frame (RFC 6455 section 5.5)."""


class _SlotsMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a page sends: what some of its slots show from now on."""

    slots: list[SlotChange]


async def serve_media(request: web.Request) -> web.WebSocketResponse:
    """Serve one page until it leaves; it counts as one viewer."""
    sessions, film = request.app[SESSIONS], Film(MAX_M_LINES)
    socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=_MAX_MESSAGE, compress=False)
    async with sessions.attached(film, pass_of(request)) as sid:
        await socket.prepare(request)
        pushing.keep_live(request)
        try:
            async with asyncio.TaskGroup() as tasks:
                writer = tasks.create_task(_write(request, socket, film), name="media-writer")
                await _read(request, socket, sid)
                writer.cancel()
        finally:
            # Without a goodbye, as when no pong came: aiohttp would wait for ever until a page that
            # reads nothing has taken what waits for it.
            if socket.close_code == WSCloseCode.ABNORMAL_CLOSURE:
                pushing.cut(request)
    return socket


async def _read(request: web.Request, socket: web.WebSocketResponse, sid: str) -> None:
    sessions, limit = request.app[SESSIONS], request.app[LIMITS].messages()
    async for message in socket:
        try:
            if not limit.allow():
                too_many_messages(request)
                raise DeliveryError(429, "too_many", "too many messages")
            if message.type is not WSMsgType.TEXT:
                raise DeliveryError(400, "unknown_message", "Only text is understood here.")
            told = msgspec.json.decode(message.data, type=_SlotsMessage)
            await sessions.patch(sid, told.slots)
        except (DeliveryError, msgspec.DecodeError) as error:
            await _say_goodbye(socket, WSCloseCode.POLICY_VIOLATION, str(error))
            return


async def _write(request: web.Request, socket: web.WebSocketResponse, film: Film) -> None:
    try:
        while (taken := await film.next()) is not None:
            async with asyncio.timeout(pushing.SEND_S):
                await socket.send_frame(_message(*taken), WSMsgType.BINARY)
        if pass_of(request).is_valid:
            await _say_goodbye(socket, WSCloseCode.GOING_AWAY, "server stops")
        else:
            await _say_goodbye(socket, pushing.LOGGED_OUT, "log in")
    except (ConnectionError, TimeoutError):
        pushing.cut(request)  # ends the reader too: a page that takes nothing is as good as gone


async def _say_goodbye(socket: web.WebSocketResponse, code: int, reason: str) -> None:
    text = reason.encode()[:_MAX_REASON].decode(errors="ignore")
    with suppress(TimeoutError):
        async with asyncio.timeout(_GOODBYE_S):
            await socket.close(code=code, message=text.encode())


def _message(slot: int, segment: Segment) -> bytes:
    """Return the binary message: slot, kind, for an init segment its codec, then MP4."""
    head = bytes((slot, segment.kind))
    if segment.kind is Kind.INIT:
        codec = segment.codec.encode("ascii")
        head += bytes((len(codec),)) + codec
    return head + segment.head + segment.mdat
