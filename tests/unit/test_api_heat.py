from __future__ import annotations

import io
import re
from pathlib import Path
from typing import NoReturn

import cv2
import numpy as np
import pytest

from support.api import serving_api


async def test_the_heat_is_told_with_its_unit_and_age(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        response = await stand.client.get("/api/cameras/door/heat.json")
        told = await response.json()
    assert response.headers["Cache-Control"] == "no-store"
    assert told["unit"] == "share of recent time"
    assert (told["half_life_s"], told["age_s"], told["scale"]) == (30.0, 12.5, 0.25)
    assert (told["rows"], told["columns"]) == (45, 80)
    assert told["share"][20][40] == 0.5
    assert told["peak"] == 0.5
    assert told["person_seconds"] == 20.0
    assert told["zones_person_seconds"] == {"queue": 3.25}


@pytest.mark.parametrize(
    ("word", "half_life_s"), [("10m", 600.0), ("600s", 600.0), ("none", None), ("30s", 30.0)]
)
async def test_each_half_life_that_is_kept_can_be_asked_for(
    tmp_path: Path, word: str, half_life_s: float | None
) -> None:
    async with serving_api(tmp_path) as stand:
        response = await stand.client.get(f"/api/cameras/door/heat.npy?half_life={word}")
        assert response.status == 200
        assert stand.wall.asked == [("door", half_life_s, None)]


@pytest.mark.parametrize("word", ["11m", "soon", "", "-30s", "nan"])
async def test_a_half_life_that_is_not_kept_is_refused_with_those_that_are(
    tmp_path: Path, word: str
) -> None:
    async with serving_api(tmp_path) as stand:
        response = await stand.client.get("/api/cameras/door/heat.json", params={"half_life": word})
        assert response.status == 400
        error = (await response.json())["error"]
    assert error["code"] == "unknown_half_life"
    assert "30s, 10m, none" in error["message"]


async def test_the_heat_comes_as_an_array(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        response = await stand.client.get("/api/cameras/door/heat.npy")
        array = np.load(io.BytesIO(await response.read()), allow_pickle=False)
        expected = stand.wall.shares
    assert array.dtype == np.float32
    assert np.array_equal(array, expected)
    assert response.headers["X-Heat-Unit"] == "share of recent time"
    assert response.headers["X-Heat-Half-Life"] == "30s"
    assert response.headers["X-Heat-Scale"] == "0.25"


async def test_the_heat_comes_as_a_picture_that_is_clear_where_nobody_was(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        response = await stand.client.get("/api/cameras/door/heat.png?size=640x360")
        assert response.content_type == "image/png"
        packed = np.frombuffer(await response.read(), np.uint8)
    picture = np.asarray(cv2.imdecode(packed, cv2.IMREAD_UNCHANGED))
    assert picture.shape == (360, 640, 4)
    assert picture[164, 324, 3] > 100
    assert picture[20, 20, 3] == 0


@pytest.mark.parametrize("size", ["0x10", "9000x10", "12", "axb", "640X360", "-1x4"])
async def test_a_size_that_can_not_be_drawn_is_refused(tmp_path: Path, size: str) -> None:
    async with serving_api(tmp_path) as stand:
        response = await stand.client.get(f"/api/cameras/door/heat.png?size={size}")
        assert response.status == 400
        assert (await response.json())["error"]["code"] == "bad_size"


async def test_a_class_has_its_own_heat(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        told = await (await stand.client.get("/api/cameras/door/heat.json?class=person")).json()
        assert told["class_name"] == "person"
        refused = await stand.client.get("/api/cameras/door/heat.json?class=dog")
        assert refused.status == 400
        assert "person" in (await refused.json())["error"]["message"]


async def test_a_camera_that_saw_nothing_yet_says_so(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        stand.wall.forget_heat("door")
        for kind in ("json", "npy", "png"):
            response = await stand.client.get(f"/api/cameras/door/heat.{kind}")
            assert response.status == 409
            assert (await response.json())["error"]["code"] == "no_heat_yet"


async def test_heat_and_counts_can_be_reset(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        for what in ("heat", "counts"):
            response = await stand.client.post(f"/api/cameras/door/{what}/reset")
            assert response.status == 204
        assert stand.wall.asked == [("reset heat", "door"), ("reset counts", "door")]


async def test_the_overlay_is_changed_and_told(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        changed = await stand.client.patch(
            "/api/cameras/door/overlay", json={"colormap": "turbo", "shown": "10m"}
        )
        assert changed.status == 200
        answered = await changed.json()
        told = await (await stand.client.get("/api/cameras/door/overlay")).json()
    assert told == answered
    assert (told["colormap"], told["shown"]) == ("turbo", "10m")


async def test_a_wrong_change_tells_what_is_allowed_and_changes_nothing(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        response = await stand.client.patch(
            "/api/cameras/door/overlay", json={"colormap": "infrno", "shown": "10m"}
        )
        assert response.status == 422
        body = await response.json()
        assert body["error"]["code"] == "invalid"
        assert body["faults"] == [
            {
                "key": "colormap",
                "message": "is no colour map",
                "found": "'infrno'",
                "allowed": "autumn, bone",
            }
        ]
        assert stand.wall.settings["shown"] == "30s"


@pytest.mark.parametrize("body", ["", "[1]", "{", '"turbo"', "\xff"])
async def test_a_change_that_is_no_object_is_refused(tmp_path: Path, body: str) -> None:
    async with serving_api(tmp_path) as stand:
        response = await stand.client.patch(
            "/api/cameras/door/overlay", data=body.encode("latin-1")
        )
        assert response.status == 400
        assert (await response.json())["error"]["code"] == "bad_json"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "heat.json"),
        ("GET", "heat.npy"),
        ("GET", "heat.png"),
        ("POST", "heat/reset"),
        ("POST", "counts/reset"),
        ("GET", "overlay"),
        ("PATCH", "overlay"),
    ],
)
async def test_an_unknown_camera_has_no_heat(tmp_path: Path, method: str, path: str) -> None:
    async with serving_api(tmp_path) as stand:
        response = await stand.client.request(method, f"/api/cameras/attic/{path}", json={})
        assert response.status == 404
        assert (await response.json())["error"]["code"] == "unknown_camera"


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "heat/reset"), ("POST", "counts/reset"), ("PATCH", "overlay")],
)
async def test_another_sites_page_changes_nothing(tmp_path: Path, method: str, path: str) -> None:
    async with serving_api(tmp_path) as stand:
        response = await stand.client.request(
            method, f"/api/cameras/door/{path}", json={}, headers={"Origin": "https://evil.test"}
        )
        assert response.status == 403
        assert stand.wall.asked == []


async def test_with_a_legend_the_heat_is_a_picture_to_keep(tmp_path: Path) -> None:
    async with serving_api(tmp_path, wall_clock=lambda: 1_700_000_000.0) as stand:
        stand.wall.shapes = {
            "lines": {"door": {"from": [0.1, 0.9], "to": [0.9, 0.9], "inside": "below"}},
            "zones": {"queue": {"polygon": [[0.6, 0.1], [0.9, 0.1], [0.9, 0.3]]}},
        }
        response = await stand.client.get("/api/cameras/door/heat.png?legend=true")
        packed = np.frombuffer(await response.read(), np.uint8)
    assert response.content_type == "image/png"
    assert response.headers["Cache-Control"] == "no-store"
    pattern = r'attachment; filename="door heat 2023-11-1[45] \d\d\.\d\d\.20\.png"'
    assert re.fullmatch(pattern, response.headers["Content-Disposition"])
    picture = np.asarray(cv2.imdecode(packed, cv2.IMREAD_UNCHANGED))
    assert picture.shape[1:] == (1280, 3)
    assert picture.shape[0] > 720 + 80
    hot, cold, line = picture[328, 648], picture[20, 20], picture[647, 640]
    assert hot.astype(int).sum() > 400
    assert cold.max() < 40
    assert line.min() > 60


async def test_a_picture_to_keep_has_the_size_and_the_half_life_that_are_asked_for(
    tmp_path: Path,
) -> None:
    async with serving_api(tmp_path) as stand:
        path = "/api/cameras/door/heat.png?legend=true&size=640x360&half_life=none&class=person"
        response = await stand.client.get(path)
        packed = np.frombuffer(await response.read(), np.uint8)
        assert stand.wall.asked == [("door", None, "person")]
    picture = np.asarray(cv2.imdecode(packed, cv2.IMREAD_UNCHANGED))
    assert picture.shape[1] == 640
    assert 360 + 40 < picture.shape[0] < 360 + 100


@pytest.mark.parametrize("word", ["", "1", "yes", "TRUE"])
async def test_whether_there_is_a_legend_is_true_or_false(tmp_path: Path, word: str) -> None:
    async with serving_api(tmp_path) as stand:
        response = await stand.client.get("/api/cameras/door/heat.png", params={"legend": word})
        assert response.status == 400
        error = (await response.json())["error"]
    assert error["code"] == "bad_legend"
    assert error["message"] == f"legend is {word!r}; allowed: true or false."


async def test_without_a_legend_the_picture_is_clear_as_ever(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        response = await stand.client.get("/api/cameras/door/heat.png?legend=false")
        packed = np.frombuffer(await response.read(), np.uint8)
    assert "Content-Disposition" not in response.headers
    assert np.asarray(cv2.imdecode(packed, cv2.IMREAD_UNCHANGED)).shape == (360, 640, 4)


async def test_a_half_life_that_goes_while_it_is_asked_for_is_no_fault_of_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving_api(tmp_path) as stand:

        async def is_gone(*_: object) -> NoReturn:
            raise ValueError("tuple.index(x): x not in tuple")

        monkeypatch.setattr(stand.wall, "heat", is_gone)
        response = await stand.client.get("/api/cameras/door/heat.json")
        assert response.status == 409
        assert (await response.json())["error"]["code"] == "just_changed"
