"""The bodies of requests, read in time."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from aiohttp import web

from heatwall.errors import DeliveryError

MAX_BODY = 512 * 1024
"""Bytes of the largest body. Chromium's offer has 5 kB a slot, 320 kB for the most slots that are
answered."""

MAX_JSON = 16 * 1024
"""Bytes of the largest JSON body: all slots with long ids, or all of an overlay's settings."""

BODY_LIMIT_S = 10.0
"""Longest wait for a body: the largest then needs half a megabit a second, which a wall's
pictures need too. aiohttp itself waits for ever."""

BODY_S = web.AppKey("body_s", float)
"""Longest wait for a body in the application, seconds."""


async def body_of(request: web.Request, most: int) -> bytes:
    """Return a request's body of at most `most` bytes.

    Raises:
        DeliveryError: It was not sent in time, 408, or is larger, 413 (RFC 9110 sections 15.5.9
            and 15.5.14).
    """
    limit_s = request.app[BODY_S]
    try:
        async with asyncio.timeout(limit_s):
            return await _read(request, most)
    except TimeoutError:
        message = f"The body was not sent within {limit_s:g} s."
        raise DeliveryError(408, "too_slow", message) from None


async def _read(request: web.Request, most: int) -> bytes:
    if (request.content_length or 0) > most:
        raise _too_large(most)
    body = bytearray()
    # Packed bodies arrive here unpacked, so that a small one that would grow is seen too.
    async for piece in request.content.iter_any():
        body += piece
        if len(body) > most:
            raise _too_large(most)
    return bytes(body)


def _too_large(most: int) -> DeliveryError:
    return DeliveryError(413, "too_large", f"The body may have {most} bytes at most.")


async def object_of(request: web.Request, most: int = MAX_JSON) -> dict[str, Any]:
    """Return the JSON object that is a request's body.

    Raises:
        DeliveryError: It is none, 400, was not sent in time, 408, or is too large, 413.
    """
    return parse_object(await body_of(request, most))


def parse_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object that `body` is.

    Raises:
        DeliveryError: It is none; 400.
    """
    try:
        value: dict[str, Any] = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DeliveryError(400, "bad_json", f"The body is not a JSON object: {error}.") from error
    return value
