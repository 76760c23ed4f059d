"""What lines and zones have counted, as a table for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aiohttp import web

from heatwall.api.cameras import known_camera
from heatwall.api.keeping import WALL_CLOCK, kept_as, local
from heatwall.api.rights import grant_of
from heatwall.api.wall import WALL
from heatwall.counts_table import COLUMNS, Row, count_rows, csv_text
from heatwall.status import CameraStatus

_COLUMNS = ("camera", "camera_name", *COLUMNS, "since", "at")


def counts_routes() -> list[web.RouteDef]:
    """Return the routes of the counts."""
    return [
        web.get("/api/counts.csv", _of_all),
        web.get("/api/cameras/{id}/counts.csv", _of_one),
    ]


async def _of_all(request: web.Request) -> web.Response:
    """Answer with the counts of all cameras that may be seen."""
    grant = grant_of(request)
    seen = [camera for camera in request.app[WALL].statuses() if grant.sees(camera.id)]
    return _answer(request, seen, "counts")


async def _of_one(request: web.Request) -> web.Response:
    """Answer with the counts of one camera."""
    camera = known_camera(request)
    return _answer(request, [request.app[WALL].status(camera)], f"{camera} counts")


def _answer(request: web.Request, cameras: Iterable[CameraStatus], name: str) -> web.Response:
    now = request.app[WALL_CLOCK]()
    text = csv_text(_COLUMNS, _rows(cameras, now), "\r\n")
    # The mark in front, since Excel takes a file without it for one of a single-byte code page.
    return web.Response(
        body=text.encode("utf-8-sig"),
        headers={"Content-Type": "text/csv; charset=utf-8; header=present"}
        | kept_as(name, "csv", now),
    )


def _rows(cameras: Iterable[CameraStatus], now: float) -> Iterator[Row]:
    for camera in cameras:
        since = camera.counts_since
        times: Row = {"since": "" if since is None else _told(since), "at": _told(now)}
        for row in count_rows(camera.lines, camera.zones):
            yield {"camera": camera.id, "camera_name": camera.name} | row | times


def _told(time_s: float) -> str:
    """Return a time by ISO 8601 with the offset from UTC."""
    return local(time_s).isoformat(timespec="seconds")
