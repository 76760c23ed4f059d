"""Shared memory and file descriptors that run out: one camera waits, and nothing else does."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from heatwall.simulator.simulate import SimulatedCameras
from heatwall.states import CameraState
from support.cameras import order_for, simulated, supervised
from support.descriptors import no_descriptors_left
from support.eventually import eventually_async


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[SimulatedCameras]:
    async with simulated(tmp_path) as cameras:
        yield cameras


async def test_a_camera_without_room_for_its_frames_says_so_and_comes_when_there_is_some(
    store: SimulatedCameras, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as broken:
        broken.setattr("heatwall.camera.shared.os.posix_fallocate", full)
        async with supervised(order_for(store.urls[0].secret)) as (supervisor, port):
            await eventually_async(lambda: supervisor.state is CameraState.RETRYING)
            assert supervisor.state_reason == (
                "no shared memory for its frames: No space left on device"
            )
            assert supervisor.stranded_s() > 0
            broken.undo()
            await eventually_async(lambda: port.frames, timeout_s=30)
            assert supervisor.state is CameraState.LIVE
            assert supervisor.stranded_s() == 0


async def test_without_file_descriptors_a_camera_says_so_in_a_line_and_comes_back_when_there_are(
    store: SimulatedCameras, caplog: pytest.LogCaptureFixture
) -> None:
    order = order_for(store.urls[0].secret)
    with no_descriptors_left():
        async with supervised(order) as (supervisor, _):
            await eventually_async(lambda: supervisor.state is CameraState.RETRYING)
            assert "Too many open files" in (supervisor.state_reason or "")
            assert supervisor.stranded_s() > 0
    assert "Traceback" not in caplog.text

    async with supervised(order) as (supervisor, port):
        await eventually_async(lambda: port.frames, timeout_s=30)
        before = len(port.frames)
        with no_descriptors_left():
            os.kill(supervisor.worker_pid or 0, signal.SIGKILL)
            await eventually_async(lambda: supervisor.state is CameraState.RETRYING)
            await eventually_async(lambda: "Too many open files" in (supervisor.state_reason or ""))
        await eventually_async(lambda: len(port.frames) > before + 5, timeout_s=30)
