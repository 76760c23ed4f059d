from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from heatwall.analysis.replay import GraphRecorder, Replays


class Recording:
    """Stands in for CUDA graphs: a launch runs the recorded call and fills the same output."""

    def __init__(self) -> None:
        self.recorded: list[tuple[int, ...]] = []
        self.replayed = 0
        self.fault: Exception | None = None

    def record(self, call: Callable[[], Any]) -> tuple[Callable[[], object], Any]:
        if self.fault is not None:
            raise self.fault
        output = call()
        self.recorded.append(tuple(output.shape))

        def replay() -> None:
            self.replayed += 1
            output.copy_(call())

        return replay, output


class Model:
    """Tells the brightness of each frame, and remembers the batches that it was called with."""

    def __init__(self) -> None:
        self.batches: list[tuple[int, ...]] = []

    def __call__(self, frames: Any) -> Any:
        self.batches.append(tuple(frames.shape[:3]))
        return frames.float().mean((1, 2, 3))[:, None]


class Graph:
    """Stands in for a CUDA graph."""

    def pool(self) -> str:
        return "pool"

    def replay(self) -> None:
        """Has nothing to launch."""


class Cuda:
    """Stands in for `torch.cuda`: notes what is recorded into which pool."""

    CUDAGraph = Graph

    def __init__(self) -> None:
        self.pools: list[object] = []
        self.is_recording = False

    def Stream(self, _: str) -> Any:  # noqa: N802 - the library's name
        return SimpleNamespace(wait_stream=lambda _: None)

    def current_stream(self) -> Any:
        return SimpleNamespace(wait_stream=lambda _: None)

    def device(self, _: str) -> AbstractContextManager[None]:
        return nullcontext()

    def stream(self, _: object) -> AbstractContextManager[None]:
        return nullcontext()

    @contextmanager
    def graph(self, _: Graph, *, pool: object, **_others: object) -> Iterator[None]:
        self.pools.append(pool)
        self.is_recording = True
        yield
        self.is_recording = False


class Head:
    """Keeps its anchors for the last shape, as Ultralytics' heads do."""

    def __init__(self, cuda: Cuda) -> None:
        self.cuda = cuda
        self.shape: tuple[int, ...] = ()
        self.anchors = torch.zeros(1)
        self.made: list[tuple[bool, weakref.ref[torch.Tensor]]] = []

    def modules(self) -> list[Head]:
        return [self]

    def __call__(self, frames: Any) -> Any:
        if self.shape != tuple(frames.shape):
            self.shape = tuple(frames.shape)
            self.anchors = torch.zeros(len(frames), 1)
            self.made.append((self.cuda.is_recording, weakref.ref(self.anchors)))
        return self.anchors + frames.float().mean((1, 2, 3))[:, None]


def empty(count: int, height: int, width: int) -> Any:
    return torch.zeros((count, height, width, 3), dtype=torch.uint8)


def frames(*levels: int, height: int = 4, width: int = 6) -> Any:
    return torch.tensor(levels, dtype=torch.uint8)[:, None, None, None].repeat(1, height, width, 3)


def replays(model: Model, recorder: Recording | None = None, most: int = 256) -> Replays:
    return Replays(model, empty, recorder, most)


def values(output: Any) -> list[float]:
    return [float(row[0]) for row in output]


@pytest.mark.parametrize("is_recorded", [False, True])
def test_each_batch_gives_what_the_model_gives_whatever_was_in_the_one_before(
    *, is_recorded: bool
) -> None:
    runs = replays(Model(), Recording() if is_recorded else None)

    for levels in ([7], [1, 2, 3], [9, 8, 7, 6, 5], [4], [1, 1], [50, 60, 70, 80]):
        assert values(runs.run(frames(*levels))) == levels


def test_batches_are_filled_up_to_the_next_of_a_few_sizes() -> None:
    model = Model()
    runs = replays(model)

    for count in range(1, 18):
        assert len(runs.run(frames(*range(count)))) == count

    assert {batch[0] for batch in model.batches} == {1, 2, 4, 8, 16, 32}


def test_no_batch_is_larger_than_the_model_takes() -> None:
    model = Model()
    runs = replays(model, most=6)

    assert values(runs.run(frames(1, 2, 3, 4, 5))) == [1, 2, 3, 4, 5]

    assert {batch[0] for batch in model.batches} == {6}


def test_what_was_prepared_is_only_replayed() -> None:
    model, recorder = Model(), Recording()
    runs = replays(model, recorder)
    runs.prepare(5, 4, 6)
    assert recorder.recorded == [(8, 1), (4, 1), (2, 1), (1, 1)]

    for count in (1, 5, 3, 2, 5):
        runs.run(frames(*range(count)))

    assert len(recorder.recorded) == 4
    assert recorder.replayed == 5


def test_another_shape_is_recorded_when_it_comes() -> None:
    recorder = Recording()
    runs = replays(Model(), recorder)
    runs.prepare(1, 4, 6)

    for _ in range(3):
        assert values(runs.run(frames(3, height=8))) == [3]
        assert values(runs.run(frames(5))) == [5]

    assert len(recorder.recorded) == 2


def test_shapes_without_end_take_no_memory_without_end() -> None:
    recorder = Recording()
    runs = replays(Model(), recorder)

    for height in range(1, 30):
        assert values(runs.run(frames(height, height=height))) == [height]

    assert len(recorder.recorded) == 4
    assert values(runs.run(frames(77, 78, height=1))) == [77, 78]  # a known shape, a new size
    assert len(recorder.recorded) == 5


def test_what_can_not_be_recorded_is_launched_step_by_step_and_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    recorder = Recording()
    runs = replays(Model(), recorder)
    runs.prepare(1, 4, 6)
    recorder.fault = RuntimeError("operation not permitted when stream is capturing\nand more")

    runs.prepare(4, 4, 6)
    for levels in ([1], [2, 3], [4, 5, 6]):
        assert values(runs.run(frames(*levels))) == levels

    assert len(caplog.messages) == 1
    assert caplog.messages[0].endswith("operation not permitted when stream is capturing")
    assert recorder.replayed == 1  # what was recorded before holds


def test_a_model_that_fails_says_so_when_it_is_run() -> None:
    def fail(_: Any) -> Any:
        raise RuntimeError("out of memory")

    runs = Replays(fail, empty, Recording(), 4)

    with pytest.raises(RuntimeError, match="out of memory"):
        runs.run(frames(1))


def test_what_a_graph_reads_is_made_before_it_is_recorded_and_kept_as_long() -> None:
    cuda = Cuda()
    head = Head(cuda)
    fake = SimpleNamespace(cuda=cuda, Tensor=torch.Tensor)
    runs = Replays(head, empty, GraphRecorder(fake, "cuda:0", head), 256)

    runs.prepare(4, 4, 6)

    assert cuda.pools == [None, "pool", "pool"]  # one for all
    assert len(head.made) == 3
    assert not any(is_recording for is_recording, _ in head.made)
    assert all(anchors() is not None for _, anchors in head.made)
