from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from heatwall.analysis.analyst import Analyst, AnalystSpec
from heatwall.analysis.detector import ModelSpec
from heatwall.analysis.per_camera import Findings
from heatwall.camera.link import DetectFrame
from heatwall.camera.shared import FrameSlots, open_memory
from heatwall.errors import ModelError
from heatwall.values import ByteArray, Detections
from support.eventually import eventually
from support.faketime import FakeTime
from support.tracks import ANALYSIS, detections_of

SIZE_PX = 64
BOX = (0.4, 0.3, 0.5, 0.8)


@dataclass
class FakeModel:
    """Finds one person in every frame; can be held up and made to fail."""

    names: dict[int, str] = field(default_factory=lambda: {0: "person", 1: "cart"})
    device: str = "cpu"
    batches: list[int] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    faults: int = 0
    prepared: list[int] = field(default_factory=list)

    def prepare(self, most: int) -> None:
        self.prepared.append(most)

    def detect(self, frames: Sequence[ByteArray]) -> list[Detections]:
        self.gate.wait(10)
        self.batches.append(len(frames))
        if self.faults:
            self.faults -= 1
            raise ModelError("out of memory")
        return [detections_of([BOX]) for _ in frames]


def spec(cameras: int, classes: tuple[int | str, ...] | None = ("person",)) -> AnalystSpec:
    analysis = replace(ANALYSIS, classes=classes)
    model = ModelSpec("fake.pt", "cpu", None, SIZE_PX, 0.7, 300)
    names = [f"cam{index}" for index in range(cameras)]
    return AnalystSpec(model, 16, 0.05, dict.fromkeys(names, analysis))


class Bench:
    """An analyst with a fake model and one set of slots for all cameras."""

    def __init__(self, cameras: int, window_s: float | None = 0.05, device: str = "cpu") -> None:
        self.model = FakeModel(device=device)
        self.found: list[Findings] = []
        self.fd = open_memory(SIZE_PX)
        self.slots = FrameSlots(self.fd, SIZE_PX)
        one = replace(spec(cameras), window_s=window_s)
        self.analyst = Analyst(one, self.found.append, lambda _: self.model)
        self.analyst.load()
        self.analyst.start()

    def offer(self, camera: str, time_s: float, height: int = 36) -> None:
        slot, sequence = self.slots.write(np.zeros((height, SIZE_PX, 3), np.uint8))
        frame = DetectFrame(slot, sequence, SIZE_PX, height, time_s)
        self.analyst.offer(camera, self.slots, frame)

    def has_found(self, count: int) -> None:
        eventually(lambda: len(self.found) == count)

    def close(self) -> None:
        self.model.gate.set()
        self.analyst.stop()
        self.slots.close()
        os.close(self.fd)


@pytest.fixture
def bench() -> Iterator[Bench]:
    one = Bench(3)
    yield one
    one.close()


def test_frames_of_several_cameras_go_through_in_one_batch(bench: Bench) -> None:
    for index in range(3):
        bench.offer(f"cam{index}", 1.0)
    bench.model.gate.set()

    eventually(lambda: len(bench.found) == 3)

    assert bench.model.batches == [3]
    assert {found.camera for found in bench.found} == {"cam0", "cam1", "cam2"}


def test_the_newest_frame_wins_and_the_replaced_ones_are_counted(bench: Bench) -> None:
    bench.offer("cam0", 1.0)
    eventually(lambda: bench.analyst._inbox.is_empty)

    for time_s in (2.0, 3.0, 4.0):
        bench.offer("cam0", time_s)
    bench.model.gate.set()
    eventually(lambda: len(bench.found) == 2)

    assert [found.tracks.time_s for found in bench.found] == [1.0, 4.0]
    assert bench.analyst.figures().replaced == {"cam0": 2}
    assert bench.analyst.figures().detected == {"cam0": 2}


def test_frames_of_different_shapes_are_batched_apart(bench: Bench) -> None:
    bench.offer("cam0", 1.0)
    bench.offer("cam1", 1.0, height=48)
    bench.model.gate.set()

    eventually(lambda: len(bench.found) == 2)

    assert bench.model.batches == [1, 1]


def test_a_silent_camera_does_not_hold_up_the_others(bench: Bench) -> None:
    bench.model.gate.set()

    bench.offer("cam1", 1.0)

    assert eventually(lambda: bench.found)[0].camera == "cam1"


def test_a_batch_gathers_on_a_gpu_for_longer_than_on_a_processor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("heatwall.analysis.shift._WINDOW_ON_PROCESSOR_S", 0.0)
    monkeypatch.setattr("heatwall.analysis.shift._WINDOW_ON_GPU_S", 60.0)
    alone, gathering = Bench(3, None), Bench(3, None, "cuda:0")
    with closing(alone), closing(gathering):
        for one in (alone, gathering):
            one.model.gate.set()
            one.offer("cam0", 1.0)
        alone.has_found(1)
        assert gathering.model.batches == []

        gathering.offer("cam1", 1.0)
        gathering.offer("cam2", 1.0)
        gathering.has_found(3)
        assert gathering.model.batches == [3]


def test_a_frame_that_waited_for_the_batch_before_it_does_not_wait_for_others_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = FakeTime()
    times = SimpleNamespace(monotonic=clock, perf_counter=time.perf_counter, sleep=time.sleep)
    monkeypatch.setattr("heatwall.analysis.inbox.time", times)
    bench = Bench(3, 60.0)
    with closing(bench):
        for index in range(3):
            bench.offer(f"cam{index}", 1.0)
        eventually(lambda: bench.analyst._inbox.is_empty)
        bench.offer("cam0", 1.2)
        clock.advance(61)

        bench.model.gate.set()
        bench.has_found(4)

    assert bench.model.batches == [3, 1]


@pytest.mark.parametrize(("cameras", "most"), [(3, 3), (40, 16)])
def test_the_model_gets_ready_for_as_many_frames_as_can_come_at_once(
    cameras: int, most: int
) -> None:
    model = FakeModel()

    Analyst(spec(cameras), lambda _: None, lambda _: model).load()

    assert model.prepared == [most]


def test_a_failed_batch_is_told_and_the_next_one_works(bench: Bench) -> None:
    bench.model.faults = 1
    bench.model.gate.set()

    bench.offer("cam0", 1.0)
    eventually(lambda: bench.analyst.figures().error == "out of memory")
    bench.offer("cam0", 2.0)

    eventually(lambda: len(bench.found) == 1)
    assert bench.analyst.figures().error is None


def test_a_tracker_that_fails_on_one_camera_leaves_the_others_alone(bench: Bench) -> None:
    def fail(*_: object) -> None:
        raise ValueError("matrix contains invalid numeric entries")

    bench.analyst._roster._cameras["cam0"]._tracker._tracker.update = fail
    bench.offer("cam0", 1.0)
    bench.offer("cam1", 1.0)
    bench.model.gate.set()
    eventually(lambda: len(bench.found) == 1)
    assert bench.found[0].camera == "cam1"

    bench.offer("cam0", 1.2)
    eventually(lambda: len(bench.found) == 2)

    assert bench.found[1].camera == "cam0"


def test_a_fault_of_our_own_on_one_camera_leaves_the_others_alone(
    bench: Bench, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(bench.analyst._roster._cameras["cam0"]._heats, "update", fail)
    bench.model.gate.set()
    for step in range(3):
        bench.offer("cam0", step * 0.2)
        bench.offer("cam1", step * 0.2)
        eventually(lambda: bench.analyst._inbox.is_empty)
    eventually(lambda: len(bench.found) >= 1)

    assert {found.camera for found in bench.found} == {"cam1"}
    assert sum("ZeroDivisionError" in line for line in caplog.messages) == 1


def test_each_camera_has_its_own_tracks_and_heat(bench: Bench) -> None:
    bench.model.gate.set()
    for step in range(5):
        for camera in ("cam0", "cam1"):
            bench.offer(camera, step * 0.2)
            eventually(lambda: bench.analyst._inbox.is_empty)
    eventually(lambda: sum(bench.analyst.figures().detected.values()) == len(bench.found) >= 8)

    for camera in ("cam0", "cam1"):
        last = [found for found in bench.found if found.camera == camera][-1]
        assert last.tracks.track_id.tolist() == [1]
        assert last.counts == {"person": 1}
        assert max(last.overlay.levels) > 0


def test_a_class_that_the_model_does_not_know_is_named_with_those_it_knows() -> None:
    analyst = Analyst(spec(1, ("person", "dog")), lambda _: None, lambda _: FakeModel())

    with pytest.raises(ModelError, match=r"cameras\.cam0\.classes.*'dog'.*person, cart"):
        analyst.load()


def test_stop_is_quick_and_may_be_called_twice(bench: Bench) -> None:
    assert bench.analyst.stop()
    assert bench.analyst.stop()

    assert bench.analyst.shift is not None
    assert not bench.analyst.shift.is_working


def test_before_the_model_is_loaded_no_camera_is_known_and_nothing_kept() -> None:
    analyst = Analyst(spec(2), lambda _: None, lambda _: FakeModel())

    assert analyst.device is None
    assert analyst.memories(0.0) == {}
    with pytest.raises(KeyError):
        analyst.camera("cam0")

    analyst.load()
    assert analyst.device == "cpu"
    assert analyst.camera("cam0").findings() is None
    with pytest.raises(KeyError):
        analyst.camera("cam2")


def test_cameras_become_known_all_at_once() -> None:
    known: list[dict[str, object]] = []

    class Names(dict[int, str]):
        def items(self) -> Any:  # asked for each camera while the model is being loaded
            known.append(dict(analyst._roster._cameras))
            return super().items()

    model = FakeModel(names=Names({0: "person"}))
    analyst = Analyst(spec(3), lambda _: None, lambda _: model)

    analyst.load()

    assert known
    assert not any(known)
    assert len(analyst._roster._cameras) == 3


def test_a_gap_comes_before_the_frame_that_follows_it_and_to_its_camera_alone(
    bench: Bench,
) -> None:
    bench.model.gate.set()
    for step in range(3):
        for camera in ("cam0", "cam1"):
            bench.offer(camera, step * 0.2)
        bench.has_found(2 * (step + 1))

    bench.offer("cam2", 0.6)
    bench.analyst.gap("cam0")
    eventually(lambda: len(bench.found) == 7)
    for step in range(4, 7):
        for camera in ("cam0", "cam1"):
            bench.offer(camera, step * 0.2)
        bench.has_found(7 + 2 * (step - 3))

    last = {found.camera: found.tracks.track_id.tolist() for found in bench.found}
    assert (last["cam0"], last["cam1"]) == ([2], [1])


def test_a_frame_that_waits_is_forgotten_at_a_gap(bench: Bench) -> None:
    bench.offer("cam0", 1.0)
    eventually(lambda: bench.analyst._inbox.is_empty)
    bench.offer("cam0", 2.0)
    bench.offer("cam1", 2.0)

    bench.analyst.gap("cam0")
    bench.model.gate.set()
    eventually(lambda: len(bench.found) == 2)

    assert [(found.camera, found.tracks.time_s) for found in bench.found] == [
        ("cam0", 1.0),
        ("cam1", 2.0),
    ]


def test_memories_are_of_the_cameras_that_saw_something_as_they_are_now(bench: Bench) -> None:
    bench.model.gate.set()
    for step in range(10):
        bench.offer("cam1", step * 0.2)
        bench.has_found(step + 1)

    now, later = bench.analyst.memories(1.8), bench.analyst.memories(31.8)

    assert list(now) == list(later) == ["cam1"]
    sums = [memories["cam1"].heats[""].grids[0].sum() for memories in (now, later)]
    assert sums[1] == pytest.approx(sums[0] / 2, rel=1e-3)
    assert now["cam1"].total_tracks == 1
