from __future__ import annotations

from pathlib import Path

from support.api import serving_api


async def test_the_last_hour_is_told_minute_by_minute(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        response = await stand.client.get("/api/cameras/till/history.json")
        assert response.headers["Cache-Control"] == "no-store"
        assert await response.json() == {
            "interval_s": 60,
            "minutes": [
                {"at": 1_700_000_040, "people": 1.5, "most": 3, "in": 2, "out": 1},
                {"at": 1_700_000_100, "people": None, "most": None, "in": 0, "out": 0},
            ],
        }
        assert stand.wall.asked == [("history", "till")]


async def test_a_camera_that_is_not_there_has_no_history(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        response = await stand.client.get("/api/cameras/nowhere/history.json")
        assert response.status == 404
        assert (await response.json())["error"]["code"] == "unknown_camera"
