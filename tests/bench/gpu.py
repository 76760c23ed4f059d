"""Detection on a GPU, from shared memory to tracks."""

from __future__ import annotations

import os
import statistics
import time
from collections import defaultdict
from collections.abc import Sequence
from itertools import islice, pairwise
from pathlib import Path

from bench.ours import decoded_frames
from bench.people import PEOPLE, tracks_at
from bench.report import Row, Table
from bench.setup import HEIGHT, WIDTH, Setup
from heatwall.analysis.detector import Detector, ModelSpec
from heatwall.analysis.letterbox import place
from heatwall.analysis.suppression import select
from heatwall.analysis.tracker import Tracker
from heatwall.camera.scaling import DetectScaler
from heatwall.camera.shared import FrameSlots, open_memory
from heatwall.geometry import fit
from heatwall.values import ByteArray, Detections

_CAMERAS = 16
"""One frame of each makes a batch."""
_SIZE_PX = 640
_ROUNDS = 60
_WARM_UP_ROUNDS = 10
_DETECT_FPS = 5.0
_TARGET_FPS = 3000.0
"""From shared memory to tracks, on a card of the H200's class."""
_RATE_FPS = 10.0
"""Detections a second of a camera, when cameras are counted."""
_PARTS = ("upload", "model", "results")
"""Of `Detector.detect`."""
_NOT_HERE = "not measured (no GPU on this machine)"
_TITLE = f"Detection on a GPU, batches of {_CAMERAS} frames at {_SIZE_PX} px, half precision"


def measure(setup: Setup) -> Table:
    """Measure it all; takes some seconds, and none where there is no GPU."""
    import torch

    if not torch.cuda.is_available():
        rows = [
            Row("GPU: Detector.detect", None, "ms/batch", note=_NOT_HERE),
            Row(
                "GPU: shared memory to tracks",
                None,
                "frames/s",
                target=_TARGET_FPS,
                limit="≥",
                note=_NOT_HERE,
            ),
            Row(f"GPU: cameras at {_RATE_FPS:g} detections a second", None, note=_NOT_HERE),
        ]
        return Table(_TITLE, tuple(rows))
    path, weights = _model(setup.folder)
    spec = ModelSpec(path, "cuda:0", half=True, imgsz=_SIZE_PX, iou=0.7, max_det=300)
    rows = stage_rows(spec, setup, _ROUNDS)
    return Table(f"{_TITLE}: {torch.cuda.get_device_name()}, {weights}", tuple(rows))


def stage_rows(spec: ModelSpec, setup: Setup, rounds: int) -> list[Row]:
    """Run batches as the analyst does and return the figures."""
    detector = Detector(spec)
    trackers = [Tracker("bytetrack", 0.25, 10) for _ in range(_CAMERAS)]
    slots, written = _filled_slots(setup.clip)
    width, height = fit(WIDTH, HEIGHT, _SIZE_PX, _SIZE_PX)
    stages: defaultdict[str, list[float]] = defaultdict(list)
    for number in range(_WARM_UP_ROUNDS + rounds):
        began_s = time.perf_counter()
        frames = [
            frame
            for camera, (slot, sequence) in zip(slots, written, strict=True)
            if (frame := camera.read(slot, sequence, width, height)) is not None
        ]
        read_s = time.perf_counter()
        detector.detect(frames)
        detected_s = time.perf_counter()
        for stage, spent_s in _stages_of_detect(detector, frames).items():
            stages[stage].append(spent_s)
        found = _detections(number / _DETECT_FPS)
        given_s = time.perf_counter()
        for tracker in trackers:
            tracker.update(found, number / _DETECT_FPS)
        tracked_s = time.perf_counter()
        stages["read"].append(read_s - began_s)
        stages["detect"].append(detected_s - read_s)
        stages["track"].append(tracked_s - given_s)
    for camera in slots:
        camera.close()
    return _rows({stage: values[_WARM_UP_ROUNDS:] for stage, values in stages.items()})


def _stages_of_detect(detector: Detector, frames: Sequence[ByteArray]) -> dict[str, float]:
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
        tensor = detector._upload(frames, placement)
        done()
        output = detector._backend(tensor)
        done()
        select(output, detector._selection, placement, torch)
        done()
    spent_s = [end - begin for begin, end in pairwise(times_s)]
    return dict(zip(_PARTS, spent_s, strict=True))


def _rows(stages: dict[str, list[float]]) -> list[Row]:
    medians = {stage: statistics.median(values) for stage, values in stages.items()}
    parts = {stage: medians.pop(stage) for stage in _PARTS}
    whole_s = sum(medians.values())
    # The parts were timed apart, waiting after each; their shares are those of the undivided call.
    detect_s = medians.pop("detect")
    shares = {part: detect_s * one / sum(parts.values()) for part, one in parts.items()} | medians
    return [
        Row(
            "GPU: Detector.detect",
            detect_s * 1000,
            "ms/batch",
            note="padding into pinned memory, upload, model and results back on the CPU",
        ),
        Row(
            "GPU: shared memory to tracks",
            _CAMERAS / whole_s,
            "frames/s",
            target=_TARGET_FPS,
            limit="≥",
            note=f"{PEOPLE} people given to each camera's tracker, whatever the model finds",
        ),
        Row(f"GPU: cameras at {_RATE_FPS:g} detections a second", _CAMERAS / whole_s / _RATE_FPS),
        *(
            Row(f"GPU: share of {stage}", median_s / whole_s * 100, "%")
            for stage, median_s in shares.items()
        ),
    ]


def _filled_slots(clip: Path) -> tuple[list[FrameSlots], list[tuple[int, int]]]:
    """Return the shared memory of all cameras, a frame in each, and where each frame lies."""
    width, height = fit(WIDTH, HEIGHT, _SIZE_PX, _SIZE_PX)
    scaler = DetectScaler()
    slots: list[FrameSlots] = []
    written: list[tuple[int, int]] = []
    for decoded in islice(decoded_frames(clip), _CAMERAS):
        fd = open_memory(_SIZE_PX)
        camera = FrameSlots(fd, _SIZE_PX)
        os.close(fd)
        written.append(camera.write(scaler.scale(decoded, width, height)))
        slots.append(camera)
    return slots, written


def _detections(time_s: float) -> Detections:
    tracks = tracks_at(time_s)
    return Detections(tracks.xyxy.copy(), tracks.confidence.copy(), tracks.class_id.copy())


def _model(folder: Path) -> tuple[str, str]:
    """Return YOLO26n: its weights where they are at hand, else untrained ones, and which."""
    at_hand = Path("yolo26n.pt")
    if at_hand.is_file():
        return str(at_hand), "yolo26n.pt"
    from ultralytics import YOLO

    path = folder / "yolo26n-untrained.pt"
    YOLO("yolo26n.yaml", task="detect").save(str(path))
    return str(path), "YOLO26n with random weights, since yolo26n.pt is not here"
