"""One camera: a real RTSP server, a real worker process, its real supervisor."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import av
import msgspec
import numpy as np
import pytest
import pytest_asyncio
from aiohttp import web

from heatwall.simulator.auth import Credentials
from heatwall.simulator.faults import Fault
from heatwall.simulator.simulate import SimulatedCameras, SimulationOptions
from heatwall.states import CameraState
from heatwall.values import Picture, Tier
from support.cameras import order_for, overlay, simulated, supervised
from support.eventually import eventually, eventually_async
from support.ink import INK

PASSWORD = "canary-4711"


def decoded(pictures: list[Picture]) -> list[av.VideoFrame]:
    """Decode pictures from the first one on, which must be an IDR."""
    assert pictures[0].is_key
    decoder = av.CodecContext.create("h264", "r")
    frames: list[av.VideoFrame] = []
    for picture in pictures:
        frames += decoder.decode(av.Packet(picture.annexb))
    return frames


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[SimulatedCameras]:
    async with simulated(tmp_path) as cameras:
        yield cameras


def url_of(store: SimulatedCameras) -> str:
    return store.urls[0].secret


@pytest.mark.parametrize("transport", ["tcp", "udp"])
async def test_a_camera_becomes_live_and_gives_detect_frames_at_its_rate(
    store: SimulatedCameras, transport: str
) -> None:
    async with supervised(order_for(url_of(store), transport=transport)) as (camera, port):
        await eventually_async(lambda: len(port.frames) >= 16)

    times_s = [frame.time_s for frame, _ in port.frames[1:]]
    assert (times_s[-1] - times_s[0]) / (len(times_s) - 1) == pytest.approx(0.2, abs=0.03)
    frame, pixels = port.frames[-1]
    assert (frame.width, frame.height) == (320, 180)
    assert pixels is not None
    assert pixels.max() > 200
    assert port.states[-2:] == [CameraState.LIVE, CameraState.STOPPED]
    assert camera.facts is not None
    assert camera.facts.codec == "h264"
    assert camera.facts.decoder == "cpu"


async def test_nothing_is_encoded_until_somebody_watches(store: SimulatedCameras) -> None:
    async with supervised(order_for(url_of(store))) as (camera, port):
        await eventually_async(lambda: len(port.frames) >= 3)
        assert port.pictures == []
        assert camera.encoder is None

        camera.start_tier(Tier.TILE)
        await eventually_async(lambda: len(port.pictures) >= 5)
        await eventually_async(lambda: camera.encoder == "libx264")
        camera.stop_tier(Tier.TILE)
        assert camera.encoder is None
        at_stop = len(port.frames)
        await eventually_async(lambda: len(port.frames) >= at_stop + 3)
        shown = len(port.pictures)
        await eventually_async(lambda: len(port.frames) >= at_stop + 6)

    assert len(port.pictures) == shown
    frames = decoded(port.pictures)
    assert (frames[0].width, frames[0].height) == (320, 180)


async def test_the_focus_tier_has_the_sources_size(store: SimulatedCameras) -> None:
    async with supervised(order_for(url_of(store))) as (camera, port):
        camera.start_tier(Tier.FOCUS)
        await eventually_async(lambda: len(port.pictures) >= 3)

    frame = decoded(port.pictures)[0]
    assert (frame.width, frame.height) == (640, 360)


async def test_an_idr_comes_when_it_is_asked_for_and_not_by_itself(
    store: SimulatedCameras,
) -> None:
    async with supervised(order_for(url_of(store))) as (camera, port):
        camera.start_tier(Tier.TILE)
        await eventually_async(lambda: len(port.pictures) >= 40)
        assert [picture.is_key for picture in port.pictures].count(True) == 1

        camera.request_idr(Tier.TILE)
        await eventually_async(lambda: sum(picture.is_key for picture in port.pictures) == 2)


async def test_the_overlay_is_in_the_pixels(store: SimulatedCameras) -> None:
    async with supervised(order_for(url_of(store))) as (camera, port):
        camera.start_tier(Tier.TILE)
        await eventually_async(lambda: len(port.pictures) >= 5)
        camera.show(overlay(200))
        count = len(port.pictures)
        await eventually_async(lambda: len(port.pictures) >= count + 10)

    frames = [frame.to_ndarray(format="rgb24") for frame in decoded(port.pictures)]
    before, after = frames[2].astype(int), frames[-1].astype(int)
    redness = [float(np.mean(frame[..., 0] - frame[..., 2])) for frame in (before, after)]
    assert redness[1] > redness[0] + 30


def redness(frame: av.VideoFrame) -> float:
    pixels = frame.to_ndarray(format="rgb24").astype(int)
    return float(np.mean(pixels[..., 0] - pixels[..., 2]))


async def test_another_ink_is_in_the_next_pictures_and_in_those_of_the_next_worker(
    store: SimulatedCameras,
) -> None:
    order = order_for(url_of(store))
    async with supervised(order) as (camera, port):
        camera.show(overlay(200))
        camera.start_tier(Tier.TILE)
        await eventually_async(lambda: len(port.pictures) >= 10)

        camera.change_ink(msgspec.structs.replace(order.ink, heat=False))
        count = len(port.pictures)
        await eventually_async(lambda: len(port.pictures) >= count + 10)
        frames = decoded(port.pictures)
        pid, count = camera.worker_pid, len(port.pictures)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await eventually_async(lambda: camera.restarts == 1, timeout_s=10)
        await eventually_async(lambda: len(port.pictures) >= count + 10, timeout_s=10)

    assert redness(frames[5]) > redness(frames[-1]) + 30
    begin = next(at for at in range(count, len(port.pictures)) if port.pictures[at].is_key)
    assert redness(decoded(port.pictures[begin:])[-1]) < redness(frames[5]) - 30


async def test_times_of_pictures_go_on_over_the_death_of_a_worker(
    store: SimulatedCameras,
) -> None:
    async with supervised(order_for(url_of(store))) as (camera, port):
        camera.start_tier(Tier.TILE)
        await eventually_async(lambda: len(port.pictures) >= 5)
        pid, count = camera.worker_pid, len(port.pictures)
        assert pid is not None

        os.kill(pid, signal.SIGKILL)

        await eventually_async(lambda: len(port.pictures) >= count + 5, timeout_s=10)
        assert camera.state_reason is None
    assert port.pictures[count + 1].is_key or port.pictures[count].is_key
    times = [picture.rtp_time for picture in port.pictures]
    assert times == sorted(set(times))
    assert port.gaps == 1
    assert camera.restarts == 1


async def test_a_worker_that_hangs_is_replaced_with_all_that_waits_for_it(
    store: SimulatedCameras,
) -> None:
    # What is sent to a worker has no bound of its own: this is its bound, since one that does
    # not read its link gives no frames either.
    async with supervised(order_for(url_of(store), timeout_s=1.0)) as (camera, port):
        camera.show(overlay(255))
        camera.start_tier(Tier.TILE)
        await eventually_async(lambda: len(port.pictures) >= 5)
        before, hung = decoded(port.pictures)[-1], camera.worker_pid
        assert hung is not None
        os.kill(hung, signal.SIGSTOP)

        for number in range(20_000):  # 5 MB: more than the kernel takes
            camera.change_ink(msgspec.structs.replace(INK, opacity=number / 20_000))
        camera.change_ink(msgspec.structs.replace(INK, heat=False))

        await eventually_async(lambda: not _is_running(hung), timeout_s=10)
        port.pictures.clear()
        await eventually_async(lambda: len(port.pictures) >= 5, timeout_s=15)
        assert camera.restarts == 1
        assert camera.worker_pid != hung
    assert redness(decoded(port.pictures)[-1]) < redness(before) - 30


async def test_a_camera_that_is_off_at_start_appears_when_it_is_switched_on(
    store: SimulatedCameras,
) -> None:
    store.camera("cam1").fault = Fault.OFF
    async with supervised(order_for(url_of(store))) as (camera, port):
        await eventually_async(lambda: camera.state is CameraState.RETRYING)
        assert camera.state_reason == "the camera does not know this path"

        store.camera("cam1").fault = Fault.NONE

        await eventually_async(lambda: camera.state is CameraState.LIVE, timeout_s=15)
        await eventually_async(lambda: port.frames)


async def test_a_stall_is_seen_and_the_camera_comes_back(store: SimulatedCameras) -> None:
    async with supervised(order_for(url_of(store))) as (camera, port):
        await eventually_async(lambda: camera.state is CameraState.LIVE)

        store.camera("cam1").fault = Fault.STALL
        await eventually_async(lambda: camera.state is not CameraState.LIVE, timeout_s=8)
        await eventually_async(lambda: port.gaps == 1, timeout_s=15)
        store.camera("cam1").fault = Fault.NONE

        await eventually_async(lambda: camera.state is CameraState.LIVE, timeout_s=20)


async def test_a_camera_that_never_answers_is_named_so(store: SimulatedCameras) -> None:
    store.camera("cam1").fault = Fault.HANG
    async with supervised(order_for(url_of(store), timeout_s=1.0)) as (camera, _):
        await eventually_async(lambda: camera.state is CameraState.RETRYING, timeout_s=20)

        assert camera.state_reason is not None
        assert "no answer within 1 s" in camera.state_reason


@pytest.mark.parametrize("fault", [Fault.RESOLUTION, Fault.ASPECT])
async def test_pictures_of_another_shape_go_on_in_the_same_tier(
    store: SimulatedCameras, fault: Fault
) -> None:
    async with supervised(order_for(url_of(store))) as (camera, port):
        camera.start_tier(Tier.FOCUS)
        await eventually_async(lambda: len(port.pictures) >= 5)

        store.camera("cam1").fault = fault
        await eventually_async(
            lambda: camera.facts is not None and camera.facts.width < 640, timeout_s=20
        )
        count = len(port.pictures)
        await eventually_async(lambda: len(port.pictures) >= count + 5)

    assert {frame.width for frame in decoded(port.pictures)} == {
        640,
        camera.facts.width if camera.facts else 0,
    }


async def test_garbage_ends_in_pictures_once_it_is_over(store: SimulatedCameras) -> None:
    async with supervised(order_for(url_of(store))) as (camera, port):
        await eventually_async(lambda: camera.state is CameraState.LIVE)
        store.camera("cam1").fault = Fault.GARBAGE
        count = len(port.frames)
        await eventually_async(
            lambda: len(port.frames) > count + 5 or camera.state is not CameraState.LIVE,
            timeout_s=15,
        )
        store.camera("cam1").fault = Fault.NONE
        await eventually_async(lambda: camera.state is CameraState.LIVE, timeout_s=20)
        count = len(port.frames)
        await eventually_async(lambda: len(port.frames) > count + 5, timeout_s=20)


async def test_a_wrong_password_is_refused_and_told_without_the_password(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    options = SimulationOptions(credentials=Credentials("viewer", "right"))
    async with simulated(tmp_path, options=options) as store:
        address = url_of(store).partition("@")[2] or url_of(store).partition("://")[2]
        url = f"rtsp://viewer:{PASSWORD}@{address}"
        async with supervised(order_for(url)) as (camera, _):
            await eventually_async(lambda: camera.state is CameraState.REFUSED)

            assert camera.state_reason == "the camera refused the user or password"
    assert PASSWORD not in caplog.text


async def test_the_right_password_is_let_in(tmp_path: Path) -> None:
    options = SimulationOptions(credentials=Credentials("viewer", PASSWORD))
    async with simulated(tmp_path, options=options) as store:
        address = url_of(store).rpartition("@")[2].removeprefix("rtsp://")
        url = f"rtsp://viewer:{PASSWORD}@{address}"
        async with supervised(order_for(url)) as (camera, _):
            await eventually_async(lambda: camera.state is CameraState.LIVE)


async def test_a_stream_without_video_is_unsupported(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "radio.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", "NONE"))
        file.writeframes(bytes(160_000))
    app = web.Application()
    app.router.add_static("/", tmp_path)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/radio.wav"
    try:
        async with supervised(order_for(url)) as (camera, _):
            await eventually_async(lambda: camera.state is CameraState.UNSUPPORTED)

            assert camera.state_reason == "the stream holds no video"
    finally:
        await runner.cleanup()


async def test_a_host_that_does_not_exist_is_a_reason_in_plain_words() -> None:
    async with supervised(order_for(f"rtsp://a:{PASSWORD}@nowhere.invalid/x")) as (camera, _):
        await eventually_async(lambda: camera.state is CameraState.RETRYING)

        assert camera.state_reason == "can't reach the camera: unknown host, or no network"


async def test_the_workers_memory_holds_no_deep_learning(store: SimulatedCameras) -> None:
    async with supervised(order_for(url_of(store))) as (camera, _):
        await eventually_async(lambda: camera.state is CameraState.LIVE)
        mapped = _proc(camera.worker_pid, "maps")

    assert "libtorch" not in mapped
    assert "libav" in mapped


def test_workers_end_by_themselves_when_main_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "main.py"
    script.write_text(
        textwrap.dedent("""
            import asyncio, pathlib, sys
            sys.path.insert(0, sys.argv[1])
            from support.cameras import order_for, simulated, supervised
            from support.eventually import eventually_async

            async def main():
                async with simulated(pathlib.Path(sys.argv[2])) as store:
                    async with supervised(order_for(store.urls[0].secret)) as (camera, port):
                        await eventually_async(lambda: port.frames, 30)
                        print(camera.worker_pid, flush=True)
                        await asyncio.Event().wait()

            asyncio.run(main())
        """)
    )
    tests = str(Path(__file__).parents[1])
    command = [sys.executable, str(script), tests, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as main:
        assert main.stdout is not None
        worker = int(main.stdout.readline())
        assert Path(f"/proc/{worker}").exists()

        main.kill()

        eventually(lambda: not _is_running(worker), timeout_s=10)


def _is_running(pid: int) -> bool:
    try:
        return "State:\tZ" not in _proc(pid, "status")
    except (FileNotFoundError, ProcessLookupError):  # gone before it was opened, or while read
        return False


async def test_stopping_leaves_no_process_and_no_open_file(store: SimulatedCameras) -> None:
    # The first one opens what the interpreter keeps, such as the child watcher's.
    async with supervised(order_for(url_of(store))) as (camera, _):
        await eventually_async(lambda: camera.state is CameraState.LIVE)
    before = _open_files()

    async with supervised(order_for(url_of(store))) as (camera, _):
        await eventually_async(lambda: camera.state is CameraState.LIVE)
        pid = camera.worker_pid
    assert pid is not None

    await eventually_async(lambda: not _is_running(pid))
    await eventually_async(lambda: _open_files() <= before)


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _proc(pid: int | None, name: str) -> str:
    return Path(f"/proc/{pid}/{name}").read_text()
