"""A source that reads RTSP by our own client, or by libavformat where that is due."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from itertools import islice, pairwise
from pathlib import Path

import pytest
import pytest_asyncio

import heatwall.camera.source as source_module
from heatwall.camera.libav import LibavDemuxer
from heatwall.camera.rtsp_demuxer import RtspDemuxer
from heatwall.camera.source import DecodedFrame, Source
from heatwall.errors import SourceError, SourceRefusedError, SourceUnsupportedError
from heatwall.simulator.auth import AuthScheme, Credentials
from heatwall.simulator.faults import Fault
from heatwall.simulator.rtp_codec import packetize_clip, read_clip
from heatwall.simulator.simulate import SimulatedCameras, SimulationOptions
from heatwall.values import SecretUrl
from support.cameras import simulated
from support.clip import build_clip
from support.eventually import eventually
from support.gst_camera import Kind, gst_camera
from support.rtp import Stream
from support.scripted_camera import SDP, ScriptedCamera, framed, scripted_camera

TIMEOUT_S = 5.0


@contextmanager
def source(
    url: SecretUrl, timeout_s: float = TIMEOUT_S, transport: str = "tcp"
) -> Iterator[Source]:
    with closing(Source(url, transport, timeout_s)) as opened:
        yield opened


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[SimulatedCameras]:
    async with simulated(tmp_path) as cameras:
        yield cameras


async def seen(url: SecretUrl, count: int) -> list[DecodedFrame]:
    """Return the first frames, while the event loop's cameras go on."""

    def watch() -> list[DecodedFrame]:
        with source(url) as camera:
            return list(islice(camera.frames(), count))

    return await asyncio.to_thread(watch)


@pytest.mark.parametrize(
    ("kind", "transport", "demuxer"),
    [
        (Kind.H264, "tcp", RtspDemuxer),
        (Kind.H264_B_FRAMES, "tcp", RtspDemuxer),
        (Kind.H265, "tcp", RtspDemuxer),
        (Kind.MJPEG, "tcp", LibavDemuxer),
        (Kind.H264, "udp", LibavDemuxer),
    ],
)
def test_each_stream_is_read_by_what_can(kind: Kind, transport: str, demuxer: type) -> None:
    with gst_camera(kind) as url, source(SecretUrl(url), transport=transport) as camera:
        assert isinstance(camera._demuxer, demuxer)
        frame = next(camera.frames())
        assert 0 <= time.monotonic() - frame.arrival_s < TIMEOUT_S


def test_the_first_connection_stays_until_libavformat_has_tried_and_is_gone_when_it_tries_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[str] = []

    def demuxer(*_: object) -> LibavDemuxer:
        if not tried:
            assert camera.is_talking
        else:
            eventually(lambda: not camera.is_talking)
        tried.append("once")
        raise SourceError("no second connection")

    monkeypatch.setattr(source_module, "LibavDemuxer", demuxer)
    with (
        scripted_camera(ScriptedCamera(sdp=SDP.replace("H264", "JPEG"))) as camera,
        pytest.raises(SourceError, match="second"),
    ):
        Source(camera.url, "tcp", TIMEOUT_S)
    assert len(tried) == 2


@pytest.mark.parametrize("kind", [SourceRefusedError, SourceUnsupportedError])
def test_what_libavformat_knows_for_sure_is_not_tried_again(
    monkeypatch: pytest.MonkeyPatch, kind: type[SourceError]
) -> None:
    tried: list[str] = []

    def demuxer(*_: object) -> LibavDemuxer:
        tried.append("once")
        raise kind("for sure")

    monkeypatch.setattr(source_module, "LibavDemuxer", demuxer)
    camera = ScriptedCamera(sdp=SDP.replace("H264", "JPEG"))
    with scripted_camera(camera), pytest.raises(kind):
        Source(camera.url, "tcp", TIMEOUT_S)
    assert len(tried) == 1


def test_a_frame_comes_before_the_next_is_sent(tmp_path: Path) -> None:
    clip = read_clip(build_clip(tmp_path / "clip.mp4", frames=3))
    packets = Stream().picture(*packetize_clip(clip).units[0].payloads)
    camera = ScriptedCamera(video=b"".join(framed(packet) for packet in packets))
    with scripted_camera(camera), source(camera.url) as opened:
        frame = next(opened.frames())
        assert (frame.width, frame.height, frame.pts_s) == (640, 360, 0.0)
        assert opened.codec == "h264"


def test_parameter_sets_of_the_description_do_when_none_are_in_band(tmp_path: Path) -> None:
    clip = read_clip(build_clip(tmp_path / "clip.mp4", frames=3, is_noisy=True))
    sets = clip.format.parameters
    sprop = ",".join(base64.b64encode(nal).decode() for nal in (sets.sps, sets.pps))
    slices = [p for p in packetize_clip(clip).units[0].payloads if p[0] & 0x1F == 28]
    assert slices
    video = b"".join(framed(packet) for packet in Stream().picture(*slices))
    for sdp in (
        SDP.replace("mode=1", f"mode=1;sprop-parameter-sets={sprop}"),
        SDP.replace("mode=1", f"mode=1;sprop-parameter-sets=Z//////////,{sprop}"),
    ):
        camera = ScriptedCamera(sdp=sdp, video=video)
        with scripted_camera(camera), source(camera.url) as opened:
            assert next(opened.frames()).width == 640


def test_one_broken_picture_does_not_end_the_stream(tmp_path: Path) -> None:
    clip = read_clip(build_clip(tmp_path / "clip.mp4", frames=20, is_noisy=True))
    stream = Stream()
    pictures = [stream.picture(*unit.payloads) for unit in packetize_clip(clip).units]
    pictures[3] = stream.picture(b"\x65\xff\xff\xff", step=0)
    del pictures[7][1]
    video = b"".join(framed(packet) for picture in pictures for packet in picture)
    with scripted_camera(ScriptedCamera(video=video)) as camera, source(camera.url) as opened:
        frames = list(islice(opened.frames(), 15))
        assert opened.broken == 1
    times_s = [frame.pts_s for frame in frames if frame.pts_s is not None]
    assert len(times_s) == len(frames)
    assert all(after_s > before_s for before_s, after_s in pairwise(times_s))


async def test_a_source_that_was_not_read_for_a_while_is_behind(store: SimulatedCameras) -> None:
    def watch() -> tuple[bool, list[float]]:
        with source(store.urls[0]) as camera:
            frames = camera.frames()
            next(frames)
            is_behind = eventually(lambda: camera.is_behind)
            return is_behind, [frame.arrival_s for frame in islice(frames, 10)]

    is_behind, arrivals = await asyncio.to_thread(watch)
    assert is_behind
    assert arrivals == sorted(arrivals)


async def test_times_follow_the_cameras_clock_through_its_jumps(store: SimulatedCameras) -> None:
    def watch() -> list[float]:
        with source(store.urls[0]) as camera:
            times: list[float] = []
            for frame in camera.frames():
                assert frame.pts_s is not None
                times.append(frame.pts_s)
                if len(times) == 10:
                    store.camera("cam1").fault = Fault.TIMESTAMP_JUMP
                if len(times) == 40:
                    return times
            return times

    times = await asyncio.to_thread(watch)
    steps = [after - before for before, after in pairwise(times)]
    jumps = [step for step in steps if abs(step - 1 / 15) > 0.01]
    assert len(jumps) == 1
    assert abs(jumps[0]) > 1


async def test_another_size_comes_with_the_next_keyframe(store: SimulatedCameras) -> None:
    def watch() -> set[int]:
        with source(store.urls[0]) as camera:
            widths: set[int] = set()
            for frame in camera.frames():
                widths.add(frame.width)
                store.camera("cam1").fault = Fault.RESOLUTION
                if len(widths) == 2:
                    return widths
            return widths

    assert max(await asyncio.to_thread(watch)) == 640


@pytest.mark.parametrize(
    ("fault", "text"),
    [(Fault.STALL, "no answer within 1 s"), (Fault.CUT, "the camera ended the stream")],
)
async def test_a_stream_that_fails_says_how(
    store: SimulatedCameras, fault: Fault, text: str
) -> None:
    def watch() -> None:
        with source(store.urls[0], 1.0) as camera:
            for _ in camera.frames():
                store.camera("cam1").fault = fault

    with pytest.raises(SourceError, match=text):
        await asyncio.to_thread(watch)


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault.OFF, "does not know this path"),
        (Fault.REFUSE, "the camera ended the stream"),
        (Fault.HANG, "no answer within 1 s"),
    ],
)
async def test_a_camera_that_can_not_be_opened_says_why(
    store: SimulatedCameras, fault: Fault, text: str
) -> None:
    store.camera("cam1").fault = fault
    with pytest.raises(SourceError, match=text):
        await asyncio.to_thread(Source, store.urls[0], "tcp", 1.0)


@pytest.mark.parametrize("scheme", list(AuthScheme))
async def test_a_password_is_proved_in_each_way(tmp_path: Path, scheme: AuthScheme) -> None:
    options = SimulationOptions(credentials=Credentials("viewer", "p@ss:w/rd", (scheme,)))
    async with simulated(tmp_path, options=options) as store:
        assert len(await seen(store.urls[0], 2)) == 2
