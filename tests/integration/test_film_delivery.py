"""Pictures of a real camera's worker by HTTP, as players and pages without WebRTC take them."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
import socket as sockets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from aiohttp import ClientSession, ClientTimeout, ClientWebSocketResponse, WSMsgType
from aiohttp.test_utils import BaseTestServer, TestServer
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)

from heatwall.api import make_app, media, pushing
from heatwall.clock import monotonic
from heatwall.delivery.fanout import Fanout
from heatwall.delivery.peer import packetise
from heatwall.delivery.session import Sessions
from heatwall.simulator import barcode
from heatwall.values import ByteArray, Picture, Tier
from support.api import keep_handlers
from support.demand import TestSource
from support.eventually import eventually_async
from support.live_camera import CAMERA, FOCUS, TILE, live_camera
from support.mp4 import boxes, read_fragment
from support.wall import FakeWall

_DEADLINE = ClientTimeout(total=60)
_CLIP_FRAMES = 45


def _number(picture: object) -> int | None:
    """Return what the barcode of the clip's frame says; gray in."""
    gray: ByteArray = np.asarray(picture, np.uint8)
    return barcode.read(gray)


def _watched(url: str, frames: int) -> list[tuple[int, int, int, int | None]]:
    """Return pts, width, height and number of so many frames, read as any player would."""
    found = []
    with av.open(url, timeout=20) as container:
        assert container.streams.video[0].codec_context.name == "h264"
        for frame in container.decode(video=0):
            assert frame.pts is not None
            number = _number(frame.to_ndarray(format="gray"))
            found.append((frame.pts, frame.width, frame.height, number))
            if len(found) == frames:
                break
    return found


async def _run(*command: str) -> str:
    """Run a program that must succeed, and return what it printed."""
    program = shutil.which(command[0])
    assert program is not None, f"{command[0]} is missing; `make test` installs it"
    process = await asyncio.create_subprocess_exec(
        program,
        *command[1:],
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return output.decode()


async def test_a_player_reads_the_stream_as_a_plain_video(tmp_path: Path) -> None:
    async with live_camera(tmp_path) as live:
        url = f"{live.base}/api/cameras/{CAMERA}/stream.mp4"
        frames = await asyncio.to_thread(_watched, url, 40)
        assert {(width, height) for _, width, height, _ in frames} == {TILE}
        stamps = [pts for pts, *_ in frames]
        assert stamps[0] == 0
        assert all(later > sooner for sooner, later in pairwise(stamps))
        assert stamps[-1] / 90_000 == pytest.approx(39 / 15, abs=0.3), "the camera's own rate"
        numbers = [number for *_, number in frames]
        assert all(
            (later - sooner) % _CLIP_FRAMES == 1
            for sooner, later in pairwise(numbers)
            if sooner is not None and later is not None
        )
        assert numbers.count(None) == 0
        await eventually_async(lambda: len(live.sessions) == 0)


async def test_ffprobe_and_ffmpeg_play_the_stream(tmp_path: Path) -> None:
    async with live_camera(tmp_path) as live:
        url = f"{live.base}/api/cameras/{CAMERA}/stream.mp4?tier=focus"
        wanted = "stream=codec_name,profile,width,height:packet=pts,flags"
        shown, _ = await asyncio.gather(
            _run(
                *("ffprobe", "-v", "error", "-of", "json", "-show_entries", wanted),
                *("-read_intervals", "%+2", url),
            ),
            _run("ffmpeg", "-v", "error", "-i", url, "-t", "3", "-f", "null", "-"),
        )
        told: dict[str, Any] = json.loads(shown)
        stream = told["streams"][0]
        assert (stream["codec_name"], stream["width"], stream["height"]) == ("h264", *FOCUS)
        assert stream["profile"] == "Constrained Baseline"
        assert len(told["packets"]) > 20
        assert told["packets"][0]["flags"].startswith("K")
        assert live.demand.count("start") == 1, "both saw one encoder's pictures"


async def test_two_readers_share_one_encoder_and_the_second_does_not_wait(tmp_path: Path) -> None:
    async with live_camera(tmp_path) as live:
        url = f"{live.base}/api/cameras/{CAMERA}/stream.mp4"
        first, second = await asyncio.gather(
            asyncio.to_thread(_watched, url, 30), asyncio.to_thread(_watched, url, 30)
        )
        assert len(first) == len(second) == 30
        assert live.demand.count("start") == 1
        (figures,) = live.fanout.statistics().values()
        assert figures.dropped == 0
        assert figures.sent > 1.3 * figures.pictures / 2


async def test_a_stream_ends_when_the_server_stops(tmp_path: Path) -> None:
    async with live_camera(tmp_path) as live, ClientSession(timeout=_DEADLINE) as http:
        async with http.get(f"{live.base}/api/cameras/{CAMERA}/stream.mp4") as response:
            assert response.content_type == "video/mp4"
            assert (await response.content.readexactly(8))[4:] == b"ftyp"
            await live.sessions.close()
            await response.content.read()
        assert len(live.sessions) == 0


async def test_a_stream_ends_when_its_camera_is_gone(tmp_path: Path) -> None:
    async with live_camera(tmp_path) as live, ClientSession(timeout=_DEADLINE) as http:
        async with http.get(f"{live.base}/api/cameras/{CAMERA}/stream.mp4") as response:
            await response.content.readexactly(8)
            live.fanout.forget(CAMERA)
            await response.content.read()
        await eventually_async(lambda: len(live.sessions) == 0)


async def test_a_snapshot_is_the_cameras_picture_now(tmp_path: Path) -> None:
    async with live_camera(tmp_path) as live, ClientSession(timeout=_DEADLINE) as http:
        for query, size in (("", FOCUS), ("?tier=tile", TILE)):
            async with http.get(f"{live.base}/api/cameras/{CAMERA}/snapshot.jpg{query}") as answer:
                assert answer.status == 200
                assert answer.content_type == "image/jpeg"
                assert answer.headers["Cache-Control"] == "no-store"
                body = await answer.read()
            picture = np.asarray(cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_GRAYSCALE))
            assert picture.shape[::-1] == size
            assert _number(picture) in {*range(_CLIP_FRAMES)}
        assert live.sessions.viewers() == {}
        viewers = [figures.viewers for figures in live.fanout.statistics().values()]
        assert viewers == [0, 0], "nobody watches any more"


async def test_a_player_that_knows_nothing_of_heatwall_watches_by_whep(tmp_path: Path) -> None:
    async with live_camera(tmp_path) as live, ClientSession(timeout=_DEADLINE) as http:
        player = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        tracks: list[MediaStreamTrack] = []
        player.on("track", tracks.append)
        player.addTransceiver("video", direction="recvonly")
        await player.setLocalDescription(await player.createOffer())
        headers = {"Content-Type": "application/sdp"}
        offer = player.localDescription.sdp
        async with http.post(f"{live.base}/whep/{CAMERA}", data=offer, headers=headers) as answer:
            assert answer.status == 201
            session = answer.headers["Location"]
            description = RTCSessionDescription(await answer.text(), "answer")
        await player.setRemoteDescription(description)
        numbers = []
        async with asyncio.timeout(30):
            for _ in range(20):
                frame = await tracks[0].recv()
                assert isinstance(frame, av.VideoFrame)
                assert (frame.width, frame.height) == FOCUS
                numbers.append(_number(frame.to_ndarray(format="gray")))
        assert len(set(numbers)) == 20
        assert None not in numbers
        async with http.delete(live.base + session) as answer:
            assert answer.status == 200
        await player.close()


_SIZES = {
    ("door", Tier.PREVIEW): (160, 90),
    ("door", Tier.TILE): (640, 360),
    ("door", Tier.FOCUS): (1280, 720),
    ("till", Tier.PREVIEW): (160, 90),
    ("till", Tier.TILE): (320, 180),
}


class _Stand:
    def __init__(
        self, server: BaseTestServer, source: TestSource, fanout: Fanout, sessions: Sessions
    ) -> None:
        self.server = server
        self.base = str(server.make_url("")).rstrip("/")
        self.source = source
        self.fanout = fanout
        self.sessions = sessions
        self.published_bytes = 0

    def publish(self, picture: Picture) -> None:
        self.published_bytes += len(picture.annexb)
        self.fanout.publish(picture)

    def connections(self) -> int:
        assert self.server.runner is not None
        assert self.server.runner.server is not None
        return len(self.server.runner.server.connections)

    def dropped(self) -> int:
        return sum(figures.dropped for figures in self.fanout.statistics().values())


@asynccontextmanager
async def _serving(page_dir: Path) -> AsyncIterator[_Stand]:
    (page_dir / "index.html").write_text("<!doctype html>")
    source = TestSource(_SIZES)
    fanout = Fanout(source, monotonic, packetise, linger_s=0.1)
    wall = FakeWall("door", "till")
    async with Sessions(fanout, wall.cameras.__contains__, 8, monotonic) as sessions:
        app = make_app(wall, wall, sessions, page_dir)
        async with TestServer(app) as server:
            keep_handlers(server)
            stand = _Stand(server, source, fanout, sessions)
            async with source.running(stand):
                yield stand
    fanout.close()


class _Page:
    """What a page does with the messages: a file for each slot, begun anew by each init segment."""

    def __init__(self, socket: ClientWebSocketResponse[bool]) -> None:
        self._socket = socket
        self.files: dict[int, list[bytes]] = {}
        self.kinds: dict[int, list[int]] = {}
        self.codecs: dict[int, str] = {}

    async def show(self, *slots: dict[str, Any]) -> None:
        await self._socket.send_json({"slots": slots})

    async def take(self) -> int:
        """Take a message; returns its slot."""
        message = await self._socket.receive(timeout=20)
        assert message.type is WSMsgType.BINARY, message
        slot, kind, body = message.data[0], message.data[1], message.data[2:]
        if kind == 0:
            length = body[0]
            self.codecs[slot] = body[1 : 1 + length].decode("ascii")
            body = body[1 + length :]
            assert [path for path, _ in boxes(body)][:2] == ["ftyp", "moov"]
            self.files[slot] = []
        else:
            assert read_fragment(body).is_sync is (kind == 1)
        self.files[slot].append(body)
        self.kinds.setdefault(slot, []).append(kind)
        return int(slot)

    async def take_until_shown(self, slot: int, size: tuple[int, int], frames: int = 4) -> None:
        """Take messages until a slot's newest file has so many frames of this size."""
        async with asyncio.timeout(20):
            while True:
                if await self.take() == slot and len(self.files[slot]) > frames:
                    found = self.frames(slot)
                    if found[-1:] == [size]:
                        assert set(found) == {size}
                        return

    def frames(self, slot: int) -> list[tuple[int, int]]:
        """Return the sizes of the frames in a slot's newest file."""
        with av.open(io.BytesIO(b"".join(self.files[slot])), mode="r") as container:
            return [(frame.width, frame.height) for frame in container.decode(video=0)]


@asynccontextmanager
async def _page(stand: _Stand) -> AsyncIterator[_Page]:
    async with (
        ClientSession(timeout=_DEADLINE) as http,
        http.ws_connect(f"{stand.base}/api/media") as socket,
    ):
        yield _Page(socket)


async def test_a_pages_slots_are_filled_changed_and_emptied(tmp_path: Path) -> None:
    async with _serving(tmp_path) as stand, _page(stand) as page:
        await page.show({"slot": 0, "camera": "door"}, {"slot": 5, "camera": "till"})
        await page.take_until_shown(0, (640, 360))
        await page.take_until_shown(5, (320, 180))
        assert page.codecs[0].startswith("avc1.42")
        assert stand.sessions.viewers() == {"door": 1, "till": 1}
        assert len(stand.sessions) == 1

        await page.show({"slot": 0, "camera": "till", "tier": "tile"})
        await page.take_until_shown(0, (320, 180))
        await page.show({"slot": 0, "camera": "door", "tier": "focus"}, {"slot": 5, "camera": None})
        await page.take_until_shown(0, (1280, 720))
        assert stand.sessions.viewers() == {"door": 1}
        for kinds in page.kinds.values():
            assert kinds[:2] == [0, 1], "an init segment, then an IDR"
            assert all(after == 1 for kind, after in pairwise(kinds) if kind == 0)
        assert page.kinds[0].count(0) == 3
        assert page.kinds[5].count(0) == 1


async def test_times_go_on_over_a_change_of_cameras(tmp_path: Path) -> None:
    async with _serving(tmp_path) as stand, _page(stand) as page:
        await page.show({"slot": 0, "camera": "door"})
        await page.take_until_shown(0, (640, 360))
        before = read_fragment(page.files[0][-1])
        await page.show({"slot": 0, "camera": "till"})
        while page.kinds[0].count(0) < 2:
            if page.kinds[0][-1] != 0:
                before = read_fragment(page.files[0][-1])
            await page.take()
        await page.take()
        after = read_fragment(page.files[0][-1])
        assert after.time == before.time + before.duration


async def test_a_page_that_leaves_stops_the_encoders(tmp_path: Path) -> None:
    async with _serving(tmp_path) as stand:
        tasks = asyncio.all_tasks()
        async with _page(stand) as page:
            await page.show({"slot": 0, "camera": "door"})
            await page.take_until_shown(0, (640, 360))
        await eventually_async(lambda: stand.source.encoders == {})
        await eventually_async(lambda: len(stand.sessions) == 0)
        await eventually_async(lambda: asyncio.all_tasks() <= tasks)


@pytest.mark.parametrize(
    ("way", "send_s", "heartbeat_s"),
    # Long enough that the queue is full first, however slowly a busy machine encodes.
    [("stream", 5.0, 60.0), ("media", 5.0, 60.0), ("media", 60.0, 12.0)],
)
async def test_a_client_that_reads_nothing_is_dropped_and_nothing_piles_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str, send_s: float, heartbeat_s: float
) -> None:
    monkeypatch.setattr(pushing, "SEND_S", send_s)
    monkeypatch.setattr(media, "HEARTBEAT_S", heartbeat_s)
    async with _serving(tmp_path) as stand:
        # Without a client library, which would read by itself; the window is kept small.
        client = sockets.socket()
        client.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        client.setblocking(False)
        loop = asyncio.get_running_loop()
        host, port = stand.base.removeprefix("http://").split(":")
        await loop.sock_connect(client, (host, int(port)))
        await loop.sock_sendall(client, _request(way, host))
        async with ClientSession(timeout=_DEADLINE) as http:
            url = f"{stand.base}/api/cameras/door/stream.mp4?tier=focus"
            async with http.get(url) as reader:
                await eventually_async(stand.dropped, timeout_s=30.0)
                # All of it may be held for the client, by the system too, and no more than that.
                assert stand.published_bytes < 1_000_000
                await eventually_async(lambda: len(stand.sessions) == 1, timeout_s=40.0)
                await eventually_async(lambda: stand.connections() == 1)
                assert len(await reader.content.readexactly(50_000)) == 50_000
        client.close()
        await eventually_async(lambda: len(stand.sessions) == 0)


def _request(way: str, host: str) -> bytes:
    if way == "stream":
        return (
            f"GET /api/cameras/door/stream.mp4?tier=focus HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
        )
    upgrade = (
        f"GET /api/media HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    text = b'{"slots":[{"slot":0,"camera":"door","tier":"focus"}]}'
    frame = bytes((0x81, 0x80 | len(text))) + bytes(4) + text  # a mask of zeros changes nothing
    return upgrade.encode() + frame
