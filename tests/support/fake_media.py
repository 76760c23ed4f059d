"""The pictures of the fake wall without WebRTC: real H.264 of shops that do not exist."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol

import cv2
import numpy as np
from aiohttp import web

from heatwall.api.film import end_films
from heatwall.api.limits import LIMITS, REFUSALS, Limits
from heatwall.api.media import serve_media
from heatwall.api.wall import SESSIONS
from heatwall.camera.encoder import TierEncoder
from heatwall.clock import monotonic
from heatwall.delivery.fanout import Fanout
from heatwall.delivery.peer import packetise
from heatwall.delivery.session import Sessions, SlotChange
from heatwall.delivery.viewing import Holder
from heatwall.refusals import Refusals
from heatwall.values import Picture, Tier
from support.demand import NotedDemand
from support.fake_video import SIZES, FakeShop

_BITRATE_BPS = 400_000
_MOST_PAGES = 64


class ShownCamera(Protocol):
    """A camera whose state the test sets; see `support.fake_wall.FakeCamera`."""

    @property
    def shown(self) -> FakeShop | None:
        """What it shows now; None while it sends nothing."""


class FakeMedia(NotedDemand):
    """Encodes what pages watch over `/api/media`, and answers with snapshots.

    Attributes:
        refusal: Why pages are refused now.
        heard: What the pages wanted their slots to show, in order.
    """

    def __init__(self, cameras: Mapping[str, ShownCamera], fps: float) -> None:
        super().__init__()
        self.refusal: str | None = None
        self.heard: list[Sequence[SlotChange]] = []
        self._cameras = cameras
        self._fps = fps
        self._encoders: dict[tuple[str, Tier], _ShopEncoder] = {}
        self._fanout = Fanout(self, monotonic, packetise)

    def add_to(self, app: web.Application) -> None:
        """Add the routes; the pictures run as long as the application does."""
        knows = self._cameras.__contains__
        sessions = _NotingSessions(self._fanout, knows, _MOST_PAGES, monotonic)
        sessions.heard = self.heard
        app[SESSIONS] = sessions
        app[LIMITS] = Limits(monotonic)
        app[REFUSALS] = Refusals()
        app.router.add_get("/api/media", self._media)
        app.router.add_get("/api/cameras/{id}/snapshot.jpg", self._snapshot)
        app.on_shutdown.append(end_films)
        app.cleanup_ctx.append(self._run)

    def start_tier(self, camera: str, tier: Tier) -> None:
        """Begin to encode."""
        super().start_tier(camera, tier)
        self._encoders[camera, tier] = _ShopEncoder(camera, tier, self._fps)

    def stop_tier(self, camera: str, tier: Tier) -> None:
        """Encode no more."""
        super().stop_tier(camera, tier)
        self._encoders.pop((camera, tier), None)

    def request_idr(self, camera: str, tier: Tier) -> None:
        """Make the next picture an IDR."""
        super().request_idr(camera, tier)
        self._encoders[camera, tier].is_idr_wanted = True

    async def _run(self, app: web.Application) -> AsyncIterator[None]:
        async with app[SESSIONS], asyncio.TaskGroup() as tasks:
            publishing = tasks.create_task(self._publish(), name="fake media")
            yield
            publishing.cancel()
        self._fanout.close()
        self._encoders.clear()

    async def _publish(self) -> None:
        while True:
            for (camera, _), encoder in list(self._encoders.items()):
                shop = self._cameras[camera].shown
                if shop is not None:
                    self._fanout.publish(encoder.picture(shop))
            await asyncio.sleep(1 / self._fps)

    async def _media(self, request: web.Request) -> web.StreamResponse:
        if self.refusal is not None:
            body = {"error": {"code": "refused", "message": self.refusal}}
            return web.json_response(body, status=503)
        return await serve_media(request)

    async def _snapshot(self, request: web.Request) -> web.Response:
        camera = self._cameras.get(request.match_info["id"])
        shop = None if camera is None else camera.shown
        if shop is None:
            body = {"error": {"code": "no_picture", "message": "There is no picture."}}
            return web.json_response(body, status=503 if camera else 404)
        tier = request.query.get("tier", "focus")
        _, file = cv2.imencode(".jpg", shop.picture(_size_name(tier), time.time()))
        return web.Response(body=file.tobytes(), content_type="image/jpeg")


class _NotingSessions(Sessions):
    """Notes what was wanted."""

    heard: list[Sequence[SlotChange]]

    async def patch(
        self, sid: str, changes: Sequence[SlotChange], holder: Holder | None = None
    ) -> None:
        self.heard.append(changes)
        await super().patch(sid, changes, holder)


class _ShopEncoder:
    """Encodes one camera's tier as a worker does."""

    def __init__(self, camera: str, tier: Tier, fps: float) -> None:
        self.is_idr_wanted = True
        self._camera = camera
        self._tier = tier
        size = SIZES[_size_name(tier)]
        self._encoder = TierEncoder(*size, fps, _BITRATE_BPS, list(Tier).index(tier))

    def picture(self, shop: FakeShop) -> Picture:
        shown = shop.picture(_size_name(self._tier), time.time())
        yuv = np.asarray(cv2.cvtColor(shown, cv2.COLOR_BGR2YUV_I420)).ravel()
        begin = 0
        for plane in self._encoder.planes:
            np.copyto(plane, yuv[begin : begin + plane.size].reshape(plane.shape))
            begin += plane.size
        rtp_time = round(monotonic() * 90_000)
        encoded = self._encoder.encode(rtp_time, is_key=self.is_idr_wanted)
        assert encoded is not None
        self.is_idr_wanted = False
        annexb, is_key = encoded
        return Picture(self._camera, self._tier, annexb, rtp_time, is_key)


def _size_name(tier: str) -> str:
    """Return which of the shop's pictures a tier shows: it has none for previews."""
    return tier if tier in SIZES else "tile"
