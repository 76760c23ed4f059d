"""A server that keeps the page's contract without cameras: for the page's tests."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import functools
import itertools
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np
from aiohttp import WSCloseCode, WSMsgType, web
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from heatwall.api.errors import answer_errors
from heatwall.api.guard import add_security_headers
from heatwall.config import in_words, read_regions
from heatwall.states import CameraState
from heatwall.status import (
    CameraStatus,
    Fps,
    HeatStatus,
    LegendStop,
    LineStatus,
    QualityStatus,
)
from support.fake_answers import FakeAnswers, zone_status
from support.fake_log_in import FakeLogIn
from support.fake_media import FakeMedia
from support.fake_video import FakeShop, SlotTrack

WEB = Path(__file__).parents[2] / "web"

NAMES = [
    *("Entrance", "Checkout 1–4", "Fruit & vegetables", "Bakery", "Dairy aisle", "Wine"),
    *("Self-checkout", "Household", "Stock room door", "Frozen food", "Drinks", "Car park"),
    *("Cosmetics", "Toys", "Loading bay", "Staff entrance"),
]

_TICK_S = 1.0
_SESSION_PATH = "/whep/sessions/{sid}"
_REGIONS_PATH = "/api/cameras/{id}/regions"


def legend(stops: int = 9) -> tuple[LegendStop, ...]:
    """Return the default palette's legend: inferno, alpha rising from zero."""
    ramp = cv2.applyColorMap(np.arange(256, dtype=np.uint8)[:, None], cv2.COLORMAP_INFERNO)
    ats = [index / (stops - 1) for index in range(stops)]
    colours = [ramp[round(at * 255), 0].tolist() for at in ats]
    return tuple(
        LegendStop(at, f"#{red:02x}{green:02x}{blue:02x}", round(min(1.0, 2.2 * at) * 0.65, 3))
        for at, (blue, green, red) in zip(ats, colours, strict=True)
    )


@dataclass(slots=True)
class FakeCamera:
    """A camera whose state the test sets."""

    status: CameraStatus
    shop: FakeShop
    has_pictures: bool = True

    @property
    def shown(self) -> FakeShop | None:
        """What a slot gets now; None while the camera sends nothing."""
        is_live = self.status.state is CameraState.LIVE
        return self.shop if is_live and self.has_pictures else None


@dataclass(slots=True)
class FakeSession:
    """One peer connection and what its slots show."""

    peer: RTCPeerConnection
    tracks: list[SlotTrack]
    slots: list[tuple[str | None, str]]


@dataclass(slots=True)
class Heard:
    """What the page has asked for, in order."""

    posts: list[list[str]] = field(default_factory=list)
    patches: list[list[dict[str, Any]]] = field(default_factory=list)
    deletes: list[str] = field(default_factory=list)
    sids: list[str] = field(default_factory=list)
    overlays: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Each camera with the change of its overlay, refused ones included."""
    resets: list[tuple[str, str]] = field(default_factory=list)
    """Each camera with `heat` or `counts`."""
    regions: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


class FakeWall:
    """Serves `web/` with `count` fake cameras until it is stopped."""

    def __init__(self, count: int, fps: float = 8.0) -> None:
        self.cameras = {camera.status.id: camera for camera in map(fake_camera, range(count))}
        self.sessions: dict[str, FakeSession] = {}
        self.sockets: set[web.WebSocketResponse] = set()
        self.heard = Heard()
        self.answers = FakeAnswers(self)
        self.overlays = {camera: self.answers.overlay_at_first() for camera in self.cameras}
        """What is drawn over each camera's picture, in the words of the config."""
        self.refusal: str | None = None
        """Why offers are refused now."""
        self.regions: dict[str, dict[str, Any]] = {}
        """Lines and zones of the cameras that have any."""
        self.quality: QualityStatus | None = None
        """What the pages are told of their own pictures."""
        self.groups: list[dict[str, Any]] = []
        """The groups of cameras, each with `id`, `name` and `cameras`."""
        self.rights: dict[str, Any] = {"role": "admin", "can_operate": True, "can_save": True}
        """What the pages are told that they may do."""
        self.log_in = FakeLogIn(self.drop_sockets)
        """Who may log in; nobody has to, at first."""
        self.config_error: str | None = None
        """Why the config file is refused, which those who may operate are told."""
        self.blocks_webrtc = False
        """Whether no picture gets through by WebRTC, as behind some firewalls."""
        self.media = FakeMedia(self.cameras, fps)
        self.port = 0
        self._fps = fps
        self._sids = itertools.count(1)
        self._changed = asyncio.Event()
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.port}/"

    async def start(self) -> None:
        """Listen; after a stop on the same port again."""
        app = web.Application(middlewares=[self.log_in.require])
        app.on_response_prepare.append(add_security_headers)
        app.router.add_get("/", self._page)
        app.router.add_get("/api/cameras", self._list)
        app.router.add_get("/api/live", self._live)
        app.router.add_post("/whep", self._offer)
        app.router.add_patch(_SESSION_PATH, self._patch)
        app.router.add_delete(_SESSION_PATH, self._delete)
        app.add_routes(self.answers.routes())
        app.add_routes(self.log_in.routes())
        app.router.add_get(_REGIONS_PATH, self._regions)
        app.router.add_put(_REGIONS_PATH, functools.partial(answer_errors, handler=self._regions))
        self.media.add_to(app)
        app.router.add_static("/", WEB)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop like a server that is killed: sockets cut, sessions forgotten."""
        if self._runner is not None:
            for site in list(self._runner.sites):
                await site.stop()
            await self.drop_sockets()
            await self._runner.cleanup()
            self._runner = None
        # Last, since a page may have made one while its socket was being closed.
        await self.forget_sessions()

    async def drop_sockets(self, code: int = WSCloseCode.OK) -> None:
        """Close every page's WebSocket."""
        for socket in list(self.sockets):
            await socket.close(code=code)

    async def forget_sessions(self) -> None:
        """End every session without a word to its page."""
        sessions = list(self.sessions.values())
        self.sessions.clear()
        for session in sessions:
            await session.peer.close()

    def status(self, camera: str) -> CameraStatus | None:
        """Return a camera's status; None when there is no such camera."""
        fake = self.cameras.get(camera)
        return None if fake is None else fake.status

    def set(self, camera: str, **changes: Any) -> None:
        """Change fields of a camera's status, and tell the pages."""
        fake = self.cameras[camera]
        if "state" in changes:
            changes = {"state_since": time.time(), "state_reason": None} | changes
        fake.status = msgspec.structs.replace(fake.status, **changes)
        self.announce()

    def announce(self) -> None:
        """Tell the pages about the cameras, and give the slots what they show now."""
        for session in self.sessions.values():
            self._seat(session)
        self._changed.set()

    async def _page(self, _request: web.Request) -> web.FileResponse:
        return web.FileResponse(WEB / "index.html")

    async def _list(self, _request: web.Request) -> web.Response:
        return _json(self._told())

    async def _regions(self, request: web.Request) -> web.Response:
        camera = request.match_info["id"]
        if request.method == "PUT":
            body = await request.json()
            self.heard.regions.append((camera, body))
            drawn = read_regions({"lines": body["lines"], "zones": body["zones"]})
            self.regions[camera] = in_words(drawn.rounded)
        return _json(self.regions.get(camera, {"lines": {}, "zones": {}}))

    async def _live(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.add(socket)
        teller = asyncio.ensure_future(self._tell(socket))
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT and message.json()["type"] == "session":
                    self.heard.sids.append(message.json()["sid"])
        finally:
            self.sockets.discard(socket)
            teller.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await teller
        return socket

    async def _tell(self, socket: web.WebSocketResponse) -> None:
        while not socket.closed:
            message = {"type": "cameras", "at": time.time()} | self._told()
            if self.quality is not None:
                message["quality"] = self.quality
            await socket.send_str(msgspec.json.encode(message).decode())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), _TICK_S)
            self._changed.clear()

    def _told(self) -> dict[str, Any]:
        cameras = [camera.status for camera in self.cameras.values()]
        error = self.config_error if self.rights["can_operate"] else None
        config = {"error": error, "since": None if error is None else 0.0}
        return {
            "cameras": cameras,
            "groups": self.groups,
            "rights": self.rights,
            "config": config,
        }

    async def _offer(self, request: web.Request) -> web.Response:
        cameras = request.query.getall("camera")
        self.heard.posts.append(cameras)
        if self.refusal is not None:
            return _error(503, "refused", self.refusal)
        if unknown := [camera for camera in cameras if camera and camera not in self.cameras]:
            return _error(404, "no_camera", f"no camera {unknown[0]}")
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        await peer.setRemoteDescription(RTCSessionDescription(await request.text(), "offer"))
        tracks = [SlotTrack(self._fps) for _ in cameras]
        for transceiver, track in zip(peer.getTransceivers(), tracks, strict=True):
            transceiver.direction = "sendonly"
            transceiver.sender.replaceTrack(track)
        session = FakeSession(
            peer, tracks, [(camera or None, request.query["tier"]) for camera in cameras]
        )
        self._seat(session)
        await peer.setLocalDescription(await peer.createAnswer())
        sid = f"s{next(self._sids)}"
        self.sessions[sid] = session
        return web.Response(
            status=201,
            text=peer.localDescription.sdp,
            content_type="application/sdp",
            headers={"Location": _SESSION_PATH.format(sid=sid)},
        )

    async def _patch(self, request: web.Request) -> web.Response:
        session = self.sessions.get(request.match_info["sid"])
        if session is None:
            return _error(404, "no_session", "no such session")
        slots = (await request.json())["slots"]
        self.heard.patches.append(slots)
        for slot in slots:
            session.slots[slot["slot"]] = (slot["camera"], slot["tier"])
        self._seat(session)
        return web.Response(status=204)

    async def _delete(self, request: web.Request) -> web.Response:
        sid = request.match_info["sid"]
        self.heard.deletes.append(sid)
        session = self.sessions.pop(sid, None)
        if session is None:
            return _error(404, "no_session", "no such session")
        await session.peer.close()
        return web.Response(status=204)

    def _seat(self, session: FakeSession) -> None:
        for track, (camera, tier) in zip(session.tracks, session.slots, strict=True):
            fake = None if camera is None else self.cameras.get(camera)
            track.shop = fake.shown if fake and not self.blocks_webrtc else None
            track.tier = tier


def fake_camera(index: int) -> FakeCamera:
    """Return a live camera; every one looks different."""
    name = NAMES[index % len(NAMES)] + (f" {index + 1}" if index >= len(NAMES) else "")
    people = (index * 5) % 7
    status = CameraStatus(
        id=f"cam{index + 1}",
        name=name,
        state=CameraState.LIVE,
        state_since=time.time() - 60 * index,
        state_reason=None,
        width=1920,
        height=1080,
        codec="h264",
        fps=Fps(decoded=25.0, detected=10.0, shown=15.0),
        frame_age_s=0.1,
        people_now=people,
        counts={"person": people},
        viewers=1,
        tiers=("tile",),
        heat=HeatStatus(
            is_shown=True,
            half_life_s=30.0,
            half_lives_s=(30.0, 600.0, 7200.0),
            shown_class=None,
            colormap="inferno",
            opacity=0.65,
            scale=0.25,
            is_auto_scale=False,
            peak=0.2,
            unit="share of recent time",
            legend=legend(),
        ),
        detect_fps=10.0,
        encoder="libx264",
        decoder="cpu",
        total_tracks=12 * people,
        lines={"door": LineStatus(5 * people, 3 * people, {})},
        zones={"queue": zone_status(people)},
    )
    return FakeCamera(status, FakeShop(index, people))


@contextlib.asynccontextmanager
async def fake_wall(count: int, fps: float = 8.0) -> AsyncIterator[FakeWall]:
    """Serve a fake wall for the time of a `with` block."""
    wall = FakeWall(count, fps)
    await wall.start()
    try:
        yield wall
    finally:
        await wall.stop()


def _json(value: object) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), content_type="application/json")


def _error(status: int, code: str, message: str) -> web.Response:
    response = _json({"error": {"code": code, "message": message}})
    response.set_status(status)
    return response


async def _serve(count: int, port: int) -> None:
    async with fake_wall(count) as wall:
        await wall.stop()
        wall.port = port
        await wall.start()
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=4)
    parser.add_argument("--port", type=int, default=8090)
    arguments = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(arguments.cameras, arguments.port))
