"""Telling somebody by a webhook: aiohttp's client."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable

import aiohttp
import msgspec

from heatwall import __version__
from heatwall.alarms.delivering import Attempt, Result
from heatwall.alarms.events import Event
from heatwall.alarms.retry import makes_sense_again, retry_after_s
from heatwall.alarms.signature import sign
from heatwall.clock import Clock

LIMIT_S = 10.0
"""From the look-up of the host's name to the answer; who takes longer is told again."""


class Webhook:
    """Posts events to one address. Event loop only.

    TLS is verified, and redirects are not followed: the config says where events go, and nobody
    else.

    Args:
        url: Where to.
        secret: What signs them; None for no signature.
        wall: Seconds since 1970 UTC.
        limit_s: Longest wait for an answer.
    """

    def __init__(self, url: str, secret: str | None, wall: Clock, limit_s: float = LIMIT_S) -> None:
        self._url = url
        self._secret = secret
        self._wall = wall
        self._limit_s = limit_s

    @contextlib.asynccontextmanager
    async def open(self, _current: Iterable[Event]) -> AsyncIterator[PostLink]:
        """Open a client; who is told by a webhook is not told what stands already."""
        async with aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=self._limit_s),
            connector=aiohttp.TCPConnector(force_close=True),  # events are hours apart
            headers={"User-Agent": f"heatwall/{__version__}"},
            cookie_jar=aiohttp.DummyCookieJar(),
        ) as client:
            yield PostLink(client, self._url, self._secret, self._wall, self._limit_s)


class PostLink:
    """A client that posts."""

    def __init__(
        self,
        client: aiohttp.ClientSession,
        url: str,
        secret: str | None,
        wall: Clock,
        limit_s: float,
    ) -> None:
        self._client = client
        self._url = url
        self._secret = secret
        self._wall = wall
        self._limit_s = limit_s

    async def broken(self) -> str:
        """Never return: there is no connection that could break."""
        await asyncio.get_running_loop().create_future()
        return ""

    async def tell(self, event: Event) -> Attempt:
        """Post an event."""
        body = msgspec.json.encode(event)
        headers = {"Content-Type": "application/json", "Heatwall-Event-Id": event.id}
        if self._secret is not None:
            headers["Heatwall-Signature"] = sign(body, self._secret, int(self._wall()))
        try:
            async with self._client.post(
                self._url, data=body, headers=headers, allow_redirects=False
            ) as response:
                return _meaning(response.status, response.headers.get("Retry-After"))
        except TimeoutError:
            return Attempt(Result.FAILED, f"no answer within {self._limit_s:g} s")
        except aiohttp.ClientError as error:
            return Attempt(Result.FAILED, _words(error))


def _meaning(status: int, retry_after: str | None) -> Attempt:
    if 200 <= status < 300:
        return Attempt(Result.DELIVERED)
    reason = f"it answered {status}"
    if makes_sense_again(status):
        return Attempt(Result.FAILED, reason, retry_after_s(retry_after))
    if 300 <= status < 400:
        reason += ", and redirects are not followed"
    return Attempt(Result.REJECTED, reason)


def _words(error: aiohttp.ClientError) -> str:
    """Return what failed without the address, whose path may be a secret."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return "its certificate is not valid"
    if isinstance(error, aiohttp.ClientSSLError):
        return "TLS failed"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "its name can't be found"
    if isinstance(error, aiohttp.ClientOSError) and error.strerror:
        return f"it can't be reached: {error.strerror}"
    return f"it can't be reached: {type(error).__name__}"
