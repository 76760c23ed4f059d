from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from heatwall.analysis.memory import CameraMemory
from heatwall.saving import HeatSaver, SaveTimes
from heatwall.status import SavingStatus
from support.eventually import eventually_async
from support.faketime import FakeTime


class Memories:
    """A disk that may hang, seen from the saver: asked for the memories in its thread."""

    def __init__(self) -> None:
        self.asked = 0
        self.answers = threading.Event()

    def __call__(self) -> Mapping[str, CameraMemory]:
        self.asked += 1
        assert self.answers.wait(10)
        return {}


def saver(folder: Path | None, memories: Memories, **times: float) -> HeatSaver:
    return HeatSaver(folder, memories, FakeTime(), SaveTimes(**times))


async def test_a_disk_that_hangs_is_told_once_and_so_is_its_return(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    memories = Memories()
    one = saver(tmp_path, memories, every_s=0.01, limit_s=0.02)
    saving = asyncio.create_task(one.keep_saving())
    await eventually_async(lambda: "is not being saved" in caplog.text)
    await asyncio.wait({saving}, timeout=0.3)  # ten more saves are due
    assert not saving.done()
    assert memories.asked == 1

    memories.answers.set()
    await eventually_async(lambda: "heat is saved" in caplog.text)

    assert caplog.text.count("is not being saved") == 1
    saving.cancel()
    await asyncio.wait({saving})
    await one.close()


async def test_the_last_save_is_made_after_those_that_hung(tmp_path: Path) -> None:
    memories = Memories()
    one = saver(tmp_path, memories, every_s=0.01, limit_s=5)
    saving = asyncio.create_task(one.keep_saving())
    await eventually_async(lambda: memories.asked == 1)
    saving.cancel()
    closing = asyncio.create_task(one.close())
    await asyncio.wait({saving})
    memories.answers.set()

    await asyncio.wait_for(closing, 10)

    assert memories.asked == 2


async def test_without_a_folder_nothing_is_asked_or_loaded() -> None:
    memories = Memories()
    one = saver(None, memories)
    assert await one.load(["door"]) == {}
    await one.close()
    assert memories.asked == 0


async def test_what_can_not_be_saved_for_a_fault_of_our_own_ends_nothing_and_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    is_broken = True

    def memories() -> Mapping[str, CameraMemory]:
        if is_broken:
            raise ZeroDivisionError
        return {}

    wall = FakeTime()
    one = HeatSaver(tmp_path, memories, wall, SaveTimes(every_s=0.01))
    assert one.status() == SavingStatus()
    saving = asyncio.create_task(one.keep_saving())
    await eventually_async(lambda: one.status().fault)
    assert one.status() == SavingStatus("an internal fault, see the log", 1000.0, None)
    wall.advance(60)
    await asyncio.wait({saving}, timeout=0.1)  # some more saves are due
    assert one.status().failing_since == 1000.0
    assert caplog.text.count("heat is not being saved") == 1

    is_broken = False
    await eventually_async(lambda: one.status() == SavingStatus(None, None, 1060.0))
    saving.cancel()
    await asyncio.wait({saving})
    await one.close()


async def test_the_last_save_waits_for_a_disk_that_hangs_only_as_long_as_an_end_may_take(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    memories = Memories()
    one = saver(tmp_path, memories, last_s=0.05)
    await asyncio.wait_for(one.close(), 10)
    memories.answers.set()
    assert "heat was not saved at the end: the disk took over 0.05 s" in caplog.text
