"""The picture of a camera as its viewers see it now."""

from __future__ import annotations

from aiohttp import web

from heatwall.api.cameras import asked_tier, known_camera
from heatwall.api.keeping import WALL_CLOCK, kept_as
from heatwall.api.rights import pass_of
from heatwall.api.wall import DESK, SESSIONS
from heatwall.camera.still import jpeg_of
from heatwall.side_thread import busy
from heatwall.values import Tier

PICTURE_S = 10.0
"""Longest wait for a camera's picture: as long as one takes to be connected to."""

MOST_WAITING = 16
"""Requests that may wait for pictures: a large wall's, asked for by one person."""


def snapshot_routes() -> list[web.RouteDef]:
    """Return the route of the snapshot."""
    waiting = 0

    async def snapshot(request: web.Request) -> web.Response:
        """Answer with a JPEG of the next picture; a tier that nobody watches is begun for it."""
        nonlocal waiting
        camera, tier = known_camera(request), asked_tier(request, Tier.FOCUS)
        if waiting >= MOST_WAITING:
            raise busy("Too many snapshots are being taken; try again in a moment.")
        waiting += 1
        try:
            packets = await request.app[SESSIONS].next_idr(
                camera, tier, PICTURE_S, pass_of(request)
            )
        finally:
            waiting -= 1
        headers = kept_as(camera, "jpg", request.app[WALL_CLOCK](), is_shown=True)
        annexb = packets.picture.annexb
        body = await request.app[DESK].off_loop(lambda: jpeg_of(annexb))
        return web.Response(body=body, content_type="image/jpeg", headers=headers)

    return [web.get("/api/cameras/{id}/snapshot.jpg", snapshot)]
