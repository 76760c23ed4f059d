"""A camera with two streams: real RTSP, a real worker process, its real supervisor."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import av
import msgspec
import pytest
import pytest_asyncio

from heatwall.camera.link import Open, SetPace
from heatwall.camera.main_stream import MainStream
from heatwall.simulator.auth import Credentials
from heatwall.simulator.faults import Fault
from heatwall.simulator.simulate import SimulatedCameras, SimulationOptions
from heatwall.states import CameraState
from heatwall.values import Tier
from support.cameras import RecordingPort, order_for, overlay, supervised
from support.clip import build_clip
from support.eventually import eventually_async

MAIN, SUB = "cam1", "cam2"
LARGE, SMALL = (640, 360), (320, 180)


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[SimulatedCameras]:
    """Serve a camera's main stream as cam1 and its substream as cam2."""
    clips = (
        build_clip(tmp_path / "main.mp4", frames=45, width=LARGE[0], height=LARGE[1]),
        build_clip(tmp_path / "sub.mp4", frames=45, width=SMALL[0], height=SMALL[1]),
    )
    async with SimulatedCameras(2, SimulationOptions(clips=clips)) as cameras:
        yield cameras


def order(store: SimulatedCameras, **changes: object) -> Open:
    main, sub = (url.secret for url in store.urls)
    return msgspec.structs.replace(order_for(main), substream=sub, **changes)


class Viewer:
    """Decodes the large tier's pictures as one browser would, from the first on."""

    def __init__(self, port: RecordingPort) -> None:
        self._port = port
        self._decoder = av.CodecContext.create("h264", "r")
        self._seen = 0
        self.frames: list[av.VideoFrame] = []

    def sizes(self) -> list[tuple[int, int]]:
        """Return the sizes of all pictures so far."""
        new, self._seen = self._port.pictures[self._seen :], len(self._port.pictures)
        for picture in new:
            if picture.tier is Tier.FOCUS:
                self.frames += self._decoder.decode(av.Packet(picture.annexb))
        return [(frame.width, frame.height) for frame in self.frames]

    def shows(self, size: tuple[int, int]) -> bool:
        """Whether the newest picture is of this size."""
        return self.sizes()[-1:] == [size]


async def test_tile_and_detection_come_from_the_substream(store: SimulatedCameras) -> None:
    async with supervised(order(store)) as (camera, port):
        camera.start_tier(Tier.TILE)
        await eventually_async(lambda: len(port.pictures) >= 5 and len(port.frames) >= 3)

        assert camera.facts is not None
        assert (camera.facts.width, camera.facts.height) == SMALL
        assert store.camera(MAIN).viewers == 0
        assert camera.notices == ()


async def test_the_main_stream_is_open_only_while_the_large_picture_is_watched(
    store: SimulatedCameras,
) -> None:
    async with supervised(order(store)) as (camera, port):
        viewer = Viewer(port)
        await eventually_async(lambda: len(port.frames) >= 2)
        camera.start_tier(Tier.FOCUS)
        await eventually_async(lambda: viewer.shows(LARGE))
        assert store.camera(MAIN).viewers == 1

        camera.stop_tier(Tier.FOCUS)
        await eventually_async(lambda: store.camera(MAIN).viewers == 0)

        at_stop = len(port.frames)
        await eventually_async(lambda: len(port.frames) >= at_stop + 3)
        assert camera.state is CameraState.LIVE


async def test_the_substream_bridges_until_the_main_stream_is_there(
    store: SimulatedCameras,
) -> None:
    store.camera(MAIN).fault = Fault.HANG
    async with supervised(order(store)) as (camera, port):
        viewer = Viewer(port)
        await eventually_async(lambda: len(port.frames) >= 2)
        camera.start_tier(Tier.FOCUS)
        await eventually_async(lambda: len(port.pictures) >= 5)
        store.camera(MAIN).fault = Fault.NONE
        await eventually_async(lambda: viewer.shows(LARGE), 20)

    seen = viewer.sizes()
    first_large = seen.index(LARGE)
    assert set(seen[:first_large]) == {SMALL}
    assert set(seen[first_large:]) == {LARGE}
    times = [picture.rtp_time for picture in port.pictures]
    assert len(seen) == len(
        port.pictures
    )  # each could be decoded: no stream's picture was mixed in
    assert times[first_large] > times[0]


async def test_a_main_stream_that_breaks_is_bridged_said_and_tried_again(
    store: SimulatedCameras,
) -> None:
    async with supervised(order(store)) as (camera, port):
        viewer = Viewer(port)
        camera.start_tier(Tier.FOCUS)
        await eventually_async(lambda: viewer.shows(LARGE))

        store.camera(MAIN).fault = Fault.OFF
        await eventually_async(lambda: viewer.shows(SMALL), 20)
        await eventually_async(lambda: len(camera.notices) == 1)
        assert camera.notices[0].startswith("main stream: ")
        assert camera.notices[0].endswith("; the substream is shown instead")

        store.camera(MAIN).fault = Fault.NONE
        await eventually_async(lambda: viewer.shows(LARGE), 20)
        await eventually_async(lambda: camera.notices == ())

    assert camera.restarts == 0


async def test_an_idr_asked_of_the_large_tier_comes_from_the_main_stream(
    store: SimulatedCameras,
) -> None:
    async with supervised(order(store)) as (camera, port):
        viewer = Viewer(port)
        camera.start_tier(Tier.FOCUS)
        await eventually_async(lambda: viewer.shows(LARGE))
        before = len(port.pictures)
        camera.request_idr(Tier.FOCUS)
        await eventually_async(lambda: any(picture.is_key for picture in port.pictures[before:]))


async def test_the_overlay_reaches_a_main_stream_that_is_opened_after_it(
    store: SimulatedCameras,
) -> None:
    async with supervised(order(store)) as (camera, port):
        viewer = Viewer(port)
        camera.start_tier(Tier.TILE)
        camera.show(overlay(255))
        await eventually_async(lambda: len(port.pictures) >= 5)
        camera.start_tier(Tier.FOCUS)
        await eventually_async(lambda: viewer.shows(LARGE))

    rows = viewer.frames[-1].to_ndarray()[LARGE[1] : LARGE[1] * 5 // 4]
    assert rows.mean() < 120  # U of the hottest heat, which is yellow


async def test_a_substream_that_is_missing_leaves_the_main_stream_for_all(
    store: SimulatedCameras,
) -> None:
    store.camera(SUB).fault = Fault.OFF
    async with supervised(order(store)) as (camera, port):
        viewer = Viewer(port)
        camera.start_tier(Tier.FOCUS)
        await eventually_async(lambda: len(port.frames) >= 2 and viewer.shows(LARGE), 20)

        assert camera.notices == (
            "substream: the camera does not know this path; the main stream is used for everything",
        )
        assert camera.state is CameraState.LIVE
        assert store.camera(MAIN).viewers == 1


async def test_a_substream_that_refuses_the_password_is_not_asked_again_at_once(
    tmp_path: Path,
) -> None:
    clip = build_clip(tmp_path / "clip.mp4", frames=15)
    options = SimulationOptions(
        clips=(clip,), credentials_of={SUB: Credentials("viewer", "other-secret-4711")}
    )
    async with SimulatedCameras(2, options) as store:
        wrong = store.urls[1].secret.replace("other-secret-4711", "wrong")
        refused = msgspec.structs.replace(order(store), substream=wrong)
        async with supervised(refused) as (camera, _):
            await eventually_async(lambda: camera.state is CameraState.REFUSED)


async def test_a_substream_of_another_shape_is_said(tmp_path: Path) -> None:
    clips = (
        build_clip(tmp_path / "main.mp4", frames=30, width=640, height=360),
        build_clip(tmp_path / "sub.mp4", frames=30, width=320, height=240),
    )
    async with (
        SimulatedCameras(2, SimulationOptions(clips=clips)) as store,
        supervised(order(store)) as (camera, port),
    ):
        viewer = Viewer(port)
        camera.start_tier(Tier.FOCUS)
        await eventually_async(lambda: viewer.shows(LARGE))
        await eventually_async(lambda: len(camera.notices) == 1)


async def test_a_slower_pace_reaches_both_streams(store: SimulatedCameras) -> None:
    async with supervised(order(store, detect_fps=7.5)) as (camera, port):
        viewer = Viewer(port)
        camera.set_pace(SetPace(0.4, 1 / 3))
        camera.start_tier(Tier.TILE)
        camera.start_tier(Tier.FOCUS)
        await eventually_async(lambda: viewer.shows(LARGE))
        await eventually_async(lambda: camera.tally.total("shown.tile") >= 15, 20)

        times_s = [frame.time_s for frame, _ in port.frames[1:]]

    tile = [picture.rtp_time for picture in port.pictures if picture.tier is Tier.TILE][1:]
    assert 90_000 * (len(tile) - 1) / (tile[-1] - tile[0]) == pytest.approx(5, abs=0.8)
    assert (len(times_s) - 1) / (times_s[-1] - times_s[0]) == pytest.approx(3, abs=0.6)


async def test_a_main_stream_that_falls_silent_is_bridged_before_it_times_out(
    store: SimulatedCameras,
) -> None:
    async with supervised(order(store, timeout_s=30.0)) as (camera, port):
        viewer = Viewer(port)
        camera.start_tier(Tier.FOCUS)
        await eventually_async(lambda: viewer.shows(LARGE))

        store.camera(MAIN).fault = Fault.STALL
        await eventually_async(lambda: viewer.shows(SMALL), 15)

        store.camera(MAIN).fault = Fault.NONE
        await eventually_async(lambda: viewer.shows(LARGE), 15)


def test_what_a_main_stream_that_can_not_be_opened_is_told_does_not_pile_up() -> None:
    stream = MainStream(order_for("rtsp://127.0.0.1/"), "focus", lambda _: None, lambda _: None)
    for level in range(100):
        stream.command(overlay(level))
        stream.command(SetPace(1.0, 0.5))

    assert list(stream._commands.values()) == [overlay(99), SetPace(1.0, 0.5)]
