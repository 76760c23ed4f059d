from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from heatwall.alarms.delivering import Attempt, Result
from heatwall.alarms.events import Event, made_up
from heatwall.alarms.webhook import Webhook

SECRET = "a secret of the office"
AT = 1_700_000_000.0


@dataclass
class Office:
    """Takes what is posted and answers as the test says."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    delay: asyncio.Event | None = None
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    async def take(self, request: web.Request) -> web.Response:
        self.posts.append((dict(request.headers), await request.read()))
        if self.delay is not None:
            await self.delay.wait()
        return web.Response(status=self.status, headers=self.headers)


@pytest_asyncio.fixture
async def office() -> AsyncIterator[Office]:
    office = Office()
    app = web.Application()
    app.router.add_post("/hook", office.take)
    async with TestServer(app) as server:
        office.url = str(server.make_url("/hook"))
        yield office


async def tell(url: str, event: Event | None = None, **more: Any) -> Attempt:
    hook = Webhook(url, more.pop("secret", SECRET), lambda: AT, **more)
    async with hook.open(()) as link:
        return await link.tell(event or made_up(AT))


async def test_what_is_posted_is_signed_with_its_time(office: Office) -> None:
    assert (await tell(office.url)).result is Result.DELIVERED
    ((headers, body),) = office.posts
    wanted = hmac.new(SECRET.encode(), f"{int(AT)}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["Heatwall-Signature"] == f"t={int(AT)},v1={wanted}"
    assert headers["Heatwall-Event-Id"] == made_up(AT).id
    assert headers["Content-Type"] == "application/json"
    assert SECRET.encode() not in body


async def test_without_a_secret_nothing_is_signed(office: Office) -> None:
    await tell(office.url, secret=None)
    assert "Heatwall-Signature" not in office.posts[0][0]


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (200, Result.DELIVERED),
        (301, Result.REJECTED),
        (400, Result.REJECTED),
        (404, Result.REJECTED),
        (408, Result.FAILED),
        (429, Result.FAILED),
        (500, Result.FAILED),
        (503, Result.FAILED),
    ],
)
async def test_an_answer_says_whether_to_post_again(
    office: Office, status: int, result: Result
) -> None:
    office.status = status
    assert (await tell(office.url)).result is result


async def test_a_receiver_may_ask_for_a_pause(office: Office) -> None:
    office.status, office.headers = 429, {"Retry-After": "7"}
    assert (await tell(office.url)).retry_after_s == 7


async def test_a_redirect_is_not_followed(office: Office) -> None:
    office.status, office.headers = 307, {"Location": office.url}
    attempt = await tell(office.url)
    assert len(office.posts) == 1
    assert "redirects" in attempt.reason


async def test_who_does_not_answer_is_told_again(office: Office) -> None:
    office.delay = asyncio.Event()
    attempt = await tell(office.url, limit_s=0.2)
    office.delay.set()
    assert attempt.result is Result.FAILED
    assert "0.2 s" in attempt.reason


async def test_who_is_away_is_told_again_and_the_path_stays_a_secret(
    unused_tcp_port: int,
) -> None:
    attempt = await tell(f"http://127.0.0.1:{unused_tcp_port}/hidden-path?key=hidden-key")
    assert attempt.result is Result.FAILED
    assert "hidden" not in attempt.reason
