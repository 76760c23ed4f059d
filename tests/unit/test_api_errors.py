from __future__ import annotations

import logging
from pathlib import Path

import pytest
from aiohttp import ClientResponse, web

from heatwall.errors import DeliveryError
from support.api import serving_api


async def _code(response: ClientResponse) -> tuple[int, str]:
    assert response.content_type == "application/json"
    body = await response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message"}
    return response.status, body["error"]["code"]


async def test_an_unknown_address_is_answered_in_json(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        for address in ("/nothing", "/api/nothing", "/whep/sessions/x/y", "/%00"):
            assert await _code(await stand.client.get(address)) == (404, "not_found")


async def test_a_wrong_method_is_answered_in_json_with_the_right_ones(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        for method, address in (("DELETE", "/api/cameras"), ("POST", "/"), ("GET", "/whep")):
            response = await stand.client.request(method, address)
            assert await _code(response) == (405, "method_not_allowed")
            assert response.headers["Allow"]


async def test_a_body_that_is_too_large_is_answered_in_json(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        response = await stand.client.post(
            "/whep/door", data=b"v" * (512 * 1024 + 1), headers={"Content-Type": "application/sdp"}
        )
        assert await _code(response) == (413, "too_large")


async def test_a_bug_is_logged_once_and_tells_the_client_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_request: web.Request) -> web.Response:
        raise RuntimeError("rtsp://viewer:secret@192.0.2.11/")

    with caplog.at_level(logging.ERROR):
        async with serving_api(tmp_path, [web.get("/broken", broken)]) as stand:
            response = await stand.client.get("/broken")
            text = await response.text()
            assert await _code(response) == (500, "internal")
    assert "secret" not in text
    assert "Traceback" not in text
    assert len(caplog.records) == 1


async def test_a_refusal_keeps_its_status_code_and_words(tmp_path: Path) -> None:
    async def full(_request: web.Request) -> web.Response:
        raise DeliveryError(503, "full", "No room.")

    async with serving_api(tmp_path, [web.get("/full", full)]) as stand:
        response = await stand.client.get("/full")
        assert await _code(response) == (503, "full")
        assert (await response.json())["error"]["message"] == "No room."


async def test_who_is_to_come_again_is_told_when(tmp_path: Path) -> None:
    async def busy(_request: web.Request) -> web.Response:
        raise DeliveryError(503, "busy", "Too much to do.", retry_after_s=5)

    async def full(_request: web.Request) -> web.Response:
        raise DeliveryError(503, "full", "No room.")

    async with serving_api(tmp_path, [web.get("/busy", busy), web.get("/full", full)]) as stand:
        response = await stand.client.get("/busy")
        assert await _code(response) == (503, "busy")
        assert response.headers["Retry-After"] == "5"
        assert "Retry-After" not in (await stand.client.get("/full")).headers


async def test_a_redirect_is_no_error(tmp_path: Path) -> None:
    async def moved(_request: web.Request) -> web.Response:
        raise web.HTTPFound("/")

    async with serving_api(tmp_path, [web.get("/moved", moved)]) as stand:
        response = await stand.client.get("/moved", allow_redirects=False)
        assert response.status == 302
