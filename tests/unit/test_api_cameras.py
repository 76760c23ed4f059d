from __future__ import annotations

from pathlib import Path

import msgspec

from heatwall.status import CameraStatus, GroupStatus
from support.api import serving_api


async def test_all_cameras_are_told_in_the_configs_order(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        response = await stand.client.get("/api/cameras")
        assert response.status == 200
        assert response.headers["Cache-Control"] == "no-store"
        cameras = (await response.json())["cameras"]
        assert [camera["id"] for camera in cameras] == ["door", "till"]
        told = msgspec.convert(cameras, list[CameraStatus])
        assert told == stand.wall.statuses()


async def test_the_groups_are_told_in_the_configs_order(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        assert (await (await stand.client.get("/api/cameras")).json())["groups"] == []
        stand.wall.store_groups = [
            GroupStatus("up", "Upstairs", ("till",)),
            GroupStatus("all", "All", ("till", "door")),
        ]
        assert (await (await stand.client.get("/api/cameras")).json())["groups"] == [
            {"id": "up", "name": "Upstairs", "cameras": ["till"]},
            {"id": "all", "name": "All", "cameras": ["till", "door"]},
        ]


async def test_one_camera_is_told_by_its_id(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        camera = await (await stand.client.get("/api/cameras/till")).json()
        assert (camera["id"], camera["state"], camera["people_now"]) == ("till", "live", 3)


async def test_an_unknown_camera_is_not_found(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        response = await stand.client.get("/api/cameras/attic")
        assert response.status == 404
        assert (await response.json())["error"]["code"] == "unknown_camera"
