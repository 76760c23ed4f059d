"""How often one address may ask for what changes something or starts work."""

from __future__ import annotations

import logging
import math

from aiohttp import web
from aiohttp.typedefs import Handler

from heatwall.api.peer_address import client_of, shown_path
from heatwall.buckets import Bucket, Buckets, Rate
from heatwall.clock import Clock
from heatwall.errors import DeliveryError
from heatwall.refusals import Refusal, Refusals
from heatwall.roles import is_loopback

CHANGES = Rate(burst=200, per_s=20.0)
"""Requests that change something. Who draws a zone or moves a slider sends a few a second, who
scrolls through a wall a PATCH each time it stops; an office of ten behind one address is served."""

WORK = Rate(burst=400, per_s=40.0)
"""Requests that take a thread's or an encoder's time, and WebSockets. A page of 64 tiles without
pictures yet asks for a still of each, and again when it is loaded anew."""

MESSAGES = Rate(burst=100, per_s=20.0)
"""Messages of one page on one WebSocket: a page says what its slots show at most some times a
second."""

REFUSALS = web.AppKey("refusals", Refusals)
"""What was refused, in the application."""

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_CAMERA = "/api/cameras/{id}"

WORK_PATHS = frozenset(
    {
        "/api/counts.csv",
        "/api/live",
        "/api/media",
        f"{_CAMERA}/counts.csv",
        f"{_CAMERA}/heat.json",
        f"{_CAMERA}/heat.npy",
        f"{_CAMERA}/heat.png",
        f"{_CAMERA}/snapshot.jpg",
        f"{_CAMERA}/stream.mp4",
        "/metrics",
    }
)
"""What takes work though it changes nothing."""

_BY_STATUS = {
    401: Refusal.LOG_IN,
    403: Refusal.FORBIDDEN,
    408: Refusal.TOO_SLOW,
    413: Refusal.TOO_LARGE,
    429: Refusal.TOO_MANY,
}

_log = logging.getLogger(__name__)


class Limits:
    """The buckets of all addresses. Event loop only.

    Args:
        clock: Monotonic seconds.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._changes = Buckets(CHANGES)
        self._work = Buckets(WORK)

    def take(self, address: str, *, is_change: bool) -> float:
        """Return 0 when an address may ask now, otherwise in how many seconds."""
        buckets = self._changes if is_change else self._work
        return buckets.take(address, self._clock())

    def messages(self) -> Messages:
        """Return the limit of a new WebSocket."""
        return Messages(self._clock)


class Messages:
    """The limit of what one page may say.

    Args:
        clock: Monotonic seconds.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._bucket = Bucket(MESSAGES, clock())

    def allow(self) -> bool:
        """Count one message and return whether it may be listened to."""
        return self._bucket.take(self._clock()) == 0.0


LIMITS = web.AppKey("limits", Limits)
"""The buckets of the application."""


@web.middleware
async def count_refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count what was refused."""
    answer = await handler(request)
    reason = _BY_STATUS.get(answer.status)
    if reason is not None:
        request.app[REFUSALS].note(reason)
    return answer


@web.middleware
async def limit_rates(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what comes too often from one address.

    Before anybody is asked who he is, since that is work too. Programs on this machine are spared,
    unless they ask for others as a proxy does.

    Raises:
        DeliveryError: 429 (RFC 6585 section 4).
    """
    is_change = request.method not in _SAFE_METHODS
    if not is_change and shown_path(request) not in WORK_PATHS:
        return await handler(request)
    client = client_of(request)
    if is_loopback(client.ip) and not client.is_proxied:
        return await handler(request)
    wait_s = request.app[LIMITS].take(client.ip, is_change=is_change)
    if wait_s > 0:
        _log.warning("%s asks too often; it is told to wait", client.ip)
        raise DeliveryError(
            429,
            "too_many",
            "Too many requests came from your address; try again in a moment.",
            retry_after_s=math.ceil(wait_s),
        )
    return await handler(request)


def too_many_messages(request: web.Request) -> None:
    """Note that a page says too much, before it is told so."""
    request.app[REFUSALS].note(Refusal.TOO_MANY_MESSAGES)
    _log.warning("%s sends too many messages; its WebSocket is closed", client_of(request).ip)
