"""What a fake wall answers about heat and counts, and what it takes of changes to them."""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import cv2
import msgspec
import numpy as np
from aiohttp import web

from heatwall.api.errors import answer_errors, error_response
from heatwall.config import CameraConfig, changed, overlay_settings
from heatwall.palette import legend
from heatwall.status import CameraStatus, DwellStatus, LineStatus, ZoneStatus

MINUTES = 60
"""Whole minutes of the history, before the one that still runs."""

CLOSED = range(8, 12)
"""Minutes, counted from the oldest, in which nobody looked: the server was down."""

AUTO_SCALE = 0.25
"""Share of recent time at full colour where the config leaves it to the server."""

_MINUTE_S = 60

_SETTINGS = CameraConfig.model_validate(
    {
        "url": "rtsp://192.0.2.1/",
        "heat": {"half_lives": ["30s", "10m", "2h"]},
        "overlay": {"scale": AUTO_SCALE},
    }
)

_Answer = Callable[[web.Request], Awaitable[web.Response]]


class _Heard(Protocol):
    @property
    def overlays(self) -> list[tuple[str, dict[str, Any]]]: ...
    @property
    def resets(self) -> list[tuple[str, str]]: ...


class Wall(Protocol):
    """The fake wall, as far as the answers need it."""

    overlays: dict[str, dict[str, Any]]

    @property
    def heard(self) -> _Heard: ...

    def status(self, camera: str) -> CameraStatus | None:
        """Return a camera's status, or None."""

    def set(self, camera: str, **changes: Any) -> None:
        """Change fields of a camera's status."""


class FakeAnswers:
    """Small answers of the real forms; a change is checked as by the server, then remembered."""

    def __init__(self, wall: Wall) -> None:
        self._wall = wall

    @staticmethod
    def overlay_at_first() -> dict[str, Any]:
        """Return the overlay of a camera that nobody has changed."""
        return overlay_settings(_SETTINGS)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes, all below `/api`."""
        of = "/api/cameras/{id}"
        return [
            web.get(f"{of}/history.json", self._checked(self._history)),
            web.get(f"{of}/counts.csv", self._checked(self._counts)),
            web.get("/api/counts.csv", self._counts),
            web.get("/api/ice", self._ice),
            web.get(f"{of}/heat.png", self._checked(self._picture)),
            web.get(f"{of}/overlay", self._checked(self._overlay)),
            web.patch(f"{of}/overlay", self._checked(self._change_overlay)),
            web.post(f"{of}/heat/reset", self._checked(self._reset_heat)),
            web.post(f"{of}/counts/reset", self._checked(self._reset_counts)),
        ]

    def _checked(self, answer: _Answer) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def known(request: web.Request) -> web.StreamResponse:
            camera = request.match_info["id"]
            if self._wall.status(camera) is None:
                return error_response(404, "unknown_camera", f"There is no camera {camera!r}.")
            return await answer(request)

        return functools.partial(answer_errors, handler=known)

    async def _history(self, request: web.Request) -> web.Response:
        seed = sum(map(ord, request.match_info["id"]))
        return _json({"interval_s": _MINUTE_S, "minutes": minutes(time.time(), seed)})

    async def _counts(self, request: web.Request) -> web.Response:
        camera = request.match_info.get("id", "cam1")
        name = "store" if "id" not in request.match_info else camera
        text = f"camera,name,kind,region,class,in,out\r\n{camera},Entrance,line,door,all,12,9\r\n"
        return _file(text.encode(), "text/csv", f"{name}-counts.csv")

    async def _ice(self, _request: web.Request) -> web.Response:
        return _json({"ice_servers": [], "lifetime_s": 43_200})

    async def _picture(self, request: web.Request) -> web.Response:
        levels = np.add.outer(np.arange(0, 128, 3), np.arange(0, 128, 2)).astype(np.uint8)
        picture = cv2.applyColorMap(levels, cv2.COLORMAP_INFERNO)
        body = cv2.imencode(".png", picture)[1].tobytes()
        return _file(body, "image/png", f"{request.match_info['id']}-heat.png")

    async def _overlay(self, request: web.Request) -> web.Response:
        return _json(self._wall.overlays[request.match_info["id"]])

    async def _change_overlay(self, request: web.Request) -> web.Response:
        camera, change = request.match_info["id"], await request.json()
        self._wall.heard.overlays.append((camera, change))
        settings = changed(_SETTINGS, self._wall.overlays[camera] | change)
        self._wall.overlays[camera] = overlay_settings(settings)
        self._show(camera, settings)
        return _json(self._wall.overlays[camera])

    def _show(self, camera: str, settings: CameraConfig) -> None:
        """Let the camera's status tell the new settings, as the server's does."""
        status, overlay = self._wall.status(camera), settings.overlay
        if status is None or status.heat is None:
            return
        is_auto = overlay.scale == "auto"
        heat = msgspec.structs.replace(
            status.heat,
            is_shown=overlay.show_heat,
            colormap=overlay.colormap,
            opacity=overlay.opacity,
            scale=AUTO_SCALE if overlay.scale == "auto" else overlay.scale,
            is_auto_scale=is_auto,
            half_life_s=settings.heat.shown_s,
            shown_class=settings.heat.shown_class,
            legend=legend(overlay.colormap, overlay.opacity),
        )
        self._wall.set(camera, heat=heat)

    async def _reset_heat(self, request: web.Request) -> web.Response:
        camera = request.match_info["id"]
        self._wall.heard.resets.append((camera, "heat"))
        status = self._wall.status(camera)
        if status is not None and status.heat is not None:
            self._wall.set(camera, heat=msgspec.structs.replace(status.heat, peak=0.0))
        return web.Response(status=204)

    async def _reset_counts(self, request: web.Request) -> web.Response:
        camera = request.match_info["id"]
        self._wall.heard.resets.append((camera, "counts"))
        status = self._wall.status(camera)
        if status is not None:
            lines = {name: LineStatus(0, 0, {}) for name in status.lines}
            zones = {name: zone_status(0) for name in status.zones}
            self._wall.set(camera, total_tracks=0, lines=lines, zones=zones)
        return web.Response(status=204)


def zone_status(people: int) -> ZoneStatus:
    """Return what a zone tells in which so many people are now; nothing at all for nobody."""
    some = people or None
    return ZoneStatus(
        people_now=people // 2,
        classes_now={"person": people // 2} if people > 1 else {},
        in_count=4 * people,
        out_count=4 * people - people // 2,
        classes={},
        person_s=95.5 * people,
        dwell=DwellStatus(4 * people, some and 24.0, some and 20.0, some and 55.0),
    )


def minutes(now: float, seed: int) -> list[dict[str, Any]]:
    """Return the last hour up to `now`, seconds since 1970: two waves of people, and a pause."""
    first = (math.floor(now / _MINUTE_S) - MINUTES) * _MINUTE_S
    told = []
    for index in range(MINUTES + 1):
        wave = math.sin((index + seed) / 7) + 0.6 * math.sin((index + seed) / 3) + 1.7
        is_open = index not in CLOSED
        told.append(
            {
                "at": first + index * _MINUTE_S,
                "people": round(1.5 * wave, 2) if is_open else None,
                "most": math.ceil(1.5 * wave) + 1 if is_open else None,
                "in": (index * 7 + seed) % 4 if is_open else 0,
                "out": (index * 5 + seed) % 3 if is_open else 0,
            }
        )
    return told


def _json(value: object) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(value),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def _file(body: bytes, kind: str, name: str) -> web.Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=body, content_type=kind, headers=headers)
