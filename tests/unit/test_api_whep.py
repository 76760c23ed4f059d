from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse

from heatwall.values import Tier
from support.api import ApiStand, serving_api
from support.sdp import Section, offer

_SDP = {"Content-Type": "application/sdp"}


async def _post(stand: ApiStand, address: str, slots: int = 1) -> ClientResponse:
    return await stand.client.post(address, data=offer(*[Section()] * slots), headers=_SDP)


def _shown(stand: ApiStand) -> list[tuple[str, Tier] | None]:
    sources = [slot.source for slot in stand.connections[-1].slots]
    return [None if source is None else (source.camera, source.tier) for source in sources]


async def _code(response: ClientResponse) -> tuple[int, str]:
    return response.status, (await response.json())["error"]["code"]


async def test_an_offer_gets_an_answer_and_an_address(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        response = await _post(stand, "/whep?camera=door&camera=&camera=till&tier=focus", slots=4)
        assert response.status == 201
        assert response.content_type == "application/sdp"
        assert (await response.text()).startswith("v=0")
        assert _shown(stand) == [("door", Tier.FOCUS), None, ("till", Tier.FOCUS), None]
        session = response.headers["Location"]
        assert session.removeprefix("/whep/sessions/") in stand.sessions


async def test_a_wall_shows_tiles_and_a_plain_player_the_focus_unless_told(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        await _post(stand, "/whep?camera=door")
        assert _shown(stand) == [("door", Tier.TILE)]
        await _post(stand, "/whep/door")
        assert _shown(stand) == [("door", Tier.FOCUS)]
        await _post(stand, "/whep/door?tier=tile")
        assert _shown(stand) == [("door", Tier.TILE)]


async def test_a_patch_changes_a_slot(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        session = (await _post(stand, "/whep?camera=door", slots=2)).headers["Location"]
        slots = [{"slot": 1, "camera": "till", "tier": "focus"}, {"slot": 0, "camera": None}]
        response = await stand.client.patch(session, json={"slots": slots})
        assert response.status == 204
        assert _shown(stand) == [None, ("till", Tier.FOCUS)]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{",
        '{"slots": 1}',
        '{"slots": [{"slot": "0", "camera": "till"}]}',
        '{"slots": [{"slot": 0}]}',
        '{"slots": [{"slot": 0, "camera": "till", "tier": "huge"}]}',
        '{"slots": [], "more": 1}',
        "\udcff",
    ],
)
async def test_a_patch_that_can_not_be_read_is_the_clients_fault(tmp_path: Path, body: str) -> None:
    async with serving_api(tmp_path) as stand:
        session = (await _post(stand, "/whep?camera=door")).headers["Location"]
        response = await stand.client.patch(
            session,
            data=body.encode(errors="surrogateescape"),
            headers={"Content-Type": "application/json"},
        )
        assert await _code(response) == (400, "bad_body")
        assert _shown(stand) == [("door", Tier.TILE)]


async def test_trickled_candidates_are_not_taken(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        session = (await _post(stand, "/whep/door")).headers["Location"]
        response = await stand.client.patch(
            session, data="", headers={"Content-Type": "application/trickle-ice-sdpfrag"}
        )
        assert await _code(response) == (405, "method_not_allowed")


async def test_a_delete_ends_the_session_once(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        session = (await _post(stand, "/whep/door")).headers["Location"]
        assert (await stand.client.delete(session)).status == 200
        assert len(stand.sessions) == 0
        assert await _code(await stand.client.delete(session)) == (404, "unknown_session")


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/whep/attic", 404, "unknown_camera"),
        ("/whep?camera=attic", 404, "unknown_camera"),
        ("/whep?camera=door&camera=till", 400, "too_few_m_lines"),
        ("/whep/door?tier=huge", 400, "unknown_tier"),
    ],
)
async def test_what_can_not_be_shown_is_refused(
    tmp_path: Path, address: str, status: int, code: str
) -> None:
    async with serving_api(tmp_path) as stand:
        assert await _code(await _post(stand, address)) == (status, code)
        assert stand.demand.calls == []


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"garbage", "application/sdp", 400, "bad_sdp"),
        (b"\xff\xfe", "application/sdp", 400, "bad_sdp"),
        (b"v=0\r\n", "application/sdp", 400, "no_video"),
        (b"{}", "application/json", 415, "wrong_content_type"),
    ],
)
async def test_what_is_no_offer_is_refused(
    tmp_path: Path, body: bytes, content_type: str, status: int, code: str
) -> None:
    async with serving_api(tmp_path) as stand:
        headers = {"Content-Type": content_type}
        response = await stand.client.post("/whep/door", data=body, headers=headers)
        assert await _code(response) == (status, code)


async def test_a_full_server_says_so(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        statuses: list[Any] = [(await _post(stand, "/whep/door")).status for _ in range(4)]
        assert statuses == [201, 201, 201, 503]


async def test_options_say_what_is_taken_and_allow_no_other_site(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        for address in ("/whep", "/whep/door"):
            response = await stand.client.options(address)
            assert response.status == 204
            assert response.headers["Accept-Post"] == "application/sdp"
            assert "Access-Control-Allow-Origin" not in response.headers
        response = await stand.client.options("/whep/sessions/x")
        assert response.headers["Accept-Patch"] == "application/json"
