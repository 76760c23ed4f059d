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

BODY_LIMIT_S = 10.0
"""Longest wait for a body: the largest then needs half a megabit a second, which a wall's
pictures need too. aiohttp itself waits for ever."""

BODY_S = web.AppKey("body_s", float)
"""Longest wait for a body in the application, seconds."""


async def body_of(request: web.Request) -> bytes:
    """Return a request's body.

    Raises:
        DeliveryError: It was not sent in time; 408 (RFC 9110 section 15.5.9).
        HTTPRequestEntityTooLarge: It is larger than `MAX_BODY`.
    """
    limit_s = request.app[BODY_S]
    try:
        async with asyncio.timeout(limit_s):
            return await request.read()
    except TimeoutError:
        message = f"The body was not sent within {limit_s:g} s."
        raise DeliveryError(408, "too_slow", message) from None


async def object_of(request: web.Request) -> dict[str, Any]:
    """Return the JSON object that is a request's body.

    Raises:
        DeliveryError: It is none, 400, or was not sent in time, 408.
    """
    return parse_object(await body_of(request))


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
