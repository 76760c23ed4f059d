"""The heat as data, and what may be changed of it while the wall runs."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
from aiohttp import web

from heatwall.analysis.reading import HeatReading
from heatwall.api.body import object_of
from heatwall.api.cameras import known_camera
from heatwall.api.rights import require
from heatwall.api.sheet import sheet_of, wants_sheet
from heatwall.api.wall import DESK, WALL
from heatwall.config import format_half_life, parse_half_life
from heatwall.errors import DeliveryError
from heatwall.palette import heat_png
from heatwall.roles import Role
from heatwall.scale import levels
from heatwall.status import HeatStatus

_SIZE = re.compile(r"([1-9]\d{0,3})x([1-9]\d{0,3})")
_MOST_PX = 3840
"""Longest side of a picture of heat: that of a 4K wall."""

_PX_PER_CELL = 8
"""Of a picture of heat whose size was not asked for: 640 wide."""

_DIGITS = 5
"""Of a share in JSON: a hundred thousandth is far below what can be known."""


class HeatBody(msgspec.Struct, frozen=True):
    """A heat as JSON; shares by rows from the top, each from the left."""

    camera: str
    unit: str
    half_life_s: float | None
    class_name: str | None
    age_s: float
    scale: float
    peak: float
    person_seconds: float
    zones_person_seconds: dict[str, float]
    rows: int
    columns: int
    share: list[list[float]]


def heat_routes() -> list[web.RouteDef]:
    """Return the routes of the heat and of the overlay."""
    return [
        web.get("/api/cameras/{id}/heat.json", _json),
        web.get("/api/cameras/{id}/heat.npy", _npy),
        web.get("/api/cameras/{id}/heat.png", _png),
        web.post("/api/cameras/{id}/heat/reset", _reset_heat),
        web.post("/api/cameras/{id}/counts/reset", _reset_counts),
        web.get("/api/cameras/{id}/overlay", _overlay),
        web.patch("/api/cameras/{id}/overlay", _change_overlay),
    ]


async def _json(request: web.Request) -> web.Response:
    """Answer with the heat as JSON; `?half_life=` and `?class=` choose one."""
    camera, reading = await _reading(request)

    def encode() -> bytes:
        rows, columns = reading.share.shape
        body = HeatBody(
            camera=camera,
            unit=reading.unit,
            half_life_s=reading.half_life_s,
            class_name=reading.class_name,
            age_s=round(reading.age_s, 3),
            scale=reading.scale,
            peak=round(float(reading.share.max()), _DIGITS),
            person_seconds=round(reading.person_s, 3),
            zones_person_seconds={
                name: round(person_s, 3) for name, person_s in reading.zones_person_s.items()
            },
            rows=rows,
            columns=columns,
            share=np.round(reading.share.astype(np.float64), _DIGITS).tolist(),
        )
        return msgspec.json.encode(body)

    return await _answer(request, encode, "application/json", reading)


async def _npy(request: web.Request) -> web.Response:
    """Answer with the shares as a NumPy file: float32 (rows, columns)."""
    _, reading = await _reading(request)

    def encode() -> bytes:
        file = io.BytesIO()
        np.save(file, reading.share, allow_pickle=False)
        return file.getvalue()

    return await _answer(request, encode, "application/octet-stream", reading)


async def _png(request: web.Request) -> web.Response:
    """Answer with the heat as it lies over the picture: PNG with alpha; `?size=1280x720`.

    With `?legend=true` it is a picture to keep, with all that it means below it.
    """
    size, has_legend = _size(request), wants_sheet(request)
    camera, reading = await _reading(request)
    status = request.app[WALL].status(camera).heat
    if status is None:
        raise _no_heat(camera)
    if has_legend:
        return await sheet_of(request, camera, reading, status, size)
    gamma = float(request.app[DESK].overlay(camera)["gamma"])

    def encode() -> bytes:
        return encode_png(reading, status, gamma, size)

    return await _answer(request, encode, "image/png", reading)


def encode_png(
    reading: HeatReading, status: HeatStatus, gamma: float, size: tuple[int, int] | None
) -> bytes:
    """Return a heat as a PNG with straight alpha, in the colours of the picture.

    Args:
        reading: The heat.
        status: Its colours.
        gamma: Of the overlay.
        size: Width and height in pixels; None for eight pixels a cell.
    """
    rows, columns = reading.share.shape
    return heat_png(
        levels(reading.share, reading.scale, gamma),
        status.colormap,
        status.opacity,
        size or (columns * _PX_PER_CELL, rows * _PX_PER_CELL),
    )


async def _reset_heat(request: web.Request) -> web.Response:
    """Empty a camera's heat."""
    require(request, Role.OPERATOR)
    camera = known_camera(request)
    await request.app[DESK].reset_heat(camera)
    return web.Response(status=204)


async def _reset_counts(request: web.Request) -> web.Response:
    """Let a camera's lines and zones count from zero."""
    require(request, Role.OPERATOR)
    camera = known_camera(request)
    await request.app[DESK].reset_counts(camera)
    return web.Response(status=204)


async def _overlay(request: web.Request) -> web.Response:
    """Answer with what is drawn over a camera's picture, in the words of the config."""
    camera = known_camera(request)
    return _plain(request.app[DESK].overlay(camera))


async def _change_overlay(request: web.Request) -> web.Response:
    """Change what is drawn over a camera's picture; answers as GET does. No heat is lost."""
    require(request, Role.OPERATOR)
    camera = known_camera(request)
    change = await object_of(request)
    desk = request.app[DESK]
    await desk.change_overlay(camera, change)
    return _plain(desk.overlay(camera))


def _plain(settings: dict[str, Any]) -> web.Response:
    response = web.Response(body=msgspec.json.encode(settings), content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


async def _reading(request: web.Request) -> tuple[str, HeatReading]:
    """Return the camera and the heat that a request asks for."""
    camera = known_camera(request)
    status = request.app[WALL].status(camera).heat
    if status is None:
        raise _no_heat(camera)
    half_life_s, class_name = status.half_life_s, request.query.get("class", status.shown_class)
    word = request.query.get("half_life")
    if word is not None:
        kept = ", ".join(format_half_life(one) for one in status.half_lives_s)
        try:
            half_life_s = parse_half_life(word)
        except ValueError:
            half_life_s = -1.0
        if half_life_s not in status.half_lives_s:
            raise DeliveryError(
                400, "unknown_half_life", f"half_life is {word!r}; this camera keeps: {kept}."
            )
    try:
        reading = await request.app[DESK].heat(camera, half_life_s, class_name or None)
    except KeyError as error:
        raise DeliveryError(
            400,
            "unknown_class",
            f"class is {class_name!r}; classes with a heat of their own: {error.args[0]}.",
        ) from error
    except ValueError as error:  # the half-life was kept when it was looked up
        raise DeliveryError(
            409, "just_changed", "The camera's half-lives have just been changed; try again."
        ) from error
    return camera, reading


def _no_heat(camera: str) -> DeliveryError:
    return DeliveryError(
        409, "no_heat_yet", f"No frame of {camera!r} was analysed yet; try again in a moment."
    )


def _size(request: web.Request) -> tuple[int, int] | None:
    word = request.query.get("size")
    if word is None:
        return None
    match = _SIZE.fullmatch(word)
    width, height = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 0 < max(width, height) <= _MOST_PX:
        raise DeliveryError(
            400,
            "bad_size",
            f"size is {word!r}; allowed: WIDTHxHEIGHT in pixels, each up to {_MOST_PX}.",
        )
    return width, height


async def _answer(
    request: web.Request, encode: Callable[[], bytes], kind: str, reading: HeatReading
) -> web.Response:
    """Answer with what `encode` makes, off the event loop; the headers tell what the heat is."""
    body = await request.app[DESK].off_loop(encode)
    response = web.Response(body=body, content_type=kind)
    response.headers.update(
        {
            "Cache-Control": "no-store",
            "X-Heat-Unit": reading.unit,
            "X-Heat-Half-Life": format_half_life(reading.half_life_s),
            "X-Heat-Age": f"{reading.age_s:.1f}s",
            "X-Heat-Scale": f"{reading.scale:g}",
        }
    )
    return response
