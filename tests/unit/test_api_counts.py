from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from support.api import ApiStand, serving_api


@pytest.fixture(autouse=True)
def in_tallinn(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the machine stand two hours east of Greenwich."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "EET-2")
        time.tzset()
        yield
    time.tzset()


async def rows_of(stand: ApiStand, path: str) -> list[dict[str, str]]:
    response = await stand.client.get(path)
    assert response.status == 200
    body = await response.read()
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))


async def test_a_cameras_counts_come_as_a_table_to_keep(tmp_path: Path) -> None:
    async with serving_api(tmp_path, wall_clock=lambda: 1_700_000_100.7) as stand:
        response = await stand.client.get("/api/cameras/door/counts.csv")
        body = await response.read()
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Content-Disposition"] == (
        'attachment; filename="door counts 2023-11-15 00.15.00.csv"'
    )
    head, *lines = body.decode("utf-8").split("\r\n")
    assert head == (
        "\ufeffcamera,camera_name,kind,name,class,in,out,people_now,person_seconds,visits,"
        "dwell_mean_s,dwell_median_s,dwell_p90_s,since,at"
    )
    times = "2023-11-15T00:13:20+02:00,2023-11-15T00:15:00+02:00"
    assert lines == [
        f"door,Door,line,door,all,5,3,,,,,,,{times}",
        f"door,Door,line,door,person,5,3,,,,,,,{times}",
        f"door,Door,zone,queue,all,9,7,2,812.5,9,90.0,80.0,,{times}",
        f"door,Door,zone,queue,person,9,7,2,,,,,,{times}",
        "",
    ]


async def test_all_cameras_stand_in_one_table(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        rows = await rows_of(stand, "/api/counts.csv")
        response = await stand.client.get("/api/counts.csv")
    assert [row["camera"] for row in rows] == ["door"] * 4 + ["till"] * 4
    assert response.headers["Content-Disposition"].startswith('attachment; filename="counts 2')


async def test_names_keep_their_letters_and_are_not_run(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        was = stand.wall.cameras["door"]
        stand.wall.cameras["door"] = msgspec.structs.replace(was, name='=Bäckerei, "Süd"')
        rows = await rows_of(stand, "/api/cameras/door/counts.csv")
    assert {row["camera_name"] for row in rows} == {'\'=Bäckerei, "Süd"'}


async def test_a_camera_without_lines_and_zones_has_an_empty_table(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        was = stand.wall.cameras["door"]
        bare = msgspec.structs.replace(was, lines={}, zones={}, counts_since=None)
        stand.wall.cameras["door"] = bare
        assert await rows_of(stand, "/api/cameras/door/counts.csv") == []


async def test_where_nobody_knows_since_when_it_counts_the_cell_is_empty(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        was = stand.wall.cameras["door"]
        stand.wall.cameras["door"] = msgspec.structs.replace(was, counts_since=None)
        rows = await rows_of(stand, "/api/cameras/door/counts.csv")
    assert {row["since"] for row in rows} == {""}


async def test_a_camera_that_is_not_there_has_no_table(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        response = await stand.client.get("/api/cameras/nowhere/counts.csv")
        assert response.status == 404
