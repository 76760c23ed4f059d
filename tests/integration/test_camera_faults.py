"""Each fault of a camera: it is noticed, the camera comes back, and its neighbour loses nothing."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

import pytest

from heatwall.backoff import Backoff, Care
from heatwall.camera import appetite
from heatwall.camera import supervisor as supervisor_module
from heatwall.camera.appetite import MOST_BYTES
from heatwall.camera.supervisor import CameraSupervisor
from heatwall.simulator.cameras import SimulatedCamera
from heatwall.simulator.faults import Fault
from heatwall.simulator.simulate import SimulatedCameras
from heatwall.states import CameraState
from heatwall.values import Tier
from support import soak
from support.cameras import RecordingPort, order_for, simulated, supervised
from support.eventually import eventually_async
from support.gst_camera import Kind, gst_camera
from support.relay import relay

RETURN_S = 10.0
"""Within which a camera that works again is on screen; asserted twice as long, for busy machines"""


@dataclass
class Pair:
    """A camera that is to fail, and its neighbour."""

    ill: SimulatedCamera
    camera: CameraSupervisor
    port: RecordingPort
    well: SimulatedCamera
    neighbour: CameraSupervisor

    async def back(self) -> float:
        """Wait for the camera's pictures; return how long it took, seconds."""
        began_s, count = monotonic(), len(self.port.pictures)
        await eventually_async(
            lambda: len(self.port.pictures) > count + 3 and self.camera.state is CameraState.LIVE,
            timeout_s=2 * RETURN_S,
        )
        return monotonic() - began_s

    async def missing(self) -> int:
        """Return the frames of the neighbour that were sent and not decoded, since the start."""
        least = 1 << 30
        until_s = monotonic() + 1.2  # twice as long as between two reports of a worker

        def look() -> bool:
            nonlocal least
            least = min(least, self.well.frames_sent - self.neighbour.tally.total("decoded"))
            return monotonic() > until_s

        await eventually_async(look)
        return least


@asynccontextmanager
async def pair(store: SimulatedCameras, first: str | None = None) -> AsyncIterator[Pair]:
    """Watch two cameras; check at the end that the second lost nothing.

    The first is the store's, or the one at the address `first`.
    """
    async with AsyncExitStack() as stack:
        orders = [order_for(url) for url in (first or store.urls[0].secret, store.urls[1].secret)]
        camera, port = await stack.enter_async_context(supervised(orders[0]))
        neighbour, beside = await stack.enter_async_context(supervised(orders[1]))
        for one in (camera, neighbour):
            one.start_tier(Tier.TILE)
        ill, well = store.cameras
        both = Pair(ill, camera, port, well, neighbour)
        await eventually_async(lambda: len(port.pictures) > 5 and len(beside.pictures) > 5)
        before = await both.missing()
        yield both
        # Those before its first keyframe, and one or two that are under way.
        assert await both.missing() <= before + 2
        assert (neighbour.restarts, beside.gaps) == (0, 0)
        assert neighbour.tally.totals("dropped").get("broken", 0) == 0


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SimulatedCameras]:
    async with simulated(tmp_path, count=2) as cameras:
        yield cameras


@pytest.mark.parametrize(
    "fault",
    [Fault.OFF, Fault.REFUSE, Fault.CUT, Fault.STALL, Fault.GARBAGE, Fault.VANISH],
)
async def test_a_fault_is_noticed_in_five_seconds_and_over_in_ten(
    store: SimulatedCameras, fault: Fault
) -> None:
    async with pair(store) as both:
        both.ill.fault = fault
        if fault is Fault.REFUSE:
            both.ill.hang_up()
        began_s = monotonic()
        await eventually_async(lambda: both.camera.state is not CameraState.LIVE, timeout_s=10)
        noticed_s = monotonic() - began_s
        await eventually_async(lambda: both.port.gaps >= 2, timeout_s=30)
        both.ill.fault = Fault.NONE
        back_s = await both.back()
        print(f"MEASURED {fault}: noticed {noticed_s:.2f} s, back {back_s:.2f} s")  # noqa: T201 - shown by -s


@pytest.mark.parametrize(
    "fault",
    [
        Fault.TIMESTAMP_JUMP,
        Fault.TIMESTAMP_BACK,
        Fault.TIMESTAMP_WRAP,
        Fault.DUPLICATE,
        Fault.IDR_PAUSE,
        Fault.RESOLUTION,
        Fault.ASPECT,
    ],
)
async def test_an_oddity_of_a_stream_is_no_fault_of_the_camera(
    store: SimulatedCameras, fault: Fault
) -> None:
    async with pair(store) as both:
        both.port.states.clear()
        for now in (fault, Fault.NONE):
            both.ill.fault = now
            count = len(both.port.pictures)
            await eventually_async(partial(_has_more, both.port, count + 45))
        times = [picture.rtp_time for picture in both.port.pictures]
        assert times == sorted(set(times))
        assert both.camera.restarts == 0
        assert CameraState.STALLED not in both.port.states


def _has_more(port: RecordingPort, count: int) -> bool:
    return len(port.pictures) > count


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL, signal.SIGABRT])
async def test_a_worker_that_dies_is_replaced(
    store: SimulatedCameras, number: signal.Signals
) -> None:
    async with pair(store) as both:
        assert both.camera.worker_pid is not None
        os.kill(both.camera.worker_pid, number)
        back_s = await both.back()
        print(f"MEASURED {number.name}: back {back_s:.2f} s")  # noqa: T201 - shown by -s
        assert both.camera.restarts == 1


async def test_a_worker_that_hangs_is_killed(store: SimulatedCameras) -> None:
    async with pair(store) as both:
        assert both.camera.worker_pid is not None
        os.kill(both.camera.worker_pid, signal.SIGSTOP)
        await eventually_async(lambda: both.camera.state is CameraState.STALLED)
        back_s = await both.back()
        print(f"MEASURED hang: back {back_s:.2f} s")  # noqa: T201 - shown by -s


async def test_a_worker_that_eats_memory_is_ended_and_this_is_said(
    store: SimulatedCameras, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with pair(store) as both:
        eater = both.camera.worker_pid
        reasons: list[str | None] = []
        changed = both.port.changed

        def note(camera: str) -> None:
            reasons.append(both.camera.state_reason)
            changed(camera)

        monkeypatch.setattr(both.port, "changed", note)
        own_bytes = appetite.own_bytes
        monkeypatch.setattr(
            appetite, "own_bytes", lambda pid: MOST_BYTES + 1 if pid == eater else own_bytes(pid)
        )
        began_s = monotonic()
        await eventually_async(lambda: both.camera.restarts == 1)
        noticed_s = monotonic() - began_s
        back_s = await both.back()
        print(f"MEASURED memory: replaced {noticed_s:.2f} s, back {back_s:.2f} s")  # noqa: T201 - shown by -s
        assert any(reason and " MB and was ended" in reason for reason in reasons)


@pytest.mark.parametrize(
    ("fault", "state"),
    [(Fault.PASSWORD, CameraState.REFUSED), (Fault.NO_VIDEO, CameraState.UNSUPPORTED)],
)
async def test_a_refused_password_and_a_stream_without_video_are_said_and_tried_slowly(
    store: SimulatedCameras, fault: Fault, state: CameraState
) -> None:
    async with pair(store) as both:
        both.ill.fault = fault
        both.ill.hang_up()
        began_s = monotonic()
        await eventually_async(lambda: both.camera.state is state)
        print(f"MEASURED {fault}: noticed {monotonic() - began_s:.2f} s")  # noqa: T201 - shown by -s
        if fault is Fault.NO_VIDEO:
            assert both.camera.state_reason == "the stream holds no video"
        tries, began_s = both.camera.restarts, monotonic()
        await eventually_async(lambda: monotonic() - began_s > 6)
        assert both.camera.restarts == tries


async def test_a_connection_that_is_half_open_is_noticed_and_replaced(
    store: SimulatedCameras,
) -> None:
    address = urlsplit(store.urls[0].secret)
    async with relay(address.port or 0) as wire:
        url = f"rtsp://127.0.0.1:{wire.port}{address.path}"
        async with pair(store, first=url) as both:
            wire.is_dead = True
            began_s = monotonic()
            await eventually_async(lambda: both.camera.state is not CameraState.LIVE, timeout_s=8)
            noticed_s = monotonic() - began_s
            await eventually_async(lambda: both.port.gaps >= 2, timeout_s=30)
            wire.is_dead = False
            wire.cut()
            back_s = await both.back()
            print(f"MEASURED half-open: noticed {noticed_s:.2f} s, back {back_s:.2f} s")  # noqa: T201 - shown by -s


async def test_a_camera_that_returns_with_another_codec_is_shown(store: SimulatedCameras) -> None:
    with gst_camera(Kind.H264) as old, gst_camera(Kind.H265) as new:
        async with relay(urlsplit(old).port or 0) as wire:
            url = f"rtsp://127.0.0.1:{wire.port}{urlsplit(old).path}"
            async with pair(store, first=url) as both:
                wire.target = urlsplit(new).port or 0
                wire.cut()
                began_s = monotonic()
                await eventually_async(
                    lambda: both.camera.facts is not None and both.camera.facts.codec == "hevc",
                    timeout_s=2 * RETURN_S,
                )
                print(f"MEASURED codec: shown after {monotonic() - began_s:.2f} s")  # noqa: T201 - shown by -s


def waits_always(wait_s: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every wait be as long as after many failures, or as short as none."""

    class Steady(Backoff):
        def next_s(self, care: Care = Care.NONE) -> float:  # noqa: ARG002 - the same for all
            return wait_s

    monkeypatch.setattr(supervisor_module, "Backoff", Steady)


async def test_a_camera_that_was_away_for_long_is_back_long_before_its_back_off(
    store: SimulatedCameras, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits_always(30.0, monkeypatch)
    async with pair(store) as both:
        both.ill.fault = Fault.CUT
        await eventually_async(lambda: both.camera.state is CameraState.RETRYING)
        began_s = monotonic()
        await eventually_async(lambda: monotonic() - began_s > 5)  # the camera stays away
        both.ill.fault = Fault.NONE
        back_s = await both.back()
        print(f"MEASURED away for long: back {back_s:.2f} s")  # noqa: T201 - shown by -s
        assert both.camera.restarts == 1


@pytest.mark.timeout(900)
async def test_reconnect_after_reconnect_leaves_nothing_behind(
    store: SimulatedCameras, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits_always(0.0, monkeypatch)
    async with pair(store) as both:
        before = None
        times = soak.amount(12, 200)
        for _ in range(times):
            both.ill.hang_up()
            gaps = both.port.gaps
            await eventually_async(partial(_has_gap, both.port, gaps), timeout_s=20)
            await both.back()
            held = (_open_files(), len(asyncio.all_tasks()))
            before = before or held
            assert held[0] <= before[0] + 1  # the look at them is one
            assert held[1] <= before[1] + 2  # one or two that are ending
        assert both.camera.restarts >= times
        assert both.camera.restarts == both.port.gaps
        assert both.camera.connects == both.camera.restarts + 1


def _has_gap(port: RecordingPort, gaps: int) -> bool:
    return port.gaps > gaps


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
