"""One camera as an endless fragmented MP4, for players that take no WebRTC."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from aiohttp import web

from heatwall.api import pushing
from heatwall.api.cameras import asked_tier, known_camera
from heatwall.api.rights import pass_of
from heatwall.api.wall import SESSIONS
from heatwall.delivery.film import Film
from heatwall.delivery.fragments import Kind, Segment
from heatwall.delivery.refusing import no_picture
from heatwall.delivery.session import SlotChange
from heatwall.values import Tier

FIRST_PICTURE_S = 10.0
"""Longest wait for a camera's first picture: as long as one takes to be connected to."""

_LOOK_S = 1.0
"""How often a stream without pictures looks whether its client is still there."""


def film_routes() -> list[web.RouteDef]:
    """Return the route of the stream."""
    # HEAD would be answered with the stream too, and never end.
    return [web.get("/api/cameras/{id}/stream.mp4", _stream, allow_head=False)]


async def end_films(app: web.Application) -> None:
    """End all sessions; a shutdown signal of aiohttp, which else waits for endless answers."""
    await app[SESSIONS].close()


async def _stream(request: web.Request) -> web.StreamResponse:
    """Answer with the pictures from the next IDR on, until somebody has enough.

    It ends when the client leaves or takes nothing any more, when the server stops, and when the
    pictures take another shape, since most players know one only.
    """
    camera, tier = known_camera(request), asked_tier(request, Tier.TILE)
    sessions, film = request.app[SESSIONS], Film(1)
    async with sessions.attached(film, pass_of(request), keeps_tier=True) as sid:
        await sessions.patch(sid, [SlotChange(0, camera, tier)])
        segment = await _first(request, film)
        if segment is None:
            raise no_picture(camera, FIRST_PICTURE_S)
        response = web.StreamResponse(headers={"Cache-Control": "no-store"})
        response.content_type = "video/mp4"
        await response.prepare(request)
        pushing.keep_live(request)
        with suppress(ConnectionError):  # the client left
            await _write(request, response, segment)
            while (segment := await _next(request, film)) and segment.kind is not Kind.INIT:
                await _write(request, response, segment)
    return response


async def _first(request: web.Request, film: Film) -> Segment | None:
    """Return the init segment; None when there is no picture in time."""
    with suppress(TimeoutError):
        async with asyncio.timeout(FIRST_PICTURE_S):
            return await _next(request, film)
    return None


async def _next(request: web.Request, film: Film) -> Segment | None:
    """Return the next segment; None when there is none for this client any more."""
    while request.transport is not None and film.slots[0].source is not None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_S):
                taken = await film.next()
                return None if taken is None else taken[1]
    return None


async def _write(request: web.Request, response: web.StreamResponse, segment: Segment) -> None:
    """Write a segment; a client that takes nothing is cut off."""
    try:
        async with asyncio.timeout(pushing.SEND_S):
            await response.write(segment.head + segment.mdat)
    except TimeoutError:
        pushing.cut(request)
        raise ConnectionError("the client takes nothing") from None
