"""A real nginx before the server, by the example in `configs`, at its root and below a path."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession, ClientTimeout, TCPConnector, WSMsgType, web

from heatwall.api.peer_address import client_of
from heatwall.forwarded import Proxy
from support.delivery import serving_delivery
from support.eventually import eventually_async
from support.nginx import Nginx, nginx
from support.viewer import Viewer

PREFIXES = ["", "/heatwall"]
DEADLINE = ClientTimeout(total=30)


@dataclass(frozen=True, slots=True)
class Front:
    """What a test holds: where nginx listens, its address for the wall, and a client."""

    nginx: Nginx
    own: str
    at: str
    client: ClientSession


@asynccontextmanager
async def behind_nginx(folder: Path, prefix: str) -> AsyncIterator[Front]:
    """Serve two cameras behind nginx."""

    async def who(request: web.Request) -> web.Response:
        return web.json_response(asdict(client_of(request)))

    proxy = Proxy((ipaddress.ip_network("127.0.0.1"),), prefix=prefix)
    pages, conf = folder / "pages", folder / "nginx"
    pages.mkdir()
    conf.mkdir()
    async with serving_delivery(pages, proxy=proxy, more_routes=[web.get("/who", who)]) as stand:
        port = urlsplit(stand.base).port or 0
        # In a thread each: what they wait for needs this event loop.
        front = nginx(conf, port)
        found = await asyncio.to_thread(front.__enter__)
        try:
            async with ClientSession(timeout=DEADLINE, connector=TCPConnector(ssl=False)) as client:
                own = found.base(prefix)
                yield Front(found, own, own + prefix, client)
        finally:
            await asyncio.to_thread(front.__exit__, None, None, None)


@pytest.mark.parametrize("prefix", PREFIXES)
async def test_page_api_and_websockets_come_through(tmp_path: Path, prefix: str) -> None:
    async with behind_nginx(tmp_path, prefix) as front:
        async with front.client.get(f"{front.at}/") as answer:
            assert (answer.status, answer.content_type) == (200, "text/html")
        async with front.client.get(f"{front.at}/api/cameras") as answer:
            assert [one["id"] for one in (await answer.json())["cameras"]] == ["door", "till"]
        async with front.client.ws_connect(f"{front.at}/api/live", origin=front.own) as live:
            assert (await live.receive_json(timeout=10))["type"] == "cameras"
        async with front.client.ws_connect(f"{front.at}/api/media", origin=front.own) as media:
            await media.send_json({"slots": [{"slot": 0, "camera": "door", "tier": "tile"}]})
            for _ in range(3):
                assert (await media.receive(timeout=20)).type is WSMsgType.BINARY


@pytest.mark.parametrize("prefix", PREFIXES)
async def test_a_session_is_opened_changed_and_ended(tmp_path: Path, prefix: str) -> None:
    async with behind_nginx(tmp_path, prefix) as front:
        viewer = Viewer(front.nginx.base(prefix, is_tls=False))
        try:
            await viewer.open(f"{prefix}/whep?camera=door")
            assert viewer.location.startswith(f"{prefix}/whep/sessions/")
            await eventually_async(lambda: len(viewer.frames[0]) > 0, timeout_s=20)
            change = {"slots": [{"slot": 0, "camera": "till", "tier": "tile"}]}
            assert await viewer.request("PATCH", change) == 204
            assert await viewer.request("DELETE") == 200
            assert await viewer.request("DELETE") == 404
        finally:
            await viewer.close()


@pytest.mark.parametrize("prefix", PREFIXES)
async def test_the_live_stream_is_not_held_back(tmp_path: Path, prefix: str) -> None:
    async with (
        behind_nginx(tmp_path, prefix) as front,
        front.client.get(f"{front.at}/api/cameras/till/stream.mp4") as stream,
    ):
        assert stream.content_type == "video/mp4"
        pictures, pieces = 0, 0
        async with asyncio.timeout(20):
            while pictures < 10:
                pictures += (await stream.content.readany()).count(b"moof")
                pieces += 1
        assert pieces >= 8, "they came in lumps"


async def test_another_sites_page_may_do_nothing(tmp_path: Path) -> None:
    async with behind_nginx(tmp_path, "") as front:
        post = front.client.post
        for origin, status in {
            "https://evil.example": 403,
            front.own.replace("https", "http"): 403,
            "https://127.0.0.1": 403,  # another port is another site
            front.own: 415,  # let in, to be told that it sent no offer
        }.items():
            async with post(f"{front.at}/whep", data=b"x", headers={"Origin": origin}) as answer:
                assert answer.status == status, origin


async def test_what_a_client_says_of_itself_is_not_believed(tmp_path: Path) -> None:
    forged = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "for=203.0.113.9;proto=http;host=evil.example",
    }
    async with (
        behind_nginx(tmp_path, "") as front,
        front.client.get(f"{front.at}/who", headers=forged) as answer,
    ):
        assert await answer.json() == {
            "ip": "127.0.0.1",
            "scheme": "https",
            "host": f"127.0.0.1:{front.nginx.tls}",
            "is_scheme_known": True,
            "is_proxied": True,
        }


async def test_the_path_without_its_slash_leads_to_the_page(tmp_path: Path) -> None:
    async with behind_nginx(tmp_path, "/heatwall") as front:
        async with front.client.get(front.at, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (308, "/heatwall/")
        async with front.client.get(front.at) as answer:
            assert (answer.status, answer.url.path) == (200, "/heatwall/")
