"""Simulated cameras over real sockets, with FFmpeg as the client and with bare requests."""

from __future__ import annotations

import asyncio
import struct
import threading
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from itertools import pairwise
from pathlib import Path

import av
import pytest

from heatwall.errors import PortInUseError
from heatwall.simulator.auth import AuthScheme, Credentials
from heatwall.simulator.cameras import IDR_PAUSE_S
from heatwall.simulator.faults import Fault
from heatwall.simulator.rtsp_connection import SESSION_TIMEOUT_S
from heatwall.simulator.rtsp_server import RtspServer
from heatwall.simulator.simulate import SimulatedCameras, SimulationOptions
from support.clip import build_clip
from support.eventually import eventually_async
from support.rtsp_client import SETUP_TCP, RtspClient, connect
from support.watcher import Watcher

FPS = 30
FRAMES = 45
STEP = 90_000 // FPS
ACCOUNT = Credentials("viewer", "s3cret/@:")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_clip(tmp_path_factory.mktemp("clip") / "loop.mp4", frames=FRAMES, fps=FPS)


@pytest.fixture
async def store(clip: Path) -> AsyncIterator[SimulatedCameras]:
    async with SimulatedCameras(2, SimulationOptions(clips=(clip,))) as store:
        yield store


def watching(store: SimulatedCameras, index: int = 0, transport: str = "tcp") -> Watcher:
    return Watcher(store.urls[index].secret, transport)


def client(store: SimulatedCameras, index: int = 0) -> AbstractAsyncContextManager[RtspClient]:
    return connect(store.urls[index].secret)


def in_step(times: list[int]) -> bool:
    """Whether frames came without a gap, by their pts."""
    return {after - before for before, after in pairwise(times)} == {STEP}


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("schemes", [(), (AuthScheme.DIGEST,), (AuthScheme.BASIC,)])
async def test_a_camera_plays_its_clip_in_a_loop(
    clip: Path, transport: str, schemes: tuple[AuthScheme, ...]
) -> None:
    account = Credentials(ACCOUNT.user, ACCOUNT.password, schemes) if schemes else None
    options = SimulationOptions(clips=(clip,), credentials=account)
    async with SimulatedCameras(1, options) as store:
        async with watching(store, transport=transport) as watcher:
            await eventually_async(lambda: len(watcher.frames) > 1.5 * FRAMES)
        barcodes = [number for number in watcher.barcodes if number is not None]
        assert len(barcodes) == len(watcher.frames)
        assert barcodes[0] % FPS == 0, "the first frame is an IDR"
        assert barcodes == [(barcodes[0] + i) % FRAMES for i in range(len(barcodes))]
        assert in_step(watcher.times)


@pytest.mark.parametrize("schemes", [(AuthScheme.DIGEST,), (AuthScheme.BASIC,)])
async def test_a_wrong_password_is_refused(clip: Path, schemes: tuple[AuthScheme, ...]) -> None:
    account = Credentials("viewer", "right", schemes)
    async with SimulatedCameras(1, SimulationOptions(clips=(clip,), credentials=account)) as store:
        url = store.urls[0].secret.replace("right", "wrong")
        async with Watcher(url) as watcher:
            error = await eventually_async(lambda: watcher.error)
        assert isinstance(error, av.HTTPUnauthorizedError)


async def test_each_camera_has_its_own_account(clip: Path) -> None:
    options = SimulationOptions(clips=(clip,), credentials_of={"cam2": ACCOUNT})
    async with SimulatedCameras(2, options) as store:
        assert "@" not in store.urls[0].secret
        async with client(store) as first:
            assert (await first.request("DESCRIBE")).status == 200
        async with connect(store.urls[0].secret.replace("cam1", "cam2")) as second:
            answer = await second.request("DESCRIBE")
            assert answer.status == 401
            assert [c.split()[0] for c in answer.headers["www-authenticate"].split("\n")] == [
                "Digest",
                "Basic",
            ]


async def test_no_url_shows_its_password(clip: Path) -> None:
    async with SimulatedCameras(1, SimulationOptions(clips=(clip,), credentials=ACCOUNT)) as store:
        assert ACCOUNT.password not in f"{store.urls} {store.urls[0]} {store.camera('cam1')!r}"


@pytest.mark.parametrize("transport", ["tcp", "udp"])
async def test_picture_rtp_time_and_sender_report_tell_the_same_instant(
    clip: Path, transport: str
) -> None:
    options = SimulationOptions(clips=(clip,), barcode_cameras=frozenset({"cam1"}))
    async with SimulatedCameras(1, options) as store:
        async with watching(store, transport=transport) as watcher:
            await eventually_async(lambda: len(watcher.frames) > 2 * FPS)
        wall_ahead_s = time.time() - time.monotonic()
        assert watcher.start_realtime_us is not None
        for frame in watcher.frames:
            assert frame.barcode is not None
            painted_s = frame.barcode / 1000
            assert painted_s <= frame.arrival_s, "no picture comes before its capture"
            if frame.pts is not None:
                told_s = watcher.start_realtime_us / 1e6 + frame.pts / 90_000 - wall_ahead_s
                assert told_s == pytest.approx(painted_s, abs=0.02)


async def test_all_viewers_of_a_camera_see_the_same_moment(store: SimulatedCameras) -> None:
    async with watching(store) as one, watching(store, transport="udp") as other:
        await eventually_async(lambda: len(one.frames) > FPS and len(other.frames) > FPS)
        latest = [max(f.arrival_s for f in w.frames) for w in (one, other)]
        assert abs(latest[0] - latest[1]) < 1
    arrivals = {f.barcode: f.arrival_s for f in one.frames[-FPS:]}
    shared = [f for f in other.frames[-FPS:] if f.barcode in arrivals]
    assert shared
    assert all(abs(arrivals[f.barcode] - f.arrival_s) < 1 for f in shared)


async def test_cameras_are_shifted_against_each_other(store: SimulatedCameras) -> None:
    phases = [camera.epoch_s for camera in store.cameras]
    assert (phases[1] - phases[0]) % (1 / FPS) == pytest.approx(0.5 / FPS, abs=0.4 / FPS)


async def test_the_dialogue_is_that_of_rfc_2326(store: SimulatedCameras) -> None:
    async with client(store) as rtsp:
        options = await rtsp.request("OPTIONS")
        assert {"DESCRIBE", "SETUP", "PLAY", "TEARDOWN", "GET_PARAMETER"} <= set(
            options.headers["public"].split(", ")
        )
        described = await rtsp.request("DESCRIBE", Accept="application/sdp")
        assert described.headers["content-type"] == "application/sdp"
        assert described.headers["content-base"] == rtsp.url + "/"
        assert b"sprop-parameter-sets=" in described.body
        setup = await rtsp.request("SETUP", uri=f"{rtsp.url}/trackID=0", Transport=SETUP_TCP)
        assert setup.headers["transport"].startswith("RTP/AVP/TCP;unicast;interleaved=0-1")
        assert setup.headers["session"].endswith(f";timeout={SESSION_TIMEOUT_S}")
        playing = await rtsp.request("PLAY", Range="npt=0.000-")
        assert f"url={rtsp.url}/trackID=0;seq=" in playing.headers["rtp-info"]
        channels = [(await rtsp.packet())[0] for _ in range(5)]
        assert channels[:2] == [1, 0], "the first report comes before the first frame"
        assert (await rtsp.request("GET_PARAMETER")).status == 200
        assert store.camera("cam1").viewers == 1
        assert (await rtsp.request("PAUSE")).status == 200
        assert store.camera("cam1").viewers == 0
        assert (await rtsp.request("PLAY")).status == 200
        assert (await rtsp.request("TEARDOWN")).status == 200
        assert store.camera("cam1").viewers == 0
        assert (await rtsp.request("PLAY")).status == 454


async def test_requests_out_of_place_get_their_status(store: SimulatedCameras) -> None:
    async with client(store) as rtsp:
        assert (await rtsp.request("PLAY")).status == 454
        assert (await rtsp.request("RECORD")).status == 501
        assert (await rtsp.request("DESCRIBE", uri=rtsp.url + "9")).status == 404
        assert (await rtsp.request("OPTIONS", uri="*")).status == 200
        assert (await rtsp.request("SETUP", Transport="RTP/AVP;multicast")).status == 461
        await rtsp.play()
        assert (await rtsp.request("SETUP", Transport=SETUP_TCP)).status == 455
        rtsp.session = "other"
        assert (await rtsp.request("PAUSE")).status == 454


async def test_bytes_that_are_no_rtsp_end_the_connection(store: SimulatedCameras) -> None:
    async with client(store) as rtsp:
        rtsp.writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert (await rtsp.reader.readline()).startswith(b"RTSP/1.0 400")
        assert await rtsp.is_closed()


async def test_a_session_ends_with_its_connection(store: SimulatedCameras) -> None:
    async with client(store) as rtsp:
        await rtsp.play()
        assert store.camera("cam1").viewers == 1
    await eventually_async(lambda: store.camera("cam1").viewers == 0)


async def test_a_silent_client_is_dropped_after_the_session_time_out() -> None:
    now_s = [0.0]
    async with (
        RtspServer([], clock=lambda: now_s[0]) as server,
        connect(f"rtsp://127.0.0.1:{server.port}/x") as rtsp,
    ):
        await rtsp.request("OPTIONS", uri="*")
        now_s[0] = SESSION_TIMEOUT_S - 1.0
        server.expire_silent()
        await rtsp.request("OPTIONS", uri="*")
        now_s[0] += SESSION_TIMEOUT_S - 1.0
        server.expire_silent()
        await rtsp.request("OPTIONS", uri="*")
        now_s[0] += SESSION_TIMEOUT_S + 1.0
        server.expire_silent()
        assert await rtsp.is_closed()


async def test_a_slow_viewer_is_cut_short_and_the_others_are_not(
    tmp_path: Path,
) -> None:
    clip = build_clip(tmp_path / "noisy.mp4", frames=FRAMES, fps=FPS, is_noisy=True)
    async with SimulatedCameras(1, SimulationOptions(clips=(clip,))) as store:
        camera = store.camera("cam1")
        async with client(store) as slow:
            await slow.play()
            # The stream reader of asyncio stops reading at 128 KiB.
            async with watching(store) as watcher:
                await eventually_async(lambda: camera.frames_dropped > 2, 30)
                seen = len(watcher.frames)
                await eventually_async(lambda: len(watcher.frames) > seen + FPS)
                assert in_step(watcher.times)


async def test_a_refused_connection_is_closed_and_old_ones_go_on(
    store: SimulatedCameras,
) -> None:
    async with watching(store) as watcher:
        await eventually_async(lambda: watcher.frames)
        store.camera("cam1").fault = Fault.REFUSE
        async with client(store) as rtsp:
            with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
                await rtsp.request("OPTIONS")
        async with client(store, 1) as other:
            assert (await other.request("DESCRIBE")).status == 200
        seen = len(watcher.frames)
        await eventually_async(lambda: len(watcher.frames) > seen)
        assert watcher.error is None


async def test_a_hanging_camera_takes_requests_and_never_answers(
    store: SimulatedCameras,
) -> None:
    store.camera("cam1").fault = Fault.HANG
    async with watching(store) as watcher:
        await eventually_async(lambda: watcher.error)
    assert not watcher.frames


async def test_a_stalled_camera_keeps_the_connection_and_comes_back(
    store: SimulatedCameras,
) -> None:
    async with client(store) as rtsp:
        await rtsp.play()
        await rtsp.packet()
        store.camera("cam1").fault = Fault.STALL
        sent = store.camera("cam1").frames_sent
        assert (await rtsp.request("GET_PARAMETER")).status == 200
        async with watching(store) as watcher:
            await eventually_async(lambda: watcher.error)
        assert store.camera("cam1").frames_sent == sent
        store.camera("cam1").fault = Fault.NONE
        assert (await rtsp.packet())[0] in (0, 1)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
async def test_a_cut_closes_the_connection_and_a_client_can_come_back(
    store: SimulatedCameras, transport: str
) -> None:
    async with watching(store, transport=transport) as watcher:
        await eventually_async(lambda: watcher.frames)
        store.camera("cam1").fault = Fault.CUT
        await eventually_async(lambda: store.camera("cam1").viewers == 0)
        await eventually_async(lambda: not watcher.is_alive())
    store.camera("cam1").fault = Fault.NONE
    async with watching(store, transport=transport) as again:
        await eventually_async(lambda: again.frames)


async def test_an_unplugged_camera_is_not_found_until_it_is_plugged_in(
    store: SimulatedCameras,
) -> None:
    store.camera("cam1").fault = Fault.OFF
    async with watching(store) as watcher:
        error = await eventually_async(lambda: watcher.error)
    assert isinstance(error, av.HTTPNotFoundError)
    store.camera("cam1").fault = Fault.NONE
    async with watching(store) as again:
        await eventually_async(lambda: again.frames)


async def test_a_stream_recovers_from_garbage(store: SimulatedCameras) -> None:
    async with watching(store) as watcher:
        await eventually_async(lambda: len(watcher.frames) > 3)
        sent = store.camera("cam1").frames_sent
        store.camera("cam1").fault = Fault.GARBAGE
        await eventually_async(lambda: store.camera("cam1").frames_sent > sent + 5)
        store.camera("cam1").fault = Fault.NONE
        seen = len(watcher.frames)
        await eventually_async(lambda: _is_whole(watcher, seen))


def _is_whole(watcher: Watcher, since: int) -> bool:
    """Whether the last frames follow each other and are readable."""
    last = watcher.barcodes[since:][-5:]
    return len(last) == 5 and all(
        a is not None and b == (a + 1) % FRAMES for a, b in pairwise(last)
    )


@pytest.mark.parametrize(
    ("fault", "size"), [(Fault.RESOLUTION, (320, 180)), (Fault.ASPECT, (480, 360))]
)
@pytest.mark.parametrize("is_barcode", [False, True])
async def test_the_picture_changes_its_size_and_changes_back(
    clip: Path, is_barcode: bool, fault: Fault, size: tuple[int, int]
) -> None:
    painted = frozenset({"cam1"} if is_barcode else ())
    options = SimulationOptions(clips=(clip,), barcode_cameras=painted)
    async with SimulatedCameras(1, options) as store:
        async with watching(store) as watcher:
            await eventually_async(lambda: watcher.frames)
            store.camera("cam1").fault = fault
            await eventually_async(lambda: watcher.frames[-1].size == size)
            store.camera("cam1").fault = Fault.NONE
            await eventually_async(lambda: watcher.frames[-1].size == (640, 360))
        assert in_step(watcher.times)
        assert None not in watcher.barcodes


async def test_the_rtp_time_jumps_forth_and_back(store: SimulatedCameras) -> None:
    camera = store.camera("cam1")
    camera.timestamp_jump_s = 100.0
    async with client(store) as rtsp:
        await rtsp.play()
        before = await _next_rtp_time(rtsp)
        camera.fault = Fault.TIMESTAMP_JUMP
        during = await _rtp_time_beyond(rtsp, before + 50 * 90_000)
        camera.fault = Fault.NONE
        after = await _rtp_time_beyond(rtsp, during - 50 * 90_000, is_below=True)
    assert (during - before) % STEP == 100 * 90_000 % STEP
    assert before < after < during


async def _next_rtp_time(rtsp: RtspClient) -> int:
    """Return the RTP time of the next packet with media."""
    while True:
        channel, packet = await rtsp.packet()
        if channel == 0:
            return int(struct.unpack(">I", packet[4:8])[0])


async def _rtp_time_beyond(rtsp: RtspClient, limit: int, *, is_below: bool = False) -> int:
    """Return the first RTP time above, or below, `limit`."""
    while True:
        rtp_time = await _next_rtp_time(rtsp)
        if (rtp_time < limit) if is_below else (rtp_time > limit):
            return rtp_time


async def test_an_idr_pause_makes_frames_late_and_loses_none(store: SimulatedCameras) -> None:
    store.camera("cam1").fault = Fault.IDR_PAUSE
    async with watching(store) as watcher:
        await eventually_async(lambda: len(watcher.frames) > 2 * FPS)
    assert in_step(watcher.times)
    gaps = [b.arrival_s - a.arrival_s for a, b in pairwise(watcher.frames)]
    assert max(gaps) > IDR_PAUSE_S / 2


async def test_planned_faults_come_and_go(clip: Path) -> None:
    options = SimulationOptions(
        clips=(clip,), faults=("cam2=off@300ms+700ms", "cam1=stall", "cam1=cut@1h")
    )
    async with SimulatedCameras(2, options) as store:
        one, two = store.cameras
        assert two.fault is Fault.NONE
        await eventually_async(lambda: one.fault is Fault.STALL)
        await eventually_async(lambda: two.fault is Fault.OFF)
        await eventually_async(lambda: two.fault is Fault.NONE)


async def test_a_port_in_use_is_named(store: SimulatedCameras, clip: Path) -> None:
    port = int(store.urls[0].secret.split(":")[2].split("/")[0])
    with pytest.raises(PortInUseError, match=str(port)):
        async with SimulatedCameras(1, SimulationOptions(clips=(clip,), port=port)):
            pass


async def test_nothing_is_left_behind(clip: Path) -> None:
    def handles() -> tuple[list[str], int, int]:
        # The loop's own executor keeps its threads until the loop is closed.
        threads = [t.name for t in threading.enumerate() if not t.name.startswith("asyncio")]
        return threads, len(asyncio.all_tasks()), len(list(Path("/proc/self/fd").iterdir()))

    before = handles()
    options = SimulationOptions(clips=(clip,), barcode_cameras=frozenset({"cam2"}))
    async with SimulatedCameras(2, options) as store:
        store.camera("cam1").fault = Fault.RESOLUTION
        async with client(store) as rtsp, client(store, 1) as other:
            await rtsp.play()
            await other.play()
            await rtsp.packet()
            await other.packet()
    await eventually_async(lambda: handles() == before)
