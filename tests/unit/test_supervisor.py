from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from heatwall.camera.supervisor import CameraSupervisor
from heatwall.states import CameraState
from support.cameras import order_for, supervised
from support.eventually import eventually_async


@pytest.mark.parametrize("part", ["_attempt", "_wait_after"])
async def test_whatever_goes_wrong_the_camera_is_tried_again_and_nobody_else_hears_of_it(
    part: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tries: Counter[str] = Counter()
    real = getattr(CameraSupervisor, part)

    async def fail_twice(self: CameraSupervisor, *words: object) -> object:
        tries[part] += 1
        if tries[part] <= 2:
            raise RuntimeError("rtsp://viewer:canary@h/ can't start new thread")
        return await real(self, *words)

    monkeypatch.setattr(CameraSupervisor, part, fail_twice)
    monkeypatch.setattr("heatwall.backoff._STEPS_S", (0.01,))
    async with supervised(order_for("rtsp://127.0.0.1:9/")) as (supervisor, _):
        await eventually_async(lambda: tries[part] >= 3, timeout_s=30)
        assert supervisor.state in {CameraState.RETRYING, CameraState.CONNECTING}
        assert "canary" not in (supervisor.state_reason or "")
    assert "unexpected fault" in caplog.text
    assert asyncio.current_task() is not None, "the group of the supervisors has not ended"
