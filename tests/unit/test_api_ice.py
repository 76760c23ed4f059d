from __future__ import annotations

from pathlib import Path

from heatwall.delivery.ice_servers import LIFETIME_S, IceServer
from support.api import serving_api
from support.sdp import Section, offer

SERVERS = (IceServer("stun:192.0.2.1:3478"), IceServer("turn:192.0.2.1:3478", "wall", "pass"))
_SDP = {"Content-Type": "application/sdp"}


async def test_a_page_is_told_the_servers_in_the_words_of_browsers(tmp_path: Path) -> None:
    async with serving_api(tmp_path, ice_servers=lambda: SERVERS) as stand:
        response = await stand.client.get("/api/ice")
        assert response.status == 200
        assert response.headers["Cache-Control"] == "no-store"
        assert await response.json() == {
            "ice_servers": [
                {"urls": ["stun:192.0.2.1:3478"]},
                {"urls": ["turn:192.0.2.1:3478"], "username": "wall", "credential": "pass"},
            ],
            "lifetime_s": LIFETIME_S,
        }


async def test_without_servers_a_page_is_told_none(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        body = await (await stand.client.get("/api/ice")).json()
        assert body["ice_servers"] == []


async def test_a_whep_player_is_told_the_servers_with_the_answer(tmp_path: Path) -> None:
    async with serving_api(tmp_path, ice_servers=lambda: SERVERS) as stand:
        for address in ("/whep?camera=door", "/whep/door"):
            response = await stand.client.post(address, data=offer(Section()), headers=_SDP)
            assert response.status == 201
            # aiohttp reads Link headers as RFC 8288 says.
            links = {str(link["url"]) for link in response.links.values()}
            assert links == {"stun:192.0.2.1:3478", "turn:192.0.2.1:3478"}
            assert response.headers["Link"].count('rel="ice-server"') == 2
            assert 'credential="pass"; credential-type="password"' in response.headers["Link"]


async def test_without_servers_there_is_no_link(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        response = await stand.client.post("/whep/door", data=offer(Section()), headers=_SDP)
        assert "Link" not in response.headers
