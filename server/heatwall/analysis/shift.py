"""One life of the analyst's thread: from a loaded model to its end, or until it is given up."""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from heatwall.analysis.allowance import Allowance
from heatwall.analysis.inbox import Batch, Inbox, Waiting
from heatwall.analysis.ledger import Ledger
from heatwall.analysis.per_camera import CameraAnalysis, Findings
from heatwall.analysis.roster import Roster
from heatwall.errors import HeatwallError, ModelMemoryError
from heatwall.values import ByteArray, Detections

_log = logging.getLogger(__name__)

_MOST_ON_PROCESSOR = 4
"""Frames in one run on a processor: more gain nothing in ONNX Runtime and little in PyTorch
(`tests/bench`, runtimes), take memory, and let the newest frames wait."""

_WINDOW_ON_PROCESSOR_S = 0.01
"""How long a batch gathers on a processor, where a batch of four costs nearly four times one."""

_WINDOW_ON_GPU_S = 0.04
"""The same on a GPU, where it costs as much as one: fewer batches leave the interpreter to the
event loop. Cameras take turns, so that a fifth of the usual 200 ms between two frames of one brings
the frames of a fifth of them; that an overlay is so much older is not seen."""

_PAUSE_AFTER_FAULT_S = 1.0
"""After a failed batch, so that a broken model can't turn the thread into a busy loop."""

_FAULTS_IN_A_ROW = 3
"""After so many failed batches the model is taken for broken: one loaded anew may work."""

T = TypeVar("T")
"""What work on an analysis returns."""


class LoadedModel(Protocol):
    """What the analyst needs of a model; see `Detector`."""

    names: dict[int, str]
    device: str

    def prepare(self, most: int) -> None:
        """Get ready for batches of up to `most` frames; may take seconds."""

    def detect(self, frames: Sequence[ByteArray]) -> list[Detections]:
        """Detect in frames of one shape."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What a shift works with, and the next one after it.

    Attributes:
        inbox: Where frames wait.
        roster: The cameras' analyses.
        ledger: Where work is noted.
        deliver: Takes the findings of each frame; must not block.
        allowance: Most frames in a batch.
        window_s: After the first frame, how long to wait for other cameras' frames, seconds; None
            for what suits the device.
    """

    inbox: Inbox
    roster: Roster
    ledger: Ledger
    deliver: Callable[[Findings], None]
    allowance: Allowance
    window_s: float | None


class Shift:
    """A model and the thread, named `analyst`, that takes batches through it and on to the heat.

    No thread can be ended from outside. One that hangs is given up: whatever it does later is
    thrown away.

    Attributes:
        model: The model.
        error: Why the last batch failed, or None.
        batches: Batches that went well.
        longest_s: What the longest of them took, seconds.
        busy_since_s: Since when the work in hand takes, monotonic seconds; None while idle.
        lacks_memory: Whether it ended since not even one frame found memory.

    Args:
        model: A model of this shift alone, since its buffers are used by every call anew.
        bench: What it works with.
    """

    def __init__(self, model: LoadedModel, bench: Bench) -> None:
        self.model = model
        self.error: str | None = None
        self.batches = 0
        self.longest_s = 0.0
        self.lacks_memory = False
        self.busy_since_s: float | None = None
        self._bench = bench
        self._turn = threading.Lock()
        self._camera: str | None = None
        self._over = threading.Event()
        self._failing: set[str] = set()
        self._faults = 0
        self._thread = threading.Thread(target=self._run, name="analyst", daemon=True)

    @property
    def is_working(self) -> bool:
        """Whether the thread lives, be it given up or not."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to work on what waits."""
        self._thread.start()

    def stop(self, timeout_s: float) -> bool:
        """End the thread after the batch in work; returns whether it ended within `timeout_s`."""
        self.give_up()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def give_up(self) -> str | None:
        """Let the thread end when it can, and nothing of it be seen from now on; idempotent.

        Returns:
            The camera whose analysis it holds just now, if any.
        """
        with self._turn:
            self._over.set()
            held = self._camera
        self._bench.inbox.wake()
        return held

    def _run(self) -> None:
        while not self._over.is_set() and not self._is_broken:
            batch = self._collect()
            if batch is None:
                return
            began_s = time.monotonic()
            try:
                self._work(batch)
            except Exception as error:  # noqa: BLE001 - whatever a model raises, the wall goes on
                self._fail(error)
            else:
                self.error, self._faults = None, 0
                self.batches += 1
                self.longest_s = max(self.longest_s, time.monotonic() - began_s)
            finally:
                self.busy_since_s = None
            if self.error is not None and not self._is_broken:
                self._over.wait(_PAUSE_AFTER_FAULT_S)

    @property
    def _is_broken(self) -> bool:
        return self._faults >= _FAULTS_IN_A_ROW or self.lacks_memory

    def _collect(self) -> Batch | None:
        """Wait for frames; return at most a batch of them, or None at the end."""
        most = self._most_at_once()
        full = min(most, len(self._bench.roster))
        batch = self._bench.inbox.take(most, full, self._window_s(), self._over.is_set)
        if batch is not None:
            self.busy_since_s = time.monotonic()
            for camera in batch.gaps:
                self._with_analysis(camera, CameraAnalysis.gap)
        return batch

    def _most_at_once(self) -> int:
        most = self._bench.allowance.most
        return min(most, _MOST_ON_PROCESSOR) if self._is_on_processor else most

    def _window_s(self) -> float:
        if self._bench.window_s is not None:
            return self._bench.window_s
        return _WINDOW_ON_PROCESSOR_S if self._is_on_processor else _WINDOW_ON_GPU_S

    @property
    def _is_on_processor(self) -> bool:
        return self.model.device == "cpu"

    def _work(self, batch: Batch) -> None:
        by_shape: defaultdict[tuple[int, ...], list[tuple[str, Waiting, ByteArray]]]
        by_shape = defaultdict(list)
        for camera, waiting in batch.waiting.items():
            frame = waiting.frame
            pixels = waiting.slots.read(frame.slot, frame.sequence, frame.width, frame.height)
            if pixels is None:
                self._bench.inbox.note_replaced(camera)
                continue
            by_shape[pixels.shape].append((camera, waiting, pixels))
        for group in by_shape.values():
            self._work_on_group(group)

    def _work_on_group(self, group: list[tuple[str, Waiting, ByteArray]]) -> None:
        began_s = time.perf_counter()
        found = self._detect([pixels for _, _, pixels in group])
        infer_s = (time.perf_counter() - began_s) / len(group)
        for (camera, waiting, _), detections in zip(group, found, strict=True):
            self.busy_since_s = time.monotonic()
            self._analyse(camera, waiting, detections, infer_s)

    def _detect(self, frames: Sequence[ByteArray]) -> list[Detections]:
        """Detect in as many frames at once as memory allows."""
        allowance, found = self._bench.allowance, list[Detections]()
        while len(found) < len(frames):
            try:
                found += self.model.detect(frames[len(found) : len(found) + allowance.most])
            except ModelMemoryError as error:
                if not allowance.shrink(time.monotonic()):
                    self.lacks_memory = True
                    raise
                if not self._over.is_set():
                    _log.warning("%s: now %d frames at once", error, allowance.most)
            else:
                allowance.note_good(time.monotonic())
        return found

    def _analyse(
        self, camera: str, waiting: Waiting, detections: Detections, infer_s: float
    ) -> None:
        began_s = time.perf_counter()
        frame = waiting.frame
        size = (frame.width, frame.height)
        try:
            findings = self._with_analysis(
                camera, lambda analysis: analysis.update(detections, frame.time_s, size)
            )
        except HeatwallError as error:
            self._begin_anew(camera, str(error))
            return
        except Exception as error:  # noqa: BLE001 - one camera's fault must not end the others'
            _log.debug("camera %s: analysis failed", camera, exc_info=error)
            self._begin_anew(camera, f"its analysis failed: {error!r}")
            return
        if findings is None:
            return
        self._failing.discard(camera)
        self._bench.ledger.note(camera, infer_s, time.perf_counter() - began_s)
        self._bench.deliver(findings)

    def _with_analysis(self, camera: str, work: Callable[[CameraAnalysis], T]) -> T | None:
        """Return what `work` on a camera's analysis returns.

        None when the shift is given up, or the camera is gone.
        """
        with self._turn:
            analysis = self._bench.roster.get(camera)
            if self._over.is_set() or analysis is None:
                return None
            self._camera = camera
        try:
            done = work(analysis)
        finally:
            with self._turn:
                self._camera = None
        return None if self._over.is_set() else done

    def _begin_anew(self, camera: str, reason: str) -> None:
        """Let one camera's tracks begin anew after a fault, said once; the others go on."""
        if self._over.is_set():
            return
        if camera not in self._failing:
            _log.error("camera %s: %s", camera, reason)
        self._failing.add(camera)
        self._with_analysis(camera, CameraAnalysis.gap)

    def _fail(self, error: Exception) -> None:
        """Note a failed batch; those of one kind in a row are logged once."""
        self._faults += 1
        reason = str(error) if isinstance(error, HeatwallError) else f"{error!r}"
        if self.error is None and not self._over.is_set():
            _log.error("detection failed: %s", reason)
        self.error = reason
