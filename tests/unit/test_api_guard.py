from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import WSServerHandshakeError

from heatwall.api.guard import policy_for
from heatwall.values import Tier
from support.api import ApiStand, serving_api
from support.sdp import Section, offer


def _own(stand: ApiStand) -> str:
    return str(stand.client.make_url("")).rstrip("/")


async def _post(stand: ApiStand, origin: str | None) -> int:
    headers = {"Content-Type": "application/sdp"} | ({"Origin": origin} if origin else {})
    response = await stand.client.post("/whep/door", data=offer(Section()), headers=headers)
    return response.status


async def test_only_the_own_page_or_a_program_may_open_a_session(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        assert await _post(stand, None) == 201
        assert await _post(stand, _own(stand)) == 201
        for origin in ("http://evil.example", "null", "http://[", "http://127.0.0.1:1", "x"):
            assert await _post(stand, origin) == 403
        assert len(stand.connections) == 2


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
async def test_another_site_may_not_touch_a_session(tmp_path: Path, method: str) -> None:
    async with serving_api(tmp_path) as stand:
        sid, _ = await stand.sessions.create(offer(Section()), [], Tier.TILE)
        response = await stand.client.request(
            method, f"/whep/sessions/{sid}", headers={"Origin": "http://evil.example"}
        )
        assert response.status == 403
        assert sid in stand.sessions


async def test_another_sites_page_gets_no_websocket(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        with pytest.raises(WSServerHandshakeError) as caught:
            await stand.client.ws_connect("/api/live", headers={"Origin": "http://evil.example"})
        assert caught.value.status == 403
        async with stand.client.ws_connect("/api/live", headers={"Origin": _own(stand)}) as socket:
            assert (await socket.receive_json(timeout=10))["type"] == "cameras"


async def test_every_answer_has_the_security_headers(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        for address in ("/", "/api/cameras", "/nothing", "/metrics"):
            headers = (await stand.client.get(address)).headers
            assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
            assert "unsafe" not in headers["Content-Security-Policy"]
            assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
            assert "camera=()" in headers["Permissions-Policy"]
            assert "Access-Control-Allow-Origin" not in headers


def test_a_page_may_open_websockets_to_its_own_host_and_to_no_other() -> None:
    policy = policy_for("wall.example:8443")
    assert "connect-src 'self' ws://wall.example:8443 wss://wall.example:8443;" in policy
    assert "connect-src 'self' ws://[fd00::2]:80 wss://[fd00::2]:80;" in policy_for("[fd00::2]:80")


@pytest.mark.parametrize("host", ["", "a; script-src *", "a b", "*", "a,b", "a:b", "ä.example\n"])
def test_a_host_that_is_none_changes_nothing_in_the_policy(host: str) -> None:
    assert policy_for(host) == policy_for("")
    assert "connect-src 'self';" in policy_for(host)
