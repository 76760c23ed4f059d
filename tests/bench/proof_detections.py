"""What the demo model finds in every frame of a scene, kept in files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import av
import numpy as np
import ultralytics
from av.video.frame import VideoFrame

from bench.proof_scenes import FOLDER, Scene
from heatwall.analysis.detector import CONFIDENCE_FLOOR, Detector, ModelSpec
from heatwall.camera.scaling import DetectScaler
from heatwall.camera.source import DecodedFrame
from heatwall.geometry import fit
from heatwall.simulator.clips import Clip
from heatwall.simulator.weights import DEMO_IOU, IMAGE_PX, demo_weights
from heatwall.values import ByteArray, Detections

_BATCH = 16
"""Frames a call; more gains nothing on a CPU."""


@dataclass(frozen=True, slots=True)
class Finder:
    """How the demo model is run; by default as the demo does it.

    Attributes:
        imgsz: Longest side of its input in pixels.
        iou: Overlap above which the weaker of two boxes goes.
        weights: Its file; None for the bundled one.
    """

    imgsz: int = IMAGE_PX
    iou: float = DEMO_IOU
    weights: Path | None = None

    @property
    def spec(self) -> ModelSpec:
        """The detector's settings, as the demo has them, on the CPU."""
        path = self.weights or demo_weights()
        return ModelSpec(str(path), "cpu", False, self.imgsz, self.iou, 300)


def found_in(scene: Scene, finder: Finder) -> list[Detections]:
    """Return the detections of all classes in each frame, scores from `CONFIDENCE_FLOOR`.

    Runs the model where no file holds its answer for these weights, settings and pictures.
    """
    path = FOLDER / f"{scene.clip.key}-{finder.imgsz}-{_digest(scene.clip, finder)}.npz"
    if not path.exists():
        found = _detect(scene.clip, finder)
        partial = path.with_suffix(".partial.npz")
        np.savez_compressed(
            partial,
            counts=np.array([len(each) for each in found], np.int32),
            xyxy=np.concatenate([each.xyxy for each in found]),
            confidence=np.concatenate([each.confidence for each in found]),
            class_id=np.concatenate([each.class_id for each in found]),
        )
        partial.replace(path)
    with np.load(path) as held:
        ends = np.cumsum(held["counts"])[:-1]
        parts = [np.split(held[name], ends) for name in ("xyxy", "confidence", "class_id")]
    return [Detections(*(part.copy() for part in each)) for each in zip(*parts, strict=True)]


def _detect(clip: Clip, finder: Finder) -> list[Detections]:
    detector = Detector(finder.spec)
    frames = _scaled(clip, finder.imgsz)
    found: list[Detections] = []
    while batch := list(islice(frames, _BATCH)):
        found += detector.detect(batch)
    return found


def _scaled(clip: Clip, imgsz: int) -> Iterator[ByteArray]:
    """Yield the frames as a camera's worker hands them to the detector."""
    scaler = DetectScaler()
    width, height = fit(clip.width, clip.height, imgsz, imgsz)
    with av.open(str(clip.path)) as container:
        for frame in container.decode(video=0):
            yield scaler.scale(_as_decoded(frame), width, height).copy()


def _as_decoded(frame: VideoFrame) -> DecodedFrame:
    return DecodedFrame(frame, frame.time, frame.width, frame.height)


def _digest(clip: Clip, finder: Finder) -> str:
    """A short digest of all that the detections depend on."""
    spec = finder.spec
    digest = hashlib.sha256()
    for path in (Path(spec.path), clip.path):
        digest.update(path.read_bytes())
    settings: Sequence[object] = (spec.imgsz, spec.iou, spec.max_det, CONFIDENCE_FLOOR)
    digest.update(repr((*settings, ultralytics.__version__)).encode())
    return digest.hexdigest()[:12]
