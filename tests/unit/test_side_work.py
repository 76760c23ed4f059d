from __future__ import annotations

import asyncio

import pytest

from heatwall.side_work import kept_up
from support.eventually import eventually_async


async def test_work_that_fails_begins_anew_and_ends_nobody_else(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("heatwall.backoff._STEPS_S", (0.01,))
    begun = 0

    async def work() -> None:
        nonlocal begun
        begun += 1
        if begun < 3:
            raise ZeroDivisionError
        await asyncio.Event().wait()

    async with asyncio.TaskGroup() as group:
        task = group.create_task(kept_up("alarms to office", work))
        await eventually_async(lambda: begun == 3)
        task.cancel()
    assert caplog.text.count("alarms to office failed and begins anew") == 2


async def test_work_that_is_done_is_not_begun_again() -> None:
    begun = 0

    async def work() -> None:
        nonlocal begun
        begun += 1

    await kept_up("once", work)
    assert begun == 1


async def test_it_can_be_cancelled_while_it_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("heatwall.backoff._STEPS_S", (3600.0,))
    failed = asyncio.Event()

    async def work() -> None:
        failed.set()
        raise ZeroDivisionError

    task = asyncio.create_task(kept_up("never", work))
    await failed.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
