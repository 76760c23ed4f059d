"""Asking a server everything there is, rightly and wrongly, and keeping all that it answers."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import defaultdict
from typing import Any

from aiohttp import ClientSession, ClientTimeout

from heatwall.api.rights import COOKIE, NEEDS
from support.canary_wall import SECRETS
from support.sdp import Section, offer

_LIMIT_S = 20
_LISTEN_S = 2.5
_LIMIT = ClientTimeout(total=_LIMIT_S)
_MOST = 64 * 1024
"""Bytes of an answer that are read: a film never ends."""

_PAGE = ("/", "/js/main.js", "/js/whep.js", "/js/api.js", "/css/page.css")
_MEDIA = ("snapshot.jpg", "stream.mp4", "heat.png", "heat.npy")
_JSON = {"Content-Type": "application/json"}


class Talk:
    """What one client has heard.

    Attributes:
        address: Of the server.
        heard: Bytes by channel.
        cookie: That of the log-in; a secret itself.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.heard: defaultdict[str, bytes] = defaultdict(bytes)
        self.cookie = ""

    async def have(self) -> None:
        """Ask it all."""
        async with ClientSession(timeout=_LIMIT) as client:
            await self._log_in(client)
            cookie = {"Cookie": f"{COOKIE}={self.cookie}"}
            token = {"Authorization": f"Bearer {SECRETS['a token']}"}
            wrong = {"Authorization": f"Bearer {SECRETS['a wrong token']}"}
            for headers in (cookie, token, wrong, {}):
                await self._walk(client, headers)
            await self._listen(client, cookie)
            for path in _PAGE:
                await self._ask(client, "GET", path, {}, channel="the page's files")
        await self._say_nonsense()

    async def scrape(self) -> None:
        """Read what machines read."""
        token = {"Authorization": f"Bearer {SECRETS['a token']}"}
        async with ClientSession(timeout=_LIMIT) as client:
            for path, channel in (
                ("/metrics", "the metrics"),
                ("/api/openapi.json", "the OpenAPI page"),
                ("/api/ice", "the ICE servers of a viewer"),
                ("/api/alarms", "the alarms"),
                ("/api/cameras", "the cameras"),
            ):
                await self._ask(client, "GET", path, token, channel=channel)

    async def _log_in(self, client: ClientSession) -> None:
        right = {"user": "anna", "password": SECRETS["a user's password"]}
        tried = (
            right | {"password": SECRETS["a wrong password that was tried"]},
            right | {"user": SECRETS["a password typed as a user's name"]},
            {"user": SECRETS["a password typed as a user's name"]},
            right,
        )
        for body in tried:
            async with client.post(
                f"{self.address}/api/login", data=json.dumps(body), headers=_JSON
            ) as response:
                self.heard["the answers' bodies"] += await response.read()
                if response.status == 200:
                    self.cookie = response.cookies[COOKIE].value
        assert self.cookie

    async def _walk(self, client: ClientSession, headers: dict[str, str]) -> None:
        """Use every route as it is meant and as it is not."""
        body = SECRETS["one in a body that is refused"]
        bodies: list[tuple[str, dict[str, str]]] = [
            (json.dumps({"colormap": f"rtsp://u:{body}@h/", "password": body}), _JSON),
            (f'{{"user": "{body}', _JSON),
            (offer(Section()), {"Content-Type": "application/sdp"}),
        ]
        typed = f"?password={SECRETS['one in a query that somebody typed']}"
        for method, address in sorted(NEEDS):
            if address in {"/api/live", "/api/media", "/api/login", "/api/logout"}:
                continue
            path = address.replace("{id}", "door").replace("{sid}", "nobody")
            if path.endswith("/stream.mp4") and method == "GET" and "Cookie" not in headers:
                continue
            await self._ask(client, method, path, headers)
            await self._ask(client, method, path + typed, headers)
            await self._ask(client, "PROPFIND", path, headers)
            for data, kind in bodies if method not in {"GET", "OPTIONS"} else ():
                await self._ask(client, method, path, headers | kind, data)

    async def _ask(
        self,
        client: ClientSession,
        method: str,
        path: str,
        headers: dict[str, str],
        data: str | None = None,
        channel: str = "",
    ) -> None:
        referer = {"Referer": f"{self.address}/?token={SECRETS['a token']}"}
        async with client.request(
            method, self.address + path, headers=headers | referer, data=data
        ) as response:
            told = await response.content.read(_MOST)
            said = repr([*response.headers.items(), response.reason]).encode()
        if path.startswith("/api/ice"):
            channel = "the ICE servers of a viewer"
        is_media = path.partition("?")[0].endswith(_MEDIA) and response.status == 200
        links = "the Link headers of a viewer" if "Link" in response.headers else ""
        self.heard[links or "the answers' headers"] += said
        self.heard[channel or ("media" if is_media else "the answers' bodies")] += told

    async def _listen(self, client: ClientSession, headers: dict[str, str]) -> None:
        """Hear what a page hears, and send what no page sends."""
        for path in ("/api/live", "/api/media"):
            async with client.ws_connect(self.address + path, headers=headers) as socket:
                # The server's pings would begin receive's own time-out anew.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_LISTEN_S):
                        for _ in range(2):
                            self._keep((await socket.receive()).data)
                await socket.send_str(SECRETS["one in a body that is refused"])
                async with asyncio.timeout(_LIMIT_S):
                    message = await socket.receive()
                self._keep(f"{message.data} {message.extra}")

    def _keep(self, said: Any) -> None:
        text = said if isinstance(said, bytes) else str(said).encode()
        self.heard["the WebSockets' messages"] += text

    async def _say_nonsense(self) -> None:
        """Send what is no HTTP; the answer may repeat it to who has said it, and the log not."""
        host, _, port = self.address.rpartition("/")[2].partition(":")
        token = SECRETS["a wrong token"]
        for text in (
            f"GET /?password={token} HTTP/9.9\r\n\r\n",
            f"GET / HTTP/1.1\r\nAuthorization: Bearer {token}\x00\r\n\r\n",
            f"GET / HTTP/1.1\r\nHost: h\r\nCookie: heatwall={token}\r\nbad header: x\r\n\r\n",
            f"POST /api/login HTTP/1.1\r\nHost: h\r\nContent-Length: {token}\r\n\r\n",
        ):
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(text.encode())
            with contextlib.suppress(TimeoutError, OSError):
                async with asyncio.timeout(5):
                    await reader.read(_MOST)
            writer.close()
