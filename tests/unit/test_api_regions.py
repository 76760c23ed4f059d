from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from heatwall.roles import Role
from support.api import EVERYBODY, serving_api

PATH = "/api/cameras/door/regions"
DRAWN: dict[str, Any] = {
    "lines": {"door": {"from": [0.1, 0.7], "to": [0.9, 0.7], "inside": "below"}},
    "zones": {"queue": {"polygon": [[0, 0], [1, 0], [1, 1]]}},
}
NOTHING: dict[str, Any] = {"lines": {}, "zones": {}}


async def test_lines_and_zones_are_told_and_drawn_anew(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        told = await stand.client.get(PATH)
        assert (told.status, await told.json()) == (200, NOTHING)
        assert told.headers["Cache-Control"] == "no-store"
        for body in (DRAWN, DRAWN | {"keep": "run"}):
            changed = await stand.client.put(PATH, json=body)
            assert (changed.status, await changed.json()) == (200, DRAWN)
        assert await (await stand.client.get(PATH)).json() == DRAWN
        assert stand.wall.asked == [("regions", "door")] * 2


async def test_they_are_saved_where_that_is_asked_for(tmp_path: Path) -> None:
    async with serving_api(tmp_path, config_file=tmp_path / "wall.yaml") as stand:
        changed = await stand.client.put(PATH, json=DRAWN | {"keep": "file"})
        assert (changed.status, await changed.json()) == (200, DRAWN)
        assert stand.wall.asked == [("regions", "door"), ("save", "door")]


async def test_a_save_that_fails_says_why_and_leaves_them_in_use(tmp_path: Path) -> None:
    async with serving_api(tmp_path, config_file=tmp_path / "wall.yaml") as stand:
        stand.wall.save_fails = True
        response = await stand.client.put(PATH, json=DRAWN | {"keep": "file"})
        assert response.status == 409
        error = (await response.json())["error"]
        assert (error["code"], error["message"]) == ("not_editable", "by hand:\nlines:")
        assert await (await stand.client.get(PATH)).json() == DRAWN


async def test_without_a_config_file_nothing_is_saved_and_nothing_changes(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        response = await stand.client.put(PATH, json=DRAWN | {"keep": "file"})
        assert response.status == 409
        assert (await response.json())["error"]["code"] == "no_file"
        assert stand.wall.asked == []


async def test_an_operator_draws_and_an_admin_saves(tmp_path: Path) -> None:
    file = tmp_path / "wall.yaml"
    async with serving_api(tmp_path, open_role=EVERYBODY[Role.OPERATOR], config_file=file) as stand:
        saved = await stand.client.put(PATH, json=DRAWN | {"keep": "file"})
        assert (saved.status, (await saved.json())["error"]["code"]) == (403, "forbidden")
        assert stand.wall.asked == []
        assert (await stand.client.put(PATH, json=DRAWN)).status == 200


async def test_a_viewer_looks_alone(tmp_path: Path) -> None:
    async with serving_api(tmp_path, open_role=EVERYBODY[Role.VIEWER]) as stand:
        assert (await stand.client.get(PATH)).status == 200
        assert (await stand.client.put(PATH, json=DRAWN)).status == 403


async def test_faults_are_told_with_their_keys(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        response = await stand.client.put(PATH, json={"lines": {}})
        assert response.status == 422
        body = await response.json()
        assert body["error"]["code"] == "invalid"
        fault = {"key": "zones", "message": "is missing", "found": None, "allowed": "a map"}
        assert body["faults"] == [fault]


@pytest.mark.parametrize(
    ("keep", "found"), [("forever", "'forever'"), (None, "nothing"), (True, "true"), ({}, "a map")]
)
async def test_for_how_long_is_one_of_two_words(tmp_path: Path, keep: Any, found: str) -> None:
    async with serving_api(tmp_path) as stand:
        response = await stand.client.put(PATH, json=DRAWN | {"keep": keep})
        assert response.status == 422
        (fault,) = (await response.json())["faults"]
        assert (fault["key"], fault["found"]) == ("keep", found)
        assert "run" in fault["allowed"]
        assert "file" in fault["allowed"]
        assert stand.wall.asked == []


@pytest.mark.parametrize("body", ["", "[1]", "{", '{"lines":' * 20_000])
async def test_a_body_that_is_no_object_is_refused(tmp_path: Path, body: str) -> None:
    async with serving_api(tmp_path) as stand:
        response = await stand.client.put(PATH, data=body)
        assert response.status == 400
        assert stand.wall.asked == []


@pytest.mark.parametrize("method", ["GET", "PUT"])
async def test_an_unknown_camera_has_none(tmp_path: Path, method: str) -> None:
    async with serving_api(tmp_path) as stand:
        response = await stand.client.request(method, "/api/cameras/attic/regions", json=DRAWN)
        assert response.status == 404
        assert (await response.json())["error"]["code"] == "unknown_camera"


async def test_another_sites_page_draws_nothing(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        headers = {"Origin": "https://evil.test"}
        response = await stand.client.put(PATH, json=DRAWN, headers=headers)
        assert response.status == 403
        assert stand.wall.asked == []
