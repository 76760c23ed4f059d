"""The detection model, by Ultralytics."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from heatwall.errors import ModelError
from heatwall.values import ByteArray, Detections, FloatArray

CONFIDENCE_FLOOR = 0.1
"""What the detector lets through. The trackers' second stage lives on scores between 0.1 and the
camera's own `conf` (ByteTrack, Zhang et al., ECCV 2022)."""

_STRIDE = 32
"""Largest stride of the YOLO family: sides of the input must be multiples of it."""

_PAD = 114
"""Grey that Ultralytics pads with in training."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """Which model, and how it is run.

    Attributes:
        path: A file, or the name of a model that Ultralytics can fetch.
        device: `auto`, `cpu`, `cuda`, `cuda:N` or `mps`.
        half: Half precision; None means on a GPU only.
        imgsz: Longest side of the input in pixels.
        iou: Overlap above which the weaker of two boxes goes, for models that need it.
        max_det: Most detections a frame.
    """

    path: str
    device: str
    half: bool | None
    imgsz: int
    iou: float
    max_det: int


def silence_ultralytics(config_dir: Path) -> None:
    """Keep Ultralytics from calling home, installing packages or logging every frame.

    Must run before its first import. Model weights are still fetched when they are asked for.

    Args:
        config_dir: Folder for its settings file, made if missing.
    """
    config_dir.mkdir(parents=True, exist_ok=True)
    os.environ["YOLO_CONFIG_DIR"] = str(config_dir)
    os.environ["YOLO_OFFLINE"] = "true"  # no look-ups, no analytics, no update checks
    os.environ["YOLO_AUTOINSTALL"] = "false"
    os.environ["YOLO_VERBOSE"] = "false"


class Detector:
    """A loaded model. One thread only: Ultralytics' predictor keeps state between calls.

    Args:
        spec: Which model, and how.

    Raises:
        ModelError: It does not exist, can't be fetched, is no detection model, or the device
            is not there.
    """

    def __init__(self, spec: ModelSpec) -> None:
        import torch
        from ultralytics import YOLO, settings

        settings.update({"sync": False})
        self._torch = torch
        self._spec = spec
        self.device = _choose_device(spec.device, torch)
        if Path(spec.path).suffix in {".yaml", ".yml"}:
            raise ModelError(f"model.path: {spec.path} describes a model, it holds no weights")
        self.is_half = spec.half if spec.half is not None else self.device.startswith("cuda")
        try:
            self._model: Any = YOLO(spec.path, task="detect")
        except Exception as error:  # Ultralytics raises a dozen kinds for one cause
            raise ModelError(_why_not(spec.path, error)) from error
        if self._model.task != "detect":
            raise ModelError(
                f"model.path: {spec.path} is made for {self._model.task}, not for detection"
            )
        try:
            self.detect([np.zeros((_STRIDE * 2, _STRIDE * 2, 3), np.uint8)])
        except ModelError as error:
            raise ModelError(_why_not(spec.path, error.__cause__ or error)) from error
        self.names = {int(key): str(name) for key, name in self._model.names.items()}

    def detect(self, frames: Sequence[ByteArray]) -> list[Detections]:
        """Detect in a batch.

        Args:
            frames: uint8 (height, width, 3), RGB, all of one shape, at least one.

        Returns:
            One for each frame, normalised boxes, scores down to `CONFIDENCE_FLOOR`.

        Raises:
            ModelError: The model failed.
        """
        torch = self._torch
        batch, left, top = _letterbox(frames)
        tensor = torch.from_numpy(batch).to(self.device).permute(0, 3, 1, 2)
        tensor = (tensor.half() if self.is_half else tensor.float()).div_(255)
        try:
            results = self._model.predict(
                tensor,
                conf=CONFIDENCE_FLOOR,
                iou=self._spec.iou,
                max_det=self._spec.max_det,
                imgsz=batch.shape[1:3],
                device=self.device,
                half=self.is_half,
                verbose=False,
            )
        except Exception as error:  # torch, CUDA and each exported format raise their own
            raise ModelError(f"the model {self._spec.path} failed: {error}") from error
        height, width = frames[0].shape[:2]
        return [
            _normalised(result.boxes.data.float().cpu().numpy(), left, top, width, height)
            for result in results
        ]


def _letterbox(frames: Sequence[ByteArray]) -> tuple[ByteArray, int, int]:
    """Return the batch (n, h, w, 3) padded evenly to the stride, and the left and top padding."""
    height, width = frames[0].shape[:2]
    padded_height = -(-height // _STRIDE) * _STRIDE
    padded_width = -(-width // _STRIDE) * _STRIDE
    left, top = (padded_width - width) // 2, (padded_height - height) // 2
    batch = np.full((len(frames), padded_height, padded_width, 3), _PAD, np.uint8)
    for image, frame in zip(batch, frames, strict=True):
        image[top : top + height, left : left + width] = frame
    return batch, left, top


def _normalised(rows: FloatArray, left: int, top: int, width: int, height: int) -> Detections:
    """Return the model's rows (x1, y1, x2, y2, score, class) in parts of the picture."""
    xyxy = (rows[:, :4] - np.array([left, top, left, top], np.float32)) / np.array(
        [width, height, width, height], np.float32
    )
    return Detections(
        xyxy=np.clip(xyxy, 0, 1).astype(np.float32),
        confidence=rows[:, 4].astype(np.float32),
        class_id=rows[:, 5].astype(np.int32),
    )


def _choose_device(wanted: str, torch: Any) -> str:
    if wanted == "auto":
        if torch.cuda.is_available():
            return "cuda:0"
        return "cpu"
    if wanted.startswith("cuda"):
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        index = int(wanted.partition(":")[2] or 0)
        if index >= count:
            raise ModelError(f"model.device is {wanted}, and this machine has {count} CUDA devices")
        return f"cuda:{index}"
    if wanted == "mps" and not torch.backends.mps.is_available():
        raise ModelError("model.device is mps, and this machine has none")
    return wanted


def _why_not(path: str, error: BaseException) -> str:
    file = Path(path)
    first_line = str(error).partition("\n")[0]
    if file.exists():
        return f"model.path: {path} is no detection model that Ultralytics can load: {first_line}"
    if file.parent != Path():
        return f"model.path: there is no model at {path}"
    return (
        f"model.path: {path} is neither a file here nor could it be fetched; put the weights "
        "beside the config, or fetch them on a machine with network and give their path"
    )
