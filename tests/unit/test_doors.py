from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from aiohttp import ClientSession, ClientTimeout, web

from heatwall.doors import House, keeping_room
from heatwall.refusals import Refusal
from support.descriptors import no_descriptors_left
from support.eventually import eventually_async
from support.faketime import FakeTime

ROOM = 4
HOUSE = House(most=ROOM)


@asynccontextmanager
async def served(house: House = HOUSE, now: FakeTime | None = None) -> AsyncIterator[int]:
    """Serve `/`, and an echo as a WebSocket at `/socket`; returns the port."""

    async def index(_: web.Request) -> web.Response:
        return web.Response(text="here")

    async def echo(request: web.Request) -> web.WebSocketResponse:
        page = web.WebSocketResponse()
        await page.prepare(request)
        async for message in page:
            await page.send_str(message.data)
        return page

    app = web.Application()
    app.add_routes([web.get("/", index), web.get("/socket", echo)])
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with keeping_room(runner, house, now or FakeTime()):
            yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("heatwall.doors._LOOK_S", 0.05)


@pytest.mark.usefixtures("quick")
async def test_idle_connections_make_room_and_who_is_served_stays(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with (
        served() as port,
        AsyncExitStack() as stack,
        ClientSession(timeout=ClientTimeout(total=10)) as client,
        client.ws_connect(f"http://127.0.0.1:{port}/socket") as page,
    ):
        crowd = []
        for _ in range(3 * ROOM):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
            writer.write(b"GET / HT")  # and never more, as slow loris does
            crowd.append(reader)

        def left() -> int:
            return sum(not one.at_eof() for one in crowd)

        await eventually_async(lambda: left() <= ROOM)
        await page.send_str("still here")
        assert await page.receive_str(timeout=10) == "still here"
        async with client.get(f"http://127.0.0.1:{port}/") as answer:
            assert await answer.text() == "here"
    assert caplog.text.count("the idle ones are closed") == 1


async def test_without_descriptors_nobody_comes_in_until_there_are_some_and_a_line_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with served() as port:
        with socket.socket() as client:
            client.setblocking(False)
            loop = asyncio.get_running_loop()
            with no_descriptors_left():
                await loop.sock_connect(client, ("127.0.0.1", port))
                await eventually_async(lambda: "nobody can come in" in caplog.text)
            await loop.sock_sendall(
                client, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            )
            answer = await asyncio.wait_for(loop.sock_recv(client, 1000), 10)
            assert answer.startswith(b"HTTP/1.1 200")
    assert caplog.text.count("nobody can come in for the moment: Too many open files") == 1
    assert "Traceback" not in caplog.text


async def test_other_faults_of_the_event_loop_are_told_as_before(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.ERROR)
    async with served():
        loop = asyncio.get_running_loop()
        loop.call_exception_handler({"message": "something else", "exception": OSError(5, "io")})
        assert "something else" in caplog.text
    assert loop.get_exception_handler() is None


async def opened(port: int, stack: AsyncExitStack, sent: bytes = b"") -> asyncio.StreamReader:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    stack.callback(writer.close)
    writer.write(sent)
    return reader


@pytest.mark.usefixtures("quick")
async def test_who_does_not_say_in_time_what_it_wants_is_closed_and_an_idle_one_stays() -> None:
    noted: list[Refusal] = []
    now = FakeTime()
    async with served(House(most=100, note=noted.append), now) as port, AsyncExitStack() as stack:
        idle = await opened(port, stack, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200" in await asyncio.wait_for(idle.readuntil(b"here"), 10)
        slow = [
            await opened(port, stack, said)
            for said in (b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nA: ")
        ]

        async def lasts() -> None:
            for _ in range(5):  # one look after the other, each an answer apart
                again = await opened(port, stack, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                await asyncio.wait_for(again.readuntil(b"here"), 10)

        now.advance(9)
        await lasts()
        assert not any(one.at_eof() for one in slow)

        def are_gone() -> bool:
            now.advance(1)
            return all(one.at_eof() for one in slow)

        await eventually_async(are_gone)
        assert not idle.at_eof()
        assert noted == [Refusal.SLOW_HEAD] * 3


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("is_proxy", [False, True])
async def test_one_address_has_so_many_connections_and_a_proxy_any_number(
    caplog: pytest.LogCaptureFixture, is_proxy: bool
) -> None:
    house = House(most=30, most_each=ROOM, is_proxy=lambda _: is_proxy)
    async with (
        served(house) as port,
        AsyncExitStack() as stack,
        ClientSession(timeout=ClientTimeout(total=10)) as client,
        client.ws_connect(f"http://127.0.0.1:{port}/socket") as page,
    ):
        crowd = [await opened(port, stack) for _ in range(3 * ROOM)]
        if is_proxy:
            crowd += [await opened(port, stack) for _ in range(30)]  # the room for all is next
        await eventually_async(lambda: sum(not one.at_eof() for one in crowd) <= ROOM)
        await page.send_str("still here")
        assert await page.receive_str(timeout=10) == "still here"
    assert ("127.0.0.1 has" in caplog.text) is not is_proxy
