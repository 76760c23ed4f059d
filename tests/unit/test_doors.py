from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from aiohttp import ClientSession, ClientTimeout, web

from heatwall.doors import keeping_room
from support.descriptors import no_descriptors_left
from support.eventually import eventually_async
from support.faketime import FakeTime

ROOM = 4


@asynccontextmanager
async def served() -> AsyncIterator[int]:
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
        async with keeping_room(runner, ROOM, FakeTime()):
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
