"""The heat as a picture to keep or print."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from heatwall.analysis.reading import HeatReading
from heatwall.api.keeping import WALL_CLOCK, kept_as, local
from heatwall.api.wall import DESK, WALL
from heatwall.errors import DeliveryError
from heatwall.heat_sheet import Outline, Sheet, sheet_png
from heatwall.status import HeatStatus

_WIDTH_PX = 1280
"""Of a sheet whose size was not asked for: sharp on half a page."""

_WORDS = {"true": True, "false": False}


def wants_sheet(request: web.Request) -> bool:
    """Return whether a request asks for a legend.

    Raises:
        DeliveryError: It can't be told; 400.
    """
    word = request.query.get("legend", "false")
    if word not in _WORDS:
        allowed = " or ".join(_WORDS)
        raise DeliveryError(400, "bad_legend", f"legend is {word!r}; allowed: {allowed}.")
    return _WORDS[word]


async def sheet_of(
    request: web.Request,
    camera: str,
    reading: HeatReading,
    status: HeatStatus,
    size: tuple[int, int] | None,
) -> web.Response:
    """Answer with a camera's heat and its legend as an opaque PNG, a file to keep.

    Args:
        request: What is answered.
        camera: The camera's id.
        reading: Its heat.
        status: The colours.
        size: Width and height of the heat, pixels; None for that of most cameras.
    """
    app = request.app
    desk, now = app[DESK], app[WALL_CLOCK]()
    rows, columns = reading.share.shape
    sheet = Sheet(
        share=reading.share,
        scale=reading.scale,
        gamma=float(desk.overlay(camera)["gamma"]),
        colormap=status.colormap,
        half_life_s=reading.half_life_s,
        class_name=reading.class_name,
        names=(app[WALL].status(camera).name, camera),
        when=local(now).strftime("%Y-%m-%d %H:%M"),
        outlines=_outlines(desk.regions(camera)),
    )
    width, height = size or (_WIDTH_PX, round(_WIDTH_PX * rows / columns))
    body = await desk.off_loop(lambda: sheet_png(sheet, width, height))
    headers = kept_as(f"{camera} heat", "png", now)
    return web.Response(body=body, content_type="image/png", headers=headers)


def _outlines(regions: dict[str, Any]) -> tuple[Outline, ...]:
    lines = (Outline((line["from"], line["to"]), False) for line in regions["lines"].values())
    zones = (Outline(zone["polygon"], True) for zone in regions["zones"].values())
    return (*lines, *zones)
