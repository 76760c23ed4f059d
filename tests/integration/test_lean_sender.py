"""The lean sender against real receivers: aiortc's, by real sockets, with real loss."""

from __future__ import annotations

import logging
import random
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from aiortc.rtp import RtcpSrPacket, RtpPacket, is_rtcp

from heatwall.api.application import make_app
from heatwall.clock import monotonic
from heatwall.delivery import lean
from heatwall.delivery.fanout import Fanout
from heatwall.delivery.peer import Peer, packetise
from heatwall.delivery.session import Sessions
from heatwall.values import Tier
from support.demand import TestSource
from support.eventually import eventually_async
from support.h264 import TestEncoder
from support.viewer import Viewer
from support.wall import FakeWall

_TILES = 16
_CAMERAS = [f"cam{index}" for index in range(_TILES)]


class _Stand:
    """A server with viewers, of whose packets a test sees each, and may lose some."""

    def __init__(self, base: str, source: TestSource, fanout: Fanout, sessions: Sessions) -> None:
        self.base = base
        self.fanout = fanout
        self.source = source
        self.sessions = sessions

    def peer(self) -> Peer:
        (session,) = self.sessions._sessions.values()
        assert isinstance(session.connection, Peer)
        return session.connection

    def link(self) -> lean.LeanLink | None:
        (link,) = self.peer()._links._links.values()
        return link


@asynccontextmanager
async def _serving(page_dir: Path, *, is_fed: bool = True) -> AsyncIterator[_Stand]:
    (page_dir / "index.html").write_text("<!doctype html>")
    source = TestSource({(camera, Tier.TILE): (640, 360) for camera in _CAMERAS})
    fanout = Fanout(source, monotonic, packetise)
    wall = FakeWall(*_CAMERAS)
    async with (
        Sessions(fanout, wall.cameras.__contains__, 8, monotonic) as sessions,
        TestServer(make_app(wall, wall, sessions, page_dir)) as server,
        source.running(fanout) if is_fed else nullcontext(),
    ):
        yield _Stand(str(server.make_url("")).rstrip("/"), source, fanout, sessions)
    fanout.close()


class _Receiver:
    """Looks at all that one viewer's socket gets, and loses the RTP packets that a test says.

    Args:
        viewer: Not opened yet.
        loses: Of which SSRC and sequence number.
    """

    def __init__(
        self, viewer: Viewer, loses: Callable[[int, int], bool] = lambda _ssrc, _number: False
    ) -> None:
        self.packets: list[RtpPacket] = []
        self.reports: list[RtcpSrPacket] = []
        self.lost = 0
        self._loses = loses
        dtls = viewer.connection.getTransceivers()[0].receiver.transport
        ice = dtls.transport._connection
        self._arrived, self._rtp, self._rtcp = (
            ice.data_received,
            dtls._handle_rtp_data,
            dtls._rtp_router.route_rtcp,
        )
        # By name, since the checker allows no other way to replace a method.
        setattr(ice, "data_received", self._arrive)  # noqa: B010 - see above
        setattr(dtls, "_handle_rtp_data", self._see)  # noqa: B010 - the same
        setattr(dtls._rtp_router, "route_rtcp", self._report)  # noqa: B010 - the same

    def _arrive(self, data: bytes, component: int) -> None:
        is_rtp = 127 < data[0] < 192 and not is_rtcp(data)  # RFC 5764 section 5.1.2
        if is_rtp and self._loses(*reversed(struct.unpack_from(">H4xI", data, 2))):
            self.lost += 1
        else:
            self._arrived(data, component)

    async def _see(self, data: bytes, arrival_time_ms: int) -> None:
        self.packets.append(RtpPacket.parse(data))
        await self._rtp(data, arrival_time_ms=arrival_time_ms)

    def _report(self, packet: Any) -> Any:
        if isinstance(packet, RtcpSrPacket):
            self.reports.append(packet)
        return self._rtcp(packet)


@pytest.fixture(autouse=True)
def _say_again() -> Iterator[None]:
    lean._say_once.cache_clear()
    yield
    lean._say_once.cache_clear()


async def test_the_lean_sender_is_the_one_that_sends(tmp_path: Path) -> None:
    async with _serving(tmp_path) as stand:
        viewer = Viewer(stand.base)
        receiver = _Receiver(viewer)
        await viewer.open("/whep?camera=cam0")
        await eventually_async(lambda: len(viewer.frames[0]) > 10)
        assert stand.link() is not None
        numbers = [packet.sequence_number for packet in receiver.packets]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert numbers[0] < 1 << 15
        await viewer.close()


async def test_reports_tell_what_was_sent(tmp_path: Path) -> None:
    async with _serving(tmp_path) as stand:
        viewer = Viewer(stand.base)
        receiver = _Receiver(viewer)
        await viewer.open("/whep?camera=cam0")
        await eventually_async(lambda: len(receiver.reports) > 1)
        info = receiver.reports[-1].sender_info
        sent = receiver.packets[: info.packet_count]
        assert len(sent) == info.packet_count > 10
        assert info.octet_count == sum(len(packet.payload) for packet in sent)
        assert info.rtp_timestamp == sent[-1].timestamp
        await viewer.close()


@pytest.mark.parametrize("has_rtx", [True, False])
async def test_lost_packets_are_sent_again_and_no_picture_is_missing(
    tmp_path: Path, *, has_rtx: bool
) -> None:
    chance = random.Random(1)
    ssrcs: list[int] = []
    numbers: set[int] = set()

    def loses(ssrc: int, number: int) -> bool:
        """Lose 5 % of what is sent for the first time."""
        ssrcs.append(ssrc)
        is_first = ssrc == ssrcs[0] and number not in numbers
        numbers.add(number)
        return is_first and len(numbers) > 20 and chance.random() < 0.05

    async with _serving(tmp_path) as stand:
        viewer = Viewer(stand.base)
        viewer.has_rtx = has_rtx
        receiver = _Receiver(viewer, loses)
        await viewer.open("/whep?camera=cam0")
        await eventually_async(lambda: receiver.lost >= 6, 30.0)
        count = len(viewer.frames[0])
        idrs = stand.source.encoders["cam0", Tier.TILE].idrs
        await eventually_async(lambda: len(viewer.frames[0]) > count + 15)
        assert len(set(ssrcs)) == (2 if has_rtx else 1)
        assert stand.source.encoders["cam0", Tier.TILE].idrs == idrs, "nobody had to ask for one"
        shown = set(viewer.pts[0])
        times = {packet.timestamp for packet in receiver.packets[:-30]}
        assert len(shown) >= len(times) - 2, "no picture was skipped"
        await viewer.close()


async def test_sixteen_cameras_in_one_tick_lose_nothing(tmp_path: Path) -> None:
    """Their IDRs together are more than a viewer's socket holds."""
    encoder = TestEncoder("any", size=(1920, 1080))
    numbers: dict[int, list[int]] = {}

    def note(ssrc: int, number: int) -> bool:
        """Count, and keep it from the viewer's decoders: they share a process with the server."""
        numbers.setdefault(ssrc, []).append(number)
        return True

    async with _serving(tmp_path, is_fed=False) as stand:
        viewer = Viewer(stand.base, slots=_TILES)
        receiver = _Receiver(viewer, note)
        await viewer.open("/whep?" + "&".join(f"camera={camera}" for camera in _CAMERAS))
        await eventually_async(lambda: viewer.connection.connectionState == "connected")
        expected = 0
        for burst in range(1, 4):
            encoder.is_idr_wanted = True
            picture = encoder.picture(rtp_time=burst * 90_000)
            expected += len(packetise(picture.annexb))
            for camera in _CAMERAS:
                stand.fanout.publish(replace(picture, camera=camera))
            await eventually_async(lambda: receiver.lost >= _TILES * expected)  # noqa: B023 - read before it changes
        assert expected * _TILES > 3 * 230, "a socket of aioice's size holds fewer"
        assert stand.link() is not None
        assert len(numbers) == _TILES, "nothing was sent twice"
        for seen in numbers.values():
            assert seen == list(range(seen[0], seen[0] + expected))
        await viewer.close()


async def test_a_viewer_whose_socket_takes_nothing_begins_again_with_an_idr(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with _serving(tmp_path) as stand:
        slow, quick = Viewer(stand.base), Viewer(stand.base)
        await slow.open("/whep?camera=cam0")
        await eventually_async(lambda: len(slow.frames[0]) > 5)
        link = stand.link()
        assert link is not None
        await quick.open("/whep?camera=cam0")
        await eventually_async(lambda: len(quick.frames[0]) > 5)
        asked = stand.source.count("idr")
        count = len(quick.frames[0])
        with monkeypatch.context() as patch:
            patch.setattr(link.wire, "_is_blocked", lambda: True)
            await eventually_async(lambda: stand.source.count("idr") > asked)
            await eventually_async(lambda: len(quick.frames[0]) > count + 15)
            frozen = len(slow.frames[0])
        await eventually_async(lambda: len(slow.frames[0]) > frozen + 5)
        statistics = stand.sessions.statistics()["cam0", Tier.TILE]
        assert statistics.dropped > 0
        await slow.close()
        await quick.close()


async def test_where_the_lean_sender_can_not_be_used_aiortc_sends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, lean.__name__)
    monkeypatch.setattr(lean, "is_plain", lambda _transport: False)
    async with _serving(tmp_path) as stand:
        viewer = Viewer(stand.base, slots=3)
        await viewer.open("/whep?camera=cam0&camera=cam1&camera=cam2")
        await eventually_async(lambda: all(len(frames) > 5 for frames in viewer.frames))
        assert stand.link() is None
        await viewer.send_pli(0)
        idrs = stand.source.encoders["cam0", Tier.TILE].idrs
        await eventually_async(lambda: stand.source.encoders["cam0", Tier.TILE].idrs > idrs)
        await viewer.close()
    messages = [record.message for record in caplog.records if record.name == lean.__name__]
    assert len(messages) == 1
    assert "plain UDP socket" in messages[0]
