from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import numpy as np
import pytest

from heatwall.analysis.analyst import Analyst, AnalystSpec
from heatwall.analysis.detector import ModelSpec
from heatwall.analysis.per_camera import Findings
from heatwall.analyst_watch import AnalystWatch, WatchTimes
from heatwall.camera.link import DetectFrame
from heatwall.camera.shared import FrameSlots, open_memory
from heatwall.errors import ModelError, ModelMemoryError
from heatwall.values import ByteArray, Detections
from support.eventually import eventually_async
from support.tracks import ANALYSIS, detections_of

SIZE_PX = 64
BOX = (0.4, 0.3, 0.5, 0.8)
CAMERAS = ("cam0", "cam1")
WALL = 1_700_000_000.0
TIMES = WatchTimes(look_s=0.02, hang_s=0.4, load_s=0.6, return_s=0.2)

Detect = Callable[[Sequence[ByteArray]], list[Detections]]


def finds(frames: Sequence[ByteArray]) -> list[Detections]:
    return [detections_of([BOX]) for _ in frames]


@dataclass
class Model:
    """Finds one person in every frame, unless it is told otherwise."""

    device: str = "cpu"
    does: Detect = finds
    names: dict[int, str] = field(default_factory=lambda: {0: "person"})
    batches: list[int] = field(default_factory=list)

    def prepare(self, _: int) -> None:
        """Has nothing to get ready."""

    def detect(self, frames: Sequence[ByteArray]) -> list[Detections]:
        self.batches.append(len(frames))
        return self.does(frames)


class Stand:
    """An analyst whose models a test makes, with its watch and cameras that never rest."""

    def __init__(self, load: Callable[[ModelSpec], Model], device: str) -> None:
        self.found: list[Findings] = []
        self.changes = 0
        self.ends = threading.Event()
        self.fd = open_memory(SIZE_PX)
        self.slots = FrameSlots(self.fd, SIZE_PX)
        spec = AnalystSpec(
            ModelSpec("fake.pt", device, None, SIZE_PX, 0.7, 300),
            batch=8,
            window_s=0.0,
            cameras=dict.fromkeys(CAMERAS, replace(ANALYSIS, classes=("person",))),
        )
        self.analyst = Analyst(spec, self.found.append, load)
        self.watch = AnalystWatch(self.analyst, self._change, time.monotonic, lambda: WALL, TIMES)

    def _change(self) -> None:
        self.changes += 1

    async def feed(self) -> None:
        while True:
            for camera in CAMERAS:
                slot, sequence = self.slots.write(np.zeros((36, SIZE_PX, 3), np.uint8))
                frame = DetectFrame(slot, sequence, SIZE_PX, 36, time.monotonic())
                self.analyst.offer(camera, self.slots, frame)
            await asyncio.sleep(0.02)

    async def finds_more(self) -> None:
        before = len(self.found)
        await eventually_async(lambda: len(self.found) > before + 3)

    def heat(self, camera: str) -> float:
        memory = self.analyst.memories(time.monotonic())[camera]
        return float(memory.heats[""].grids[1].sum())


@asynccontextmanager
async def standing(load: Callable[[ModelSpec], Model], device: str = "cpu") -> AsyncIterator[Stand]:
    one = Stand(load, device)
    await one.watch.load()
    one.analyst.start()
    tasks = [asyncio.create_task(one.watch.keep()), asyncio.create_task(one.feed())]
    try:
        yield one
    finally:
        one.ends.set()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await asyncio.to_thread(one.analyst.stop)
        await eventually_async(
            lambda: not [it for it in threading.enumerate() if it.name in {"analyst", "model"}]
        )
        one.slots.close()
        os.close(one.fd)


async def test_a_model_that_hangs_is_replaced_and_the_cameras_keep_their_heat(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    models: list[Model] = []

    def load(_: ModelSpec) -> Model:
        models.append(Model())
        return models[-1]

    async with standing(load) as stand:
        await stand.finds_more()
        heat = stand.heat("cam0")

        def hangs(frames: Sequence[ByteArray]) -> list[Detections]:
            stand.ends.wait(20)
            return finds(frames)

        models[0].does = hangs
        await eventually_async(lambda: stand.watch.is_down)
        since = datetime.fromtimestamp(WALL, UTC).astimezone().strftime("%H:%M")
        (notice,) = stand.watch.notices()
        assert notice.startswith(f"detection is down since {since}: no result for ")
        assert notice.endswith("; the picture goes on")

        await eventually_async(lambda: not stand.watch.is_down)
        await stand.finds_more()

        assert stand.watch.notices() == ()
        assert stand.heat("cam0") >= heat > 0
        status = stand.watch.status()
        assert (status.restarts, status.hung_threads, status.is_lost) == (1, 1, False)
        assert len(models) == 2
        assert stand.changes >= 2

        found = len(stand.found)
        stand.ends.set()
        await eventually_async(lambda: stand.watch.status().hung_threads == 0)
        assert all(one.tracks.time_s for one in stand.found[found:])
    assert caplog.text.count("detection is down") == 1
    assert caplog.text.count("detection works again") == 1


async def test_a_thread_that_hangs_inside_one_cameras_analysis_costs_nobody_heat(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with standing(lambda _: Model()) as stand:
        await stand.finds_more()
        stuck, other = stand.analyst.camera("cam0"), stand.analyst.camera("cam1")
        heats = stand.heat("cam0"), stand.heat("cam1")
        update = stuck._tracker.update

        def hangs(*more: object) -> object:
            stand.ends.wait(20)
            return update(*more)  # type: ignore[arg-type]  # passed on as they came

        monkeypatch.setattr(stuck._tracker, "update", hangs)
        # Who asks meanwhile, as for a save, must get its answer too.
        asking = asyncio.create_task(asyncio.to_thread(stand.analyst.memories, time.monotonic()))
        await eventually_async(lambda: stand.watch.status().restarts == 1)
        await asyncio.wait_for(asking, 10)
        await stand.finds_more()

        assert stand.analyst.camera("cam0") is not stuck
        assert stand.analyst.camera("cam1") is other
        assert stand.heat("cam0") >= heats[0] > 0
        assert stand.heat("cam1") >= heats[1] > 0
        assert {found.camera for found in stand.found[-4:]} == set(CAMERAS)


async def test_whatever_a_model_raises_it_is_loaded_anew_after_a_few_failures(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heatwall.analysis.shift._PAUSE_AFTER_FAULT_S", 0.01)
    models: list[Model] = []

    def fails(_: Sequence[ByteArray]) -> list[Detections]:
        raise ZeroDivisionError("by nothing")

    def load(_: ModelSpec) -> Model:
        models.append(Model(does=finds if models else fails))
        return models[-1]

    async with standing(load) as stand:
        await eventually_async(lambda: stand.watch.is_down)
        assert "by nothing" in stand.watch.notices()[0]
        await stand.finds_more()
        await eventually_async(lambda: not stand.watch.is_down)

        assert models[0].batches[3:] == []
        assert stand.watch.status().restarts == 1
    assert caplog.text.count("detection is down") == 1


async def test_a_model_that_can_not_be_loaded_again_is_tried_until_it_can(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("heatwall.backoff._STEPS_S", (0.01,))
    monkeypatch.setattr("heatwall.analysis.shift._PAUSE_AFTER_FAULT_S", 0.01)
    tries: list[Model] = []

    def fails(_: Sequence[ByteArray]) -> list[Detections]:
        raise ModelError("the driver is gone")

    def load(_: ModelSpec) -> Model:
        tries.append(Model(does=fails if not tries else finds))
        if 1 < len(tries) < 5:
            raise ModelError(f"no driver at try {len(tries)}")
        return tries[-1]

    async with standing(load) as stand:
        await eventually_async(lambda: "no driver" in "".join(stand.watch.notices()))
        await stand.finds_more()
        assert len(tries) == 5
        assert stand.watch.status().restarts == 1


async def test_after_too_many_hangs_no_more_threads_are_begun_until_one_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("heatwall.backoff._STEPS_S", (0.01,))
    monkeypatch.setattr("heatwall.analyst_watch.Backoff", lambda _: _NoWait())
    loads: list[Model] = []
    gate = threading.Event()

    def hangs(frames: Sequence[ByteArray]) -> list[Detections]:
        gate.wait(30)
        return finds(frames)

    def load(_: ModelSpec) -> Model:
        loads.append(Model(does=finds if gate.is_set() else hangs))
        return loads[-1]

    async with standing(load) as stand:
        monkeypatch.setattr(stand.watch, "_hang_s", lambda: 0.05)
        await eventually_async(lambda: stand.watch.status().is_lost)
        await eventually_async(lambda: "restart of the server" in "".join(stand.watch.notices()))
        for _ in range(10):  # in which others would begin
            await asyncio.to_thread(gate.wait, 0.03)
        assert len(loads) == 3

        gate.set()
        await stand.finds_more()
        await eventually_async(lambda: not stand.watch.is_down)
        assert not stand.watch.status().is_lost


class _NoWait:
    def next_s(self) -> float:
        return 0.0

    def reset(self) -> None:
        """Has nothing to forget."""


async def test_a_load_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("heatwall.analysis.shift._PAUSE_AFTER_FAULT_S", 0.01)
    loads = 0
    ends = threading.Event()

    def fails(_: Sequence[ByteArray]) -> list[Detections]:
        raise ModelError("broken")

    def load(_: ModelSpec) -> Model:
        nonlocal loads
        loads += 1
        if loads == 2:
            ends.wait(20)
        return Model(does=fails if loads == 1 else finds)

    async with standing(load) as stand:
        await eventually_async(
            lambda: "not be loaded within 0.6 s" in "".join(stand.watch.notices())
        )
        await stand.finds_more()
        assert stand.watch.status().hung_threads == 1
        ends.set()


async def test_a_slow_model_is_not_taken_for_one_that_hangs_for_ever() -> None:
    loads: list[Model] = []

    def slow(frames: Sequence[ByteArray]) -> list[Detections]:
        threading.Event().wait(0.6)
        return finds(frames)

    def load(_: ModelSpec) -> Model:
        loads.append(Model(does=slow))
        return loads[-1]

    async with standing(load) as stand:
        await eventually_async(lambda: len(stand.found) >= 6, timeout_s=30)
        assert len(loads) <= 2
        assert not stand.watch.is_down


async def test_a_process_that_stood_still_is_no_model_that_hangs() -> None:
    async with standing(lambda _: Model()) as stand:
        await stand.finds_more()
        stand.watch._note_sleep()
        stand.watch._looked_s -= 60
        stand.watch._note_sleep()
        shift = stand.analyst.shift
        assert shift is not None
        shift.busy_since_s = time.monotonic() - 60
        assert stand.watch._fault_of(shift) is None


async def test_without_memory_fewer_frames_are_taken_at_once() -> None:
    model = Model(device="cuda:0")

    def needs_much(frames: Sequence[ByteArray]) -> list[Detections]:
        if len(frames) > 1:
            raise ModelMemoryError("no memory for the model fake.pt: CUDA out of memory")
        return finds(frames)

    model.does = needs_much
    async with standing(lambda _: model, "cuda:0") as stand:
        await stand.finds_more()
        assert stand.watch.status().is_reduced
        assert stand.watch.status().restarts == 0
        assert stand.watch.notices() == ()
        assert {found.camera for found in stand.found} == set(CAMERAS)


async def test_without_any_memory_on_the_gpu_the_processor_goes_on_and_the_gpu_is_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    is_full = True
    asked: list[str] = []

    def on_gpu(frames: Sequence[ByteArray]) -> list[Detections]:
        if is_full:
            raise ModelMemoryError("no memory for the model fake.pt: CUDA out of memory")
        return finds(frames)

    def load(spec: ModelSpec) -> Model:
        asked.append(spec.device)
        if spec.device == "cpu":
            return Model()
        if is_full and len(asked) > 1:
            raise ModelMemoryError("no memory for the model fake.pt: CUDA out of memory")
        return Model(device="cuda:0", does=on_gpu)

    async with standing(load, "auto") as stand:
        await stand.finds_more()
        assert stand.watch.status().device == "cpu"
        assert stand.watch.notices()[0].startswith("detection is on the processor since ")
        await eventually_async(lambda: "stays on the processor" in caplog.text)
        await stand.finds_more()

        is_full = False
        await eventually_async(lambda: stand.watch.status().device == "cuda:0")
        await stand.finds_more()
        assert stand.watch.notices() == ()
    assert asked[:2] == ["auto", "cpu"]
    assert caplog.text.count("GPU's memory is full") == 1


async def test_a_gpu_that_is_full_at_the_start_is_left_for_the_processor() -> None:
    def load(spec: ModelSpec) -> Model:
        if spec.device != "cpu":
            raise ModelMemoryError("no memory for the model fake.pt: CUDA out of memory")
        return Model()

    async with standing(load, "auto") as stand:
        await stand.finds_more()
        assert stand.watch.status().device == "cpu"
        assert stand.watch.status().is_reduced
