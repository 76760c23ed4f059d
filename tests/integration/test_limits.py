"""Those who would take all of a real server for themselves, and a viewer who notices nothing."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession, ClientTimeout, TCPConnector, web

from heatwall import tls, web_server
from heatwall.api import make_app
from heatwall.api.limits import REFUSALS
from heatwall.clock import monotonic
from heatwall.delivery.fanout import Fanout
from heatwall.delivery.peer import packetise
from heatwall.delivery.session import Sessions
from heatwall.doors import House
from heatwall.refusals import Refusal
from heatwall.web_server import listening
from support.certificates import make_pair
from support.delivery import SIZES
from support.demand import TestSource
from support.eventually import eventually_async
from support.wall import FakeWall

HEAD_S = 1.0
"""What a new connection has here to say what it wants."""

MOST_EACH = 40


@asynccontextmanager
async def served(
    folder: Path, certificate: tls.Certificate | None = None
) -> AsyncIterator[tuple[web.Application, str]]:
    """Serve two cameras as the server does, to this machine."""
    (folder / "index.html").write_text("<!doctype html>")
    source = TestSource(SIZES)
    fanout = Fanout(source, monotonic, packetise)
    wall = FakeWall("door", "till")
    async with Sessions(fanout, wall.cameras.__contains__, 8, monotonic) as sessions:
        app = make_app(
            wall,
            wall,
            sessions,
            folder,
            expiry=lambda: None if certificate is None else certificate.expires_at,
        )
        async with (
            listening(app, "127.0.0.1", 0, certificate) as address,
            source.running(fanout),
        ):
            yield app, address
            await app.shutdown()
    fanout.close()


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the server take this machine for any other, and wait a shorter time."""

    def house(app: web.Application) -> House:
        return House(
            most_each=MOST_EACH,
            is_proxy=lambda _: False,
            head_s=HEAD_S,
            note=app[REFUSALS].note,
        )

    monkeypatch.setattr(web_server, "_house", house)


@asynccontextmanager
async def watched(address: str) -> AsyncIterator[None]:
    """Watch a stream; no picture may be lost or come late while the context lasts."""
    gaps: list[float] = []
    is_over = asyncio.Event()
    began = asyncio.Event()

    async def watch() -> None:
        async with (
            ClientSession(timeout=ClientTimeout(total=60)) as client,
            client.get(f"{address}/api/cameras/door/stream.mp4") as stream,
        ):
            last_s = monotonic()
            while not is_over.is_set():
                assert await stream.content.readany(), "the stream has ended"
                gaps.append(monotonic() - last_s)
                last_s = monotonic()
                began.set()

    async with asyncio.TaskGroup() as group:
        watching = group.create_task(watch())
        async with asyncio.timeout(20):
            await began.wait()
        yield
        is_over.set()
        async with asyncio.timeout(20):
            await watching
    assert max(gaps) < 2.0  # 15 pictures a second; generous to a busy machine


@pytest.mark.usefixtures("strict")
async def test_slow_loris_holds_no_place_and_the_viewer_loses_nothing(tmp_path: Path) -> None:
    async with served(tmp_path) as (app, address), watched(address), AsyncExitStack() as stack:
        port = int(address.rpartition(":")[2])
        crowd: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        for _ in range(30):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
            writer.write(b"POST /whep HTTP/1.1\r\nHost: ")
            crowd.append((reader, writer))

        def are_gone() -> bool:
            for _, writer in crowd:
                if not writer.is_closing():
                    writer.write(b"x")
            return all(reader.at_eof() or writer.is_closing() for reader, writer in crowd)

        await eventually_async(are_gone, timeout_s=20)
        assert app[REFUSALS].counts()[Refusal.SLOW_HEAD] == 30


@pytest.mark.usefixtures("strict")
async def test_a_flood_of_connections_is_cut_to_what_one_address_may_have(tmp_path: Path) -> None:
    async with served(tmp_path) as (app, address), watched(address), AsyncExitStack() as stack:
        port = int(address.rpartition(":")[2])
        crowd = []
        for _ in range(5 * MOST_EACH):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
            writer.write(b"HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n")  # asks, and stays
            crowd.append(reader)
        for reader in crowd:
            await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)

        def left() -> int:
            return sum(not one.at_eof() for one in crowd)

        await eventually_async(lambda: left() <= MOST_EACH, timeout_s=20)
        assert app[REFUSALS].counts()[Refusal.TOO_MANY_CONNECTIONS] > 0


@pytest.mark.usefixtures("strict")
async def test_a_flood_of_requests_is_told_to_wait_and_the_viewer_loses_nothing(
    tmp_path: Path,
) -> None:
    async with (
        served(tmp_path) as (_, address),
        watched(address),
        ClientSession(timeout=ClientTimeout(total=60), connector=TCPConnector(limit=8)) as client,
    ):
        # As an unknown proxy brings them in, which is not spared as programs on this machine are.
        headers = {"X-Forwarded-For": "203.0.113.9"}

        async def ask() -> int:
            path = f"{address}/api/cameras/door/heat/reset"
            async with client.post(path, headers=headers) as answer:
                return answer.status

        statuses = await asyncio.gather(*(ask() for _ in range(1_000)))
    assert statuses.count(429) > 500
    assert set(statuses) <= {403, 429}  # a viewer may not do that: the refusals cost too


async def test_who_never_ends_its_tls_handshake_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_server, "HANDSHAKE_S", 1.0)
    certificate = tls.Certificate(*make_pair(tmp_path / "tls", "wall"))
    async with served(tmp_path, certificate) as (_, address):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(address.rpartition(":")[2]))
        writer.write(b"\x16\x03\x01")  # the first bytes of a hello (RFC 8446 section 5.1)
        async with asyncio.timeout(20):
            assert await reader.read() == b""
        writer.close()
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        async with (
            ClientSession(connector=TCPConnector(ssl=trusting)) as client,
            client.get(f"{address}/metrics") as answer,
        ):
            name = "heatwall_tls_expiry_timestamp_seconds"
            told = re.search(rf"^{name} (\S+)", await answer.text(), re.M)
            assert told is not None
            assert float(told[1]) == certificate.expires_at
