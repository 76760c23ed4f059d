"""Alarms at a real Mosquitto: accounts, retained states, the last will, a restart of the broker."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiomqtt
import pytest

from heatwall.alarms import mqtt
from heatwall.alarms.courier import Courier
from heatwall.alarms.delivering import Attempt, Result
from heatwall.alarms.events import Event, event_of
from heatwall.alarms.mqtt import Broker
from heatwall.alarms.outbox import Outbox
from heatwall.alarms.rules import Key, Kind, Subject, Watched
from heatwall.alarms.watch import Turn
from heatwall.errors import AlarmError
from support.broker import PASSWORD, USER, Mosquitto, running_broker
from support.certificates import make_pair
from support.eventually import eventually_async

AT = 1_700_000_000.0
WATCHED = Watched(
    Key("queue", "door"), "Door", Subject(Kind.PEOPLE, "till"), 5.0, 30.0, 30.0, ("shop",)
)
FIRED = event_of(WATCHED, Turn.FIRED, 7.0, AT, AT)
CLEARED = event_of(WATCHED, Turn.CLEARED, 1.0, AT, AT + 60)
STATE, STATUS, EVENTS = "shop/alarms/queue/door", "shop/status", "shop/events"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with running_broker(tmp_path) as broker:
        yield broker


def url(
    broker: Mosquitto, password: str = PASSWORD, scheme: str = "mqtt", host: str = "127.0.0.1"
) -> str:
    return f"{scheme}://{USER}:{quote(password)}@{host}:{broker.port}"


class Listener:
    """Hears what a broker says."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, bool]] = []

    def last(self, topic: str) -> str:
        return next((text for at, text, _ in reversed(self.heard) if at == topic), "")

    def all(self, topic: str) -> list[Any]:
        return [json.loads(text) for at, text, _ in self.heard if at == topic]


@contextlib.asynccontextmanager
async def listening(broker: Mosquitto) -> AsyncIterator[Listener]:
    listener = Listener()
    async with aiomqtt.Client("127.0.0.1", broker.port, username=USER, password=PASSWORD) as client:
        await client.subscribe("shop/#", 1)

        async def hear() -> None:
            async for message in client.messages:
                text = bytes(message.payload).decode()
                listener.heard.append((str(message.topic), text, message.retain))

        task = asyncio.ensure_future(hear())
        try:
            yield listener
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, aiomqtt.MqttError):
                await task


@contextlib.asynccontextmanager
async def telling(broker: Mosquitto, current: list[Event]) -> AsyncIterator[Courier]:
    courier = Courier(
        "shop",
        Broker(url(broker), "shop"),
        Outbox(),
        lambda: current,
        lambda: None,
        lambda: AT,
        lambda: 0.0,
    )
    task = asyncio.ensure_future(courier.run())
    try:
        yield courier
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_an_event_is_published_and_its_state_is_retained(broker: Mosquitto) -> None:
    async with listening(broker) as listener, telling(broker, []) as courier:
        courier.put(FIRED)
        courier.put(CLEARED)
        courier.wake()
        await eventually_async(lambda: len(listener.all(STATE)) == 2)
        assert [event["id"] for event in listener.all(EVENTS)] == [FIRED.id, CLEARED.id]
        assert [state["state"] for state in listener.all(STATE)] == ["firing", "ok"]
    async with listening(broker) as late:
        await eventually_async(lambda: late.last(STATE))
        assert json.loads(late.last(STATE))["state"] == "ok"
        assert late.all(EVENTS) == []


async def test_it_says_that_it_is_online_and_when_it_ends_that_it_is_not(
    broker: Mosquitto,
) -> None:
    async with listening(broker) as listener:
        async with telling(broker, []):
            await eventually_async(lambda: listener.last(STATUS) == "online")
        await eventually_async(lambda: listener.last(STATUS) == "offline")


async def test_the_broker_says_that_it_is_offline_when_it_is_gone_without_a_word(
    broker: Mosquitto,
) -> None:
    async with listening(broker) as listener, Broker(url(broker), "shop").open(()) as link:
        await eventually_async(lambda: listener.last(STATUS) == "online")
        wire = link._client._client.socket()
        assert isinstance(wire, socket.socket)
        wire.shutdown(socket.SHUT_RDWR)  # without MQTT's DISCONNECT, as a process that is killed
        await eventually_async(lambda: listener.last(STATUS) == "offline", timeout_s=30)
        assert await asyncio.wait_for(link.broken(), 20)


async def test_a_broker_that_was_restarted_is_told_all_states_and_what_waited(
    broker: Mosquitto,
) -> None:
    async with telling(broker, [FIRED]) as courier:
        async with listening(broker) as listener:
            await eventually_async(lambda: listener.last(STATE))
        await asyncio.to_thread(broker.stop)
        courier.put(CLEARED)
        courier.wake()
        await asyncio.to_thread(broker.start)
        await eventually_async(lambda: len(courier.outbox) == 0, timeout_s=40)
        async with listening(broker) as listener:
            await eventually_async(lambda: listener.last(STATUS) == "online")
            await eventually_async(lambda: listener.last(STATE))
            assert json.loads(listener.last(STATE))["state"] == "ok"


async def test_who_waits_for_a_broker_no_more_leaves_it() -> None:
    host = "127.0.0.1"
    with socket.create_server((host, 0)) as deaf:
        deaf.settimeout(20)
        url = f"mqtt://{host}:{deaf.getsockname()[1]}"
        waiting = asyncio.ensure_future(Broker(url, "shop", limit_s=1.0).open(()).__aenter__())
        connection, _ = await asyncio.to_thread(deaf.accept)
        with connection:
            connection.settimeout(10)
            assert await asyncio.to_thread(connection.recv, 1) == b"\x10"  # MQTT 5.0, 3.1: CONNECT
            waiting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await waiting
            assert await asyncio.to_thread(_to_the_end, connection)


def _to_the_end(connection: socket.socket) -> bool:
    """Read until the other side has closed; whether it did."""
    while connection.recv(1024):
        pass
    return True


async def _why_refused(opening: contextlib.AbstractAsyncContextManager[object]) -> str:
    try:
        async with opening:
            pytest.fail("a broker was believed that anybody could be")
    except AlarmError as error:
        return str(error)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("host", "is_known", "reason"),
    [
        ("localhost", True, None),
        ("localhost", False, "CERTIFICATE_VERIFY_FAILED"),
        ("127.0.0.1", True, "not valid for '127.0.0.1'"),
    ],
    ids=["known", "unknown", "another's"],
)
async def test_with_tls_a_broker_is_told_only_when_its_certificate_is_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, is_known: bool, reason: str | None
) -> None:
    names = ("-nodes", "-addext", "subjectAltName=DNS:localhost")
    pair = make_pair(tmp_path / "tls", "localhost", *names)
    if is_known:  # openssl-env(7): instead of the system's
        monkeypatch.setenv("SSL_CERT_FILE", str(pair[0]))
    with running_broker(tmp_path, pair) as broker:
        opening = Broker(url(broker, scheme="mqtts", host=host), "shop").open(())
        if reason is None:
            async with opening as link:
                assert await link.tell(FIRED) == Attempt(Result.DELIVERED)
            return
        assert reason in await _why_refused(opening)
        del opening
        await eventually_async(lambda: not mqtt._leavings)
        gc.collect()  # paho leaves the socket of a failed handshake to the collector


async def test_a_wrong_password_is_said_without_it(broker: Mosquitto) -> None:
    with pytest.raises(AlarmError) as caught:
        async with Broker(url(broker, "wrong-password"), "shop").open(()):
            pytest.fail("it was let in")
    assert "wrong-password" not in str(caught.value)
