"""A model's work on a GPU: batches of a few sizes, each recorded once and then replayed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

_MOST_SHAPES = 4
"""Shapes of pictures that are kept ready. Cameras have one or two; each takes memory for all
sizes of its batches."""

_SETTLING_CALLS = 3
"""Before a recording, which must find every library at rest: the first call of a shape chooses
how each layer is computed, and takes memory (pytorch.org, CUDA semantics, CUDA Graphs)."""

_log = logging.getLogger(__name__)


class Recorder(Protocol):
    """Records what a GPU is told to do."""

    def record(self, call: Callable[[], Any]) -> tuple[Callable[[], object], Any]:
        """Record what `call` launches; it is called a few times.

        Returns:
            What launches the same again, on the same memory; and what `call` returned, which each
            launch fills anew.

        Raises:
            Exception: Whatever the library raises when it can't be recorded.
        """


class GraphRecorder:
    """Records CUDA graphs. One thread at a time.

    All of them share one pool of memory: they never run at the same time, and what one leaves
    behind for another to read does not exist.

    Args:
        torch: The library.
        device: `cuda:N`.
        modules: The network, whose modules may keep tensors between calls.
    """

    def __init__(self, torch: Any, device: str, modules: Any) -> None:
        self._torch = torch
        self._device = device
        self._modules = modules
        self._stream = torch.cuda.Stream(device)
        self._pool: Any = None
        self._kept: list[list[Any]] = []

    def record(self, call: Callable[[], Any]) -> tuple[Callable[[], object], Any]:
        """See `Recorder`."""
        cuda = self._torch.cuda
        with cuda.device(self._device):
            self._stream.wait_stream(cuda.current_stream())
            with cuda.stream(self._stream):
                for _ in range(_SETTLING_CALLS):
                    call()
            cuda.current_stream().wait_stream(self._stream)
            graph = cuda.CUDAGraph()
            # Other threads may do with the GPU what they like meanwhile.
            recording = cuda.graph(
                graph, pool=self._pool, stream=self._stream, capture_error_mode="thread_local"
            )
            with recording:
                output = call()
        self._pool = graph.pool()
        # A head keeps its anchors for the last shape only. The graph reads them where they lie
        # now: without this their memory would be another's after the next shape.
        self._kept.append(_tensors_kept(self._modules, self._torch))
        return graph.replay, output


def _tensors_kept(modules: Any, torch: Any) -> list[Any]:
    """Return the tensors that modules hold as plain attributes."""
    return [
        value
        for module in modules.modules()
        for value in vars(module).values()
        if isinstance(value, torch.Tensor)
    ]


@dataclass(frozen=True, slots=True)
class _Ready:
    """One size of a batch: where its frames go, and what runs the model on them."""

    pixels: Any
    run: Callable[[], Any]


class Replays:
    """Runs a model on batches of a few fixed sizes. One thread at a time, in inference mode.

    Each size and shape costs a GPU's libraries up to a second once, and launching the few hundred
    steps of a network takes longer than they themselves. So a batch is filled up to the next of
    few sizes, and where it can be the steps are recorded and launched in one call. The frames
    that fill up are whatever lay there; no frame of a batch has to do with another.

    Args:
        forward: The model, from frames uint8 (n, height, width, 3) on the device to a tensor
            whose first dimension is theirs.
        empty: Makes memory for n frames of a height and width, on the device.
        recorder: Records; None to launch step by step.
        most: Most frames that the model takes at once.
    """

    def __init__(
        self,
        forward: Callable[[Any], Any],
        empty: Callable[[int, int, int], Any],
        recorder: Recorder | None,
        most: int,
    ) -> None:
        self._forward = forward
        self._empty = empty
        self._recorder = recorder
        self._most = most
        self._ready: dict[tuple[int, int, int], _Ready] = {}

    def prepare(self, most: int, height: int, width: int) -> None:
        """Get ready for batches of up to `most` frames of a shape; takes up to a second a size."""
        sizes = {self._size(count) for count in range(1, most + 1)}
        # The largest first: the others then fit into its memory.
        for size in sorted(sizes, reverse=True):
            self._ready_for(size, height, width)

    def run(self, frames: Any) -> Any:
        """Return the model's output for frames: uint8 (n, height, width, 3), pinned.

        It is valid until the next call.
        """
        count, height, width, _ = frames.shape
        ready = self._ready_for(self._size(count), height, width)
        ready.pixels[:count].copy_(frames, non_blocking=True)
        return ready.run()[:count]

    def _size(self, count: int) -> int:
        """Return the size of the batch for `count` frames.

        Sizes double, so that a quarter of the places is left over on average, and few are kept.
        """
        return min(1 << (count - 1).bit_length(), self._most)

    def _ready_for(self, size: int, height: int, width: int) -> _Ready:
        key = (size, height, width)
        ready = self._ready.get(key)
        if ready is not None:
            return ready
        pixels = self._empty(size, height, width)

        def call() -> Any:
            return self._forward(pixels)

        shapes = {known[1:] for known in self._ready}
        if key[1:] not in shapes and len(shapes) >= _MOST_SHAPES:
            return _Ready(pixels, call)
        ready = self._ready[key] = _Ready(pixels, self._recorded(call) or call)
        return ready

    def _recorded(self, call: Callable[[], Any]) -> Callable[[], Any] | None:
        """Return what does the same as `call` in one launch; None where that can't be had."""
        if self._recorder is None:
            call()  # what a shape costs once
            return None
        try:
            replay, output = self._recorder.record(call)
        except Exception as error:  # noqa: BLE001 - torch and CUDA raise their own; the model runs without
            reason = str(error).strip().partition("\n")[0] or type(error).__name__
            _log.warning("the model's steps are launched one by one on this GPU: %s", reason)
            self._recorder = None
            return None

        def run() -> Any:
            replay()
            return output

        return run
