"""The one thread that turns all cameras' detect frames into findings."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from heatwall import clock
from heatwall.analysis.detector import Detector, ModelSpec
from heatwall.analysis.memory import CameraMemory
from heatwall.analysis.per_camera import CameraAnalysis, Findings, unknown_classes
from heatwall.analysis.spec import AnalysisSpec
from heatwall.camera.link import DetectFrame
from heatwall.camera.shared import FrameSlots
from heatwall.errors import HeatwallError, ModelError
from heatwall.values import ByteArray, Detections

_log = logging.getLogger(__name__)

_IDLE_S = 0.5
"""Longest wait for a frame before looking whether to stop."""

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


class LoadedModel(Protocol):
    """What the analyst needs of a model; see `Detector`."""

    names: dict[int, str]
    device: str

    def prepare(self, most: int) -> None:
        """Get ready for batches of up to `most` frames; may take seconds."""

    def detect(self, frames: Sequence[ByteArray]) -> list[Detections]:
        """Detect in frames of one shape."""


@dataclass(frozen=True, slots=True)
class AnalystSpec:
    """How the analyst works.

    Attributes:
        model: The model.
        batch: Most frames in a batch.
        window_s: After the first frame, how long to wait for other cameras' frames, seconds; None
            for what suits the device.
        cameras: Settings by camera id.
    """

    model: ModelSpec
    batch: int
    window_s: float | None
    cameras: Mapping[str, AnalysisSpec]


@dataclass(frozen=True, slots=True)
class AnalystFigures:
    """Totals since the start.

    Attributes:
        detected: Frames that went through the detector, by camera.
        replaced: Frames replaced by newer ones before the detector came to them, by camera.
        stage_s: Seconds of work by camera and stage; a batch's seconds are shared evenly.
        error: Why the last batch failed, or None.
    """

    detected: Mapping[str, int]
    replaced: Mapping[str, int]
    stage_s: Mapping[str, Mapping[str, float]]
    error: str | None


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A camera's newest detect frame, or the news that its stream was interrupted."""

    slots: FrameSlots
    frame: DetectFrame


class Analyst:
    """Owns the model and each camera's analysis; takes the newest frame of each camera.

    `offer` and `gap` may be called from any thread and never wait. Everything else happens in
    the thread named `analyst`, which also calls `deliver`.

    Args:
        spec: How it works.
        deliver: Takes the findings of each frame; must not block.
        load_model: Loads the model; may take seconds.
        wall: Seconds since 1970 UTC.
    """

    def __init__(
        self,
        spec: AnalystSpec,
        deliver: Callable[[Findings], None],
        load_model: Callable[[ModelSpec], LoadedModel] = Detector,
        wall: clock.Clock = clock.wall,
    ) -> None:
        self._spec = spec
        self._load_model = load_model
        self._deliver = deliver
        self._wall = wall
        self._lock = threading.Condition()
        self._waiting: dict[str, _Waiting] = {}
        self._waiting_since_s = 0.0
        self._gaps: set[str] = set()
        self._is_stopping = False
        self._detected: Counter[str] = Counter()
        self._replaced: Counter[str] = Counter()
        self._stage_s: defaultdict[str, defaultdict[str, float]] = defaultdict(
            lambda: defaultdict(float)
        )
        self._error: str | None = None
        self._failing: set[str] = set()
        self._cameras: dict[str, CameraAnalysis] = {}
        self._detector: LoadedModel | None = None
        self._thread = threading.Thread(target=self._run, name="analyst", daemon=True)

    def load(self) -> None:
        """Load the model; takes seconds, so call it off the event loop, before `start`.

        Raises:
            ModelError: See `Detector`; or a camera wants a class that the model does not know.
        """
        detector = self._load_model(self._spec.model)
        cameras = {}
        for camera, spec in self._spec.cameras.items():
            unknown = unknown_classes(spec.classes, detector.names)
            if unknown:
                names = ", ".join(detector.names.values())
                raise ModelError(
                    f"cameras.{camera}.classes: the model {self._spec.model.path} does not know "
                    f"{', '.join(map(repr, unknown))}; it knows: {names}"
                )
            cameras[camera] = CameraAnalysis(camera, spec, detector.names, self._wall)
        detector.prepare(min(self._spec.batch, len(cameras)))
        self._cameras = cameras  # at once: other threads ask meanwhile
        self._detector = detector

    def camera(self, camera: str) -> CameraAnalysis:
        """Return a camera's analysis, which any thread may ask.

        Raises:
            KeyError: There is no such camera, or the model is not loaded yet.
        """
        return self._cameras[camera]

    def memories(self, now_s: float) -> dict[str, CameraMemory]:
        """Return what the cameras know at `now_s`, monotonic seconds, by id.

        Without those that saw nothing yet.
        """
        known = {camera: analysis.memory(now_s) for camera, analysis in self._cameras.items()}
        return {camera: memory for camera, memory in known.items() if memory is not None}

    @property
    def device(self) -> str | None:
        """Where the model runs; None until it is loaded."""
        return self._detector.device if self._detector else None

    def start(self) -> None:
        """Begin to work on what is offered."""
        self._thread.start()

    def offer(self, camera: str, slots: FrameSlots, frame: DetectFrame) -> None:
        """Offer a camera's newest frame; one that still waits is replaced and counted."""
        with self._lock:
            if not self._waiting:
                self._waiting_since_s = time.monotonic()
            if camera in self._waiting:
                self._replaced[camera] += 1
            self._waiting[camera] = _Waiting(slots, frame)
            self._lock.notify()

    def gap(self, camera: str) -> None:
        """Say that a camera's stream was interrupted; frames that wait are forgotten."""
        with self._lock:
            self._waiting.pop(camera, None)
            self._gaps.add(camera)

    def figures(self) -> AnalystFigures:
        """Return the totals so far."""
        with self._lock:
            stages = {camera: dict(stages) for camera, stages in self._stage_s.items()}
            return AnalystFigures(dict(self._detected), dict(self._replaced), stages, self._error)

    def stop(self, timeout_s: float = 5.0) -> None:
        """End the thread, waiting up to `timeout_s` for the batch in work; idempotent."""
        with self._lock:
            self._is_stopping = True
            self._lock.notify()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while True:
            taken = self._collect()
            if taken is None:
                return
            try:
                self._work(taken)
                self._error = None
            except HeatwallError as error:
                if self._error is None:
                    _log.error("detection failed: %s", error)
                self._error = str(error)
                time.sleep(_PAUSE_AFTER_FAULT_S)

    def _collect(self) -> dict[str, _Waiting] | None:
        """Wait for frames; return at most a batch of them, or None when told to stop."""
        with self._lock:
            while not self._waiting and not self._is_stopping:
                self._lock.wait(_IDLE_S)
            if self._is_stopping:
                return None
            most = self._most_at_once()
            full = min(most, len(self._cameras))
            # Counted from the first frame that waits: who has waited for the batch before this
            # one need not wait once more.
            deadline_s = self._waiting_since_s + self._window_s()
            while len(self._waiting) < full and not self._is_stopping:
                left_s = deadline_s - time.monotonic()
                if left_s <= 0:
                    break
                self._lock.wait(left_s)
            # Insertion order: who has waited longest comes first.
            chosen = list(self._waiting)[:most]
            taken = {camera: self._waiting.pop(camera) for camera in chosen}
            self._waiting_since_s = time.monotonic()  # of those that are left
            gaps, self._gaps = self._gaps, set()
        for camera in gaps:
            self._cameras[camera].gap()
        return taken

    def _most_at_once(self) -> int:
        is_processor = self._is_on_processor
        return min(self._spec.batch, _MOST_ON_PROCESSOR) if is_processor else self._spec.batch

    def _window_s(self) -> float:
        if self._spec.window_s is not None:
            return self._spec.window_s
        return _WINDOW_ON_PROCESSOR_S if self._is_on_processor else _WINDOW_ON_GPU_S

    @property
    def _is_on_processor(self) -> bool:
        return self._detector is not None and self._detector.device == "cpu"

    def _work(self, taken: Mapping[str, _Waiting]) -> None:
        by_shape: defaultdict[tuple[int, ...], list[tuple[str, _Waiting, ByteArray]]]
        by_shape = defaultdict(list)
        for camera, waiting in taken.items():
            frame = waiting.frame
            pixels = waiting.slots.read(frame.slot, frame.sequence, frame.width, frame.height)
            if pixels is None:
                with self._lock:
                    self._replaced[camera] += 1
                continue
            by_shape[pixels.shape].append((camera, waiting, pixels))
        for group in by_shape.values():
            self._work_on_group(group)

    def _work_on_group(self, group: list[tuple[str, _Waiting, ByteArray]]) -> None:
        detector = self._detector
        if detector is None:
            raise ModelError("the model is not loaded")
        began_s = time.perf_counter()
        batch = detector.detect([pixels for _, _, pixels in group])
        infer_s = (time.perf_counter() - began_s) / len(group)
        for (camera, waiting, _), detections in zip(group, batch, strict=True):
            began_s = time.perf_counter()
            frame = waiting.frame
            size = (frame.width, frame.height)
            try:
                findings = self._cameras[camera].update(detections, frame.time_s, size)
            except HeatwallError as error:
                self._begin_anew(camera, str(error))
                continue
            except Exception as error:  # noqa: BLE001 - one camera's fault must not end the others'
                _log.debug("camera %s: analysis failed", camera, exc_info=error)
                self._begin_anew(camera, f"its analysis failed: {error!r}")
                continue
            self._failing.discard(camera)
            with self._lock:
                self._detected[camera] += 1
                self._stage_s[camera]["infer"] += infer_s
                self._stage_s[camera]["track_and_heat"] += time.perf_counter() - began_s
            self._deliver(findings)

    def _begin_anew(self, camera: str, reason: str) -> None:
        """Let one camera's tracks begin anew after a fault, said once; the others go on."""
        if camera not in self._failing:
            _log.error("camera %s: %s", camera, reason)
        self._failing.add(camera)
        self._cameras[camera].gap()
