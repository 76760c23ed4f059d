"""Telling somebody by an MQTT broker: aiomqtt.

Topics, below the one that the config names:

    status                  online or offline, retained; offline comes from the broker itself when
                            the server is gone without a word (MQTT 5.0, section 3.1.2.5)
    events                  each event once
    alarms/RULE/CAMERA      where an alarm stands, retained
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import AsyncIterator, Iterable
from urllib.parse import unquote, urlsplit

import aiomqtt
import msgspec

from heatwall.alarms.delivering import Attempt, Result
from heatwall.alarms.events import VERSION, Event
from heatwall.errors import AlarmError

LIMIT_S = 10.0
"""For each answer of the broker."""

_END_S = 1.0
"""For the last word when the server ends, which must not wait for a broker that hangs."""

_KEEPALIVE_S = 15
"""A broker that is gone is noticed in half as much again."""

_QOS = 1
"""At least once; an event's id tells it from another. For 2 both sides would have to remember."""

_PORTS = {"mqtt": 1883, "mqtts": 8883}
"""As registered with IANA."""

_ONLINE, _OFFLINE = "online", "offline"


_library_log = logging.getLogger(f"{__name__}.library")
_library_log.setLevel(logging.ERROR)  # what it warns of is said here in plain words

_leavings: set[asyncio.Task[None]] = set()
"""Connections that are being ended while nobody waits for them."""


class _State(msgspec.Struct, frozen=True):
    """Where an alarm stands, as it is retained."""

    state: str
    rule: str
    camera: str
    zone: str | None
    since: float | None
    text: str
    version: int = VERSION


class Broker:
    """Publishes events at one broker. Event loop only.

    Args:
        url: `mqtt://user:password@host:port`, or `mqtts://`, whose certificate is verified.
        topic: What all topics begin with.
        limit_s: Longest wait for an answer.
    """

    def __init__(self, url: str, topic: str, limit_s: float = LIMIT_S) -> None:
        self._parts = urlsplit(url)
        self._topic = topic
        self._limit_s = limit_s

    @contextlib.asynccontextmanager
    async def open(self, current: Iterable[Event]) -> AsyncIterator[BrokerLink]:
        """Connect, and say where all alarms stand: a broker may have forgotten.

        Args:
            current: What was last told of each alarm.

        Raises:
            AlarmError: The broker can't be reached or refuses.
        """
        parts, status = self._parts, f"{self._topic}/status"
        is_tls = parts.scheme == "mqtts"
        # Reads the system's certificates from the disk.
        context = await asyncio.to_thread(ssl.create_default_context) if is_tls else None
        client = aiomqtt.Client(
            parts.hostname or "",
            parts.port or _PORTS[parts.scheme],
            username=None if parts.username is None else unquote(parts.username),
            password=None if parts.password is None else unquote(parts.password),
            will=aiomqtt.Will(status, _OFFLINE, _QOS, retain=True),
            keepalive=_KEEPALIVE_S,
            timeout=self._limit_s,
            logger=_library_log,
            tls_context=context,
        )
        try:
            async with _connected(client):
                try:
                    await client.publish(status, _ONLINE, _QOS, retain=True)
                    link = BrokerLink(client, self._topic)
                    for event in current:
                        await link.retain(event)
                    yield link
                finally:
                    client.timeout = _END_S
                    with contextlib.suppress(aiomqtt.MqttError):
                        await client.publish(status, _OFFLINE, _QOS, retain=True)
        except aiomqtt.MqttError as error:
            raise AlarmError(_words(error)) from error


class BrokerLink:
    """A connection to a broker."""

    def __init__(self, client: aiomqtt.Client, topic: str) -> None:
        self._client = client
        self._topic = topic

    async def broken(self) -> str:
        """Return why, when the connection is lost."""
        try:
            async for _ in self._client.messages:
                pass  # nothing is subscribed to
        except aiomqtt.MqttError as error:
            return _words(error)
        return "the connection was lost"

    async def tell(self, event: Event) -> Attempt:
        """Publish an event, and where its alarm stands then."""
        try:
            await self._client.publish(
                f"{self._topic}/events", msgspec.json.encode(event), _QOS, retain=False
            )
            if event.kind is not None:
                await self.retain(event)
        except aiomqtt.MqttError as error:
            return Attempt(Result.FAILED, _words(error))
        return Attempt(Result.DELIVERED)

    async def retain(self, event: Event) -> None:
        """Say where an alarm stands after an event.

        Raises:
            MqttError: The broker did not take it.
        """
        state = _State(
            state="firing" if event.is_firing else "ok",
            rule=event.rule,
            camera=event.camera,
            zone=event.zone,
            since=event.since if event.is_firing else None,
            text=event.text,
        )
        await self._client.publish(
            f"{self._topic}/alarms/{event.key}", msgspec.json.encode(state), _QOS, retain=True
        )


@contextlib.asynccontextmanager
async def _connected(client: aiomqtt.Client) -> AsyncIterator[None]:
    """Connect, and disconnect at the end: also where nobody waits for the connection any more.

    aiomqtt leaves a connection open whose begin is cancelled or not answered in time (2.5.1,
    `Client.__aenter__`): the broker would have a client that nobody knows of. A connect is made
    by a thread and can't be stopped, so what it has made is ended when it is there.
    """
    beginning = asyncio.create_task(client.__aenter__())
    try:
        await asyncio.shield(beginning)
    except BaseException:  # also cancelled: whatever it was, nobody else ends the connection
        leaving = asyncio.create_task(_leave(client, beginning))
        _leavings.add(leaving)
        leaving.add_done_callback(_leavings.discard)
        raise
    try:
        yield
    finally:
        await client.__aexit__(None, None, None)


async def _leave(client: aiomqtt.Client, beginning: asyncio.Task[aiomqtt.Client]) -> None:
    try:
        await asyncio.wait([beginning])
    finally:
        paho = client._client  # noqa: SLF001 - aiomqtt's own end waits for what never began
        paho.on_disconnect = None
        paho.disconnect()


def _words(error: aiomqtt.MqttError) -> str:
    """Return the library's words, which hold neither the user nor the password."""
    return str(error).strip() or type(error).__name__
