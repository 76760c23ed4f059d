"""Detection on the CPU through each runtime that is installed."""

from __future__ import annotations

import importlib.util
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from bench.ours import decoded_frames
from bench.report import Row, Table
from bench.setup import HEIGHT, WIDTH, Setup
from heatwall.analysis.detector import Detector, ModelSpec
from heatwall.analysis.exporter import ExportSpec, export_model
from heatwall.analysis.letterbox import place
from heatwall.analysis.runtime import PACKAGES, thread_count
from heatwall.camera.scaling import DetectScaler
from heatwall.geometry import fit
from heatwall.simulator.weights import IMAGE_PX, demo_weights
from heatwall.values import ByteArray

_BATCHES = (1, 4, 16)
_FRAMES = 16
"""Frames of one round, in batches of each size."""
_ROUNDS = 7
_KINDS = ("onnx", "openvino")


def measure(setup: Setup) -> Table:
    """Measure it all; takes half a minute, more on a busy machine."""
    frames = _frames(setup.clip)
    spec = ModelSpec(str(demo_weights()), "cpu", None, IMAGE_PX, iou=0.5, max_det=300)
    detectors = {"PyTorch": Detector(spec)}
    missing = []
    for kind in _KINDS:
        if all(importlib.util.find_spec(name) for name in PACKAGES[kind]):
            folder = setup.folder / f"runtime-{kind}"
            folder.mkdir(exist_ok=True)
            detectors[kind] = Detector(_exported(spec, kind, folder))
        else:
            missing.append(Row(f"detect: {kind}", None, note="its package is not installed"))
    rows = [row for batch in _BATCHES for row in _rows(detectors, frames, batch)]
    title = f"Detection on the CPU, demo model at {IMAGE_PX} px, {thread_count()} threads"
    return Table(title, (*rows, *missing))


def _exported(spec: ModelSpec, kind: str, folder: Path) -> ModelSpec:
    wanted = ExportSpec(
        kind, (IMAGE_PX, IMAGE_PX), _FRAMES, is_dynamic=True, half=False, device="cpu"
    )
    path = export_model(spec.path, wanted, folder)
    return ModelSpec(str(path), spec.device, None, spec.imgsz, spec.iou, spec.max_det)


def _rows(detectors: dict[str, Detector], frames: list[ByteArray], batch: int) -> list[Row]:
    """Return CPU times of a frame by runtime, in turns, and what `detect` adds to the model."""
    calls: dict[str, Callable[[], object]] = {
        name: lambda one=detector: one.detect(frames[:batch])  # type: ignore[misc]  # the library has no types
        for name, detector in detectors.items()
    }
    calls["model alone"] = _bare(detectors["PyTorch"], frames[:batch])
    times_s: defaultdict[str, list[float]] = defaultdict(list)
    for _ in range(_ROUNDS + 1):
        for name, call in calls.items():
            began_s = time.process_time()
            for _ in range(_FRAMES // batch):
                call()
            times_s[name].append((time.process_time() - began_s) / _FRAMES)
    median = {name: statistics.median(values[1:]) for name, values in times_s.items()}
    torch_s = median["PyTorch"]
    rows = [
        Row(f"detect: PyTorch, {batch} at once", torch_s * 1000, "ms CPU/frame"),
        Row(
            f"detect: all of it over the model alone, {batch} at once",
            torch_s / median["model alone"],
        ),
    ]
    rows += [
        Row(f"detect: {name} over PyTorch, {batch} at once", median[name] / torch_s)
        for name in detectors
        if name != "PyTorch"
    ]
    return rows


def _bare(detector: Detector, frames: list[ByteArray]) -> Callable[[], object]:
    import torch

    height, width = frames[0].shape[:2]
    placement = place(width, height, detector._backend.stride, None)
    tensor = detector._tensor(detector._lay(frames, placement))

    def run() -> object:
        with torch.inference_mode():
            return detector._backend(tensor)

    return run


def _frames(clip: Path) -> list[ByteArray]:
    width, height = fit(WIDTH, HEIGHT, IMAGE_PX, IMAGE_PX)
    scaler = DetectScaler()
    return [
        scaler.scale(one, width, height).copy() for one in islice(decoded_frames(clip), _FRAMES)
    ]
