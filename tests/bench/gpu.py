"""Detection on a GPU: batches through the detector, and the whole analyst."""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from pathlib import Path

import msgspec
import numpy as np

from bench.ours import decoded_frames
from bench.report import Row, Table
from bench.setup import FPS, HEIGHT, WIDTH, Setup
from heatwall.analysis.analyst import Analyst, AnalystFigures, AnalystSpec
from heatwall.analysis.detector import Detector, ModelSpec
from heatwall.analysis.letterbox import place
from heatwall.analysis.per_camera import Findings
from heatwall.analysis.suppression import select
from heatwall.camera.link import DetectFrame
from heatwall.camera.scaling import DetectScaler
from heatwall.camera.shared import SLOTS, FrameSlots, open_memory
from heatwall.config import Config
from heatwall.demo import camera_settings
from heatwall.geometry import fit
from heatwall.simulator.weights import DEMO_CONF, DEMO_IOU, IMAGE_PX, demo_weights
from heatwall.specs import analyst_spec
from heatwall.values import ByteArray, FloatArray

_BATCHES = (1, 4, 16, 64, 256)
"""Up to the most that `model.batch` may be."""
_WHOLE_BATCHES = (16, 64)
"""Of the analyst: the default, and one of four."""
_CAMERAS = 64
_FRAMES = 300
"""Twenty seconds of the clip: no two frames of a batch of that size are the same."""
_APART = 4
"""Frames from one camera's place in the clip to the next one's."""
_ROUNDS = 60
_WARM_UP_ROUNDS = 10
_ANALYST_S = 6.0
_ANALYST_WARM_UP_S = 2.0
"""Tracks begin, and the first batches are slow."""
_DETECT_S = 0.2
"""Between two frames of a camera, as a config has it by default."""
_TARGET_FPS = 3000.0
"""The demo model in half precision, on a card of the H100's class, from batches of 16 on."""
_RATE_FPS = 10.0
"""Detections a second of a camera, when cameras are counted."""
_COMPARED = 64
_SAME_IOU = 0.9
"""Overlap from which a box of the GPU is that of the processor."""
_PARTS = ("padding", "upload and model", "results")
"""Of `Detector.detect`."""
_NOT_HERE = "not measured (no GPU on this machine)"


@dataclass(frozen=True, slots=True)
class Subject:
    """A model that is measured.

    Attributes:
        name: In the rows.
        spec: How it is run.
        target_fps: What its detections should reach in half precision; None for no target.
    """

    name: str
    spec: ModelSpec
    target_fps: float | None = None


def measure(setup: Setup) -> Table:
    """Measure the detector; takes a minute, and nothing where there is no GPU."""
    card = _card()
    if card is None:
        row = Row("GPU: detection", None, "frames/s", _TARGET_FPS, _NOT_HERE, limit="≥")
        return Table("Detection on a GPU", (row,))
    path, weights = _yolo(setup.folder)
    usual = ModelSpec(path, "cuda:0", True, 640, iou=0.7, max_det=300)
    subjects = (Subject("demo model", _demo(), _TARGET_FPS), Subject(weights, usual))
    rows = [row for subject in subjects for row in detection_rows(subject, setup.clip)]
    rows.append(agreement_row(_demo(), setup.clip))
    return Table(f"Detection on a GPU: {card}", tuple(rows))


def measure_analyst(setup: Setup) -> Table:
    """Measure the analyst; takes half a minute, and nothing where there is no GPU."""
    card = _card()
    if card is None:
        row = Row("GPU: analyst", None, "frames/s", _TARGET_FPS, _NOT_HERE, limit="≥")
        return Table("The analyst with a GPU", (row,))
    rows = [row for batch in _WHOLE_BATCHES for row in analyst_rows(_demo(), setup.clip, batch)]
    return Table(f"The analyst with a GPU, half precision: {card}", tuple(rows))


def _card() -> str | None:
    """Return the GPU's name; None where there is none."""
    import torch

    return str(torch.cuda.get_device_name()) if torch.cuda.is_available() else None


def _demo() -> ModelSpec:
    return ModelSpec(str(demo_weights()), "cuda:0", True, IMAGE_PX, DEMO_IOU, max_det=300)


def detection_rows(
    subject: Subject,
    clip: Path,
    batches: Sequence[int] = _BATCHES,
    rounds: int = _ROUNDS,
) -> list[Row]:
    """Return the rates of `Detector.detect`, in both precisions and for batches of each size.

    In half precision beside those of the same model whose steps are launched one by one.
    """
    frames = detect_frames(clip, subject.spec.imgsz, max(batches))
    rows = []
    for is_half in (True, False):
        spec = replace(subject.spec, half=is_half)
        detector = Detector(spec)
        plain = Detector(spec, is_recorded=False) if is_half else None
        for batch in batches:
            target_fps = subject.target_fps if is_half and batch in _WHOLE_BATCHES else None
            name = f"GPU: {subject.name} at {subject.spec.imgsz} px, "
            name += f"{'half' if is_half else 'full'} precision, {batch} at once"
            rows.append(_rate(name, detector, frames[:batch], rounds, target_fps))
            if plain is not None:
                rows.append(_rate(f"{name}, step by step", plain, frames[:batch], rounds, None))
            if batch in _WHOLE_BATCHES and is_half:
                rows += _shares(name, detector, frames[:batch], rounds)
        if detector.is_half != is_half and detector.device != "cpu":
            raise RuntimeError(f"the model runs in another precision than asked: half={is_half}")
    return rows


def _rate(
    name: str, detector: Detector, frames: list[ByteArray], rounds: int, target_fps: float | None
) -> Row:
    """Return frames a second, by the median of rounds; results are on the CPU when one ends."""
    times_s = []
    found = 0
    for _ in range(_WARM_UP_ROUNDS + rounds):
        began_s = time.perf_counter()
        batch = detector.detect(frames)
        times_s.append(time.perf_counter() - began_s)
        found = sum(len(detections) for detections in batch)
    ordered = sorted(times_s[_WARM_UP_ROUNDS:])
    median_s = statistics.median(ordered)
    tenth = len(ordered) // 10
    slow, fast = len(frames) / ordered[-1 - tenth], len(frames) / ordered[tenth]
    height, width = frames[0].shape[:2]
    note = (
        f"{median_s * 1000:.2f} ms a batch; {slow:.0f} to {fast:.0f} frames/s in four of five "
        f"rounds; {width}×{height}, {found / len(frames):.1f} boxes a frame"
    )
    return Row(name, len(frames) / median_s, "frames/s", target_fps, note, limit="≥")


def _shares(name: str, detector: Detector, frames: list[ByteArray], rounds: int) -> list[Row]:
    """Return what the parts of a batch take, each waited for, which the whole does not do."""
    parts: defaultdict[str, list[float]] = defaultdict(list)
    for _ in range(_WARM_UP_ROUNDS + rounds):
        for part, spent_s in _parts_of_detect(detector, frames).items():
            parts[part].append(spent_s)
    return [
        Row(f"{name}: {part}", statistics.median(values[_WARM_UP_ROUNDS:]) * 1000, "ms/batch")
        for part, values in parts.items()
    ]


def _parts_of_detect(detector: Detector, frames: Sequence[ByteArray]) -> dict[str, float]:
    """Return the seconds of each part of `Detector.detect`, waiting for the GPU after each."""
    import torch

    height, width = frames[0].shape[:2]
    placement = place(width, height, detector._backend.stride, detector._shape)
    times_s = [time.perf_counter()]

    def done() -> None:
        if detector.device.startswith("cuda"):
            torch.cuda.synchronize()
        times_s.append(time.perf_counter())

    with torch.inference_mode():
        laid = detector._lay(frames, placement)
        done()
        output = detector._run(laid)
        done()
        select(output, detector._selection, placement, torch)
        done()
    spent_s = [end - begin for begin, end in pairwise(times_s)]
    return dict(zip(_PARTS, spent_s, strict=True))


def agreement_row(model: ModelSpec, clip: Path) -> Row:
    """Return how many of the boxes that the processor finds in full precision are found as well."""
    frames = detect_frames(clip, model.imgsz, _COMPARED * _APART)[::_APART]
    whole = Detector(replace(model, device="cpu", half=False)).detect(frames)
    same, count = 0, 0
    for ours, theirs in zip(Detector(model).detect(frames), whole, strict=True):
        sure = theirs.confidence >= DEMO_CONF
        overlap = _overlap(theirs.xyxy[sure], ours.xyxy)
        overlap[theirs.class_id[sure][:, None] != ours.class_id] = 0
        same += int((overlap.max(1, initial=0) >= _SAME_IOU).sum())
        count += int(sure.sum())
    note = f"{count} boxes of score {DEMO_CONF:g} or more, overlap {_SAME_IOU:g} or more"
    return Row("GPU: boxes of the processor's that are found", same / count * 100, "%", note=note)


def _overlap(ours: FloatArray, theirs: FloatArray) -> FloatArray:
    """Return intersection over union, float32 (n, m)."""
    low = np.maximum(ours[:, None, :2], theirs[None, :, :2])
    high = np.minimum(ours[:, None, 2:], theirs[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(1) for boxes in (ours, theirs)]
    return np.asarray(shared / (areas[0][:, None] + areas[1] - shared), np.float32)


def analyst_rows(
    model: ModelSpec,
    clip: Path,
    batch: int,
    cameras: int = _CAMERAS,
    seconds: float = _ANALYST_S,
) -> list[Row]:
    """Return what the analyst reaches when each camera's next frame waits already.

    By the server's own thread: from shared memory through detector, tracker, heat and counts to
    what is drawn and told.
    """
    known = {f"cam{index}": camera_settings(0, "rtsp://127.0.0.1/") for index in range(cameras)}
    config = Config.model_validate({"cameras": known})
    spec = replace(analyst_spec(config, model.path), model=model, batch=batch)
    busy = _BusyAnalyst(spec, clip)
    try:
        busy.start()
        time.sleep(_ANALYST_WARM_UP_S)
        began_s, begin = time.perf_counter(), busy.figures()
        time.sleep(seconds)
        took_s, end = time.perf_counter() - began_s, busy.figures()
        people = busy.people
    finally:
        busy.close()
    count = _total(end) - _total(begin)
    if end.error or not count:
        raise RuntimeError(f"the analyst detected {count} frames: {end.error}")
    name = f"GPU: analyst, demo model, {cameras} cameras, {batch} at once"
    note = f"shared memory to findings; the last frames held {people / cameras:.1f} people each"
    return [
        Row(name, count / took_s, "frames/s", _TARGET_FPS, note, limit="≥"),
        Row(f"{name}: cameras at {_RATE_FPS:g} detections a second", count / took_s / _RATE_FPS),
        *(
            Row(f"{name}: {stage}", (_spent(end, stage) - _spent(begin, stage)) / count * 1e6, "µs")
            for stage in ("infer", "track_and_heat")
        ),
    ]


def _total(figures: AnalystFigures) -> int:
    return sum(figures.detected.values())


def _spent(figures: AnalystFigures, stage: str) -> float:
    return sum(stages.get(stage, 0.0) for stages in figures.stage_s.values())


class _BusyAnalyst:
    """An analyst with cameras whose next frame is offered as soon as the last was looked at."""

    def __init__(self, spec: AnalystSpec, clip: Path) -> None:
        self._places = _filled(clip, list(spec.cameras), spec.model.imgsz)
        self._numbers = dict.fromkeys(spec.cameras, 0)
        self._people = dict.fromkeys(spec.cameras, 0)
        self._is_over = threading.Event()
        self._analyst = Analyst(spec, self._go_on)
        self._analyst.load()

    @property
    def people(self) -> int:
        """People in the last frames of all cameras."""
        return sum(self._people.values())

    def start(self) -> None:
        """Offer the first frame of each camera."""
        for camera in self._places:
            self._offer(camera)
        self._analyst.start()

    def figures(self) -> AnalystFigures:
        """Return the totals so far."""
        return self._analyst.figures()

    def close(self) -> None:
        """End it all."""
        self._is_over.set()
        self._analyst.stop()
        for slots, _ in self._places.values():
            slots.close()

    def _go_on(self, findings: Findings) -> None:
        self._people[findings.camera] = len(findings.tracks)
        if not self._is_over.is_set():
            self._offer(findings.camera)

    def _offer(self, camera: str) -> None:
        slots, frames = self._places[camera]
        number = self._numbers[camera]
        self._numbers[camera] = number + 1
        frame = frames[number % SLOTS]
        time_s = number * _DETECT_S
        self._analyst.offer(camera, slots, msgspec.structs.replace(frame, time_s=time_s))


def _filled(
    clip: Path, cameras: Sequence[str], size_px: int
) -> dict[str, tuple[FrameSlots, list[DetectFrame]]]:
    """Return the shared memory of each camera, full, and what tells of its frames.

    They are three of the clip's, a detect interval apart, and shown again and again.
    """
    pictures = detect_frames(clip, size_px, _FRAMES)
    step = round(_DETECT_S * FPS)
    places = {}
    for index, camera in enumerate(cameras):
        fd = open_memory(size_px)
        slots = FrameSlots(fd, size_px)
        os.close(fd)
        frames = []
        for number in range(SLOTS):
            pixels = pictures[(index * _APART + number * step) % len(pictures)]
            slot, sequence = slots.write(pixels)
            frames.append(DetectFrame(slot, sequence, pixels.shape[1], pixels.shape[0], 0.0))
        places[camera] = (slots, frames)
    return places


def detect_frames(clip: Path, size_px: int, count: int) -> list[ByteArray]:
    """Return the clip's first frames as the detector gets them."""
    width, height = fit(WIDTH, HEIGHT, size_px, size_px)
    scaler = DetectScaler()
    return [scaler.scale(one, width, height).copy() for one in islice(decoded_frames(clip), count)]


def _yolo(folder: Path) -> tuple[str, str]:
    """Return YOLO26n: its weights where they are at hand, else untrained ones, and which."""
    at_hand = Path("yolo26n.pt")
    if at_hand.is_file():
        return str(at_hand), "YOLO26n"
    from ultralytics import YOLO

    path = folder / "yolo26n-untrained.pt"
    YOLO("yolo26n.yaml", task="detect").save(str(path))
    return str(path), "YOLO26n with random weights"
