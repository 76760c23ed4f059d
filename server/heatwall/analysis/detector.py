"""The detection model, by Ultralytics."""

from __future__ import annotations

import logging
import os
import re
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from heatwall.analysis.letterbox import PAD, Placement, lay, place
from heatwall.analysis.replay import GraphRecorder, Replays
from heatwall.analysis.runtime import (
    PACKAGES,
    ExportFacts,
    format_of,
    limit_threads,
    precision,
    read_facts,
    require_packages,
)
from heatwall.analysis.shortage import is_shortage
from heatwall.analysis.suppression import Selection, select
from heatwall.errors import ModelError, ModelMemoryError
from heatwall.geometry import fit
from heatwall.values import ByteArray, Detections

CONFIDENCE_FLOOR = 0.1
"""What the detector lets through. The trackers' second stage lives on scores between 0.1 and the
camera's own `conf` (ByteTrack, Zhang et al., ECCV 2022)."""

_STRIDE = 32
"""Largest stride of most models of the YOLO family, for the first picture."""

_MOST_AT_ONCE = 256
"""Most frames that go through a model at once, which bounds its memory."""

_USUAL_ASPECT = (16, 9)
"""Of cameras. A GPU is made ready for their pictures at the start, for others at the first."""

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
    # OpenVINO reports its use from the moment of import, unless its reporter is not there.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # None: not importable


class Detector:
    """A loaded model. One thread only: its buffers are used by every call anew.

    Args:
        spec: Which model, and how.
        is_recorded: Whether the model's steps are recorded and replayed on a GPU, where that can
            be; False to measure what it brings.

    Raises:
        ModelError: It does not exist, can't be fetched, is no detection model, is an export that
            can't take what it is to be given or whose runtime is missing, or the device is not
            there.
    """

    def __init__(self, spec: ModelSpec, *, is_recorded: bool = True) -> None:
        import torch
        from ultralytics import YOLO, settings

        settings.update({"sync": False})
        self._torch = torch
        self._spec = spec
        device = choose_device(spec.device)
        if Path(spec.path).suffix in {".yaml", ".yml"}:
            raise ModelError(f"model.path: {spec.path} describes a model, it holds no weights")
        facts = _facts(spec)
        self._shape = facts.shape if facts else None
        self._most = (facts.batch if facts else None) or _MOST_AT_ONCE
        is_half = spec.half if spec.half is not None else device.startswith("cuda")
        try:
            model: Any = YOLO(spec.path, task="detect")
        except Exception as error:  # Ultralytics raises a dozen kinds for one cause
            raise _not_loaded(spec.path, error) from error
        if model.task != "detect":
            raise ModelError(f"model.path: {spec.path} is made for {model.task}, not for detection")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)  # that TorchScript will go one day
                self._backend = _set_up(model, device, is_half, spec, self._shape, torch)
        except Exception as error:  # torch, CUDA and each exported format raise their own
            raise _not_loaded(spec.path, error) from error
        self.device = _device_of(self._backend, device, spec.path)
        self.is_half = bool(self._backend.fp16)
        self.names = {int(key): str(name) for key, name in self._backend.names.items()}
        self._selection = Selection(
            CONFIDENCE_FLOOR, spec.iou, spec.max_det, is_final=bool(self._backend.end2end)
        )
        self._frames: Any = None
        self._placement: Placement | None = None
        self._replays = self._make_replays(is_recorded=is_recorded) if self._is_gpu else None

    def prepare(self, most: int) -> None:
        """Get ready for batches of up to `most` of the frames that cameras usually send.

        On a GPU it takes up to a second for each size of a batch, which the first frames would
        wait for otherwise; on a processor nothing is to be done.

        Raises:
            ModelMemoryError: There is no memory for so many.
            ModelError: The model failed.
        """
        if self._replays is None:
            return
        across, down = _USUAL_ASPECT
        side_px = self._spec.imgsz
        width, height = fit(across * side_px, down * side_px, side_px, side_px)
        placement = place(width, height, self._backend.stride, self._shape)
        try:
            with self._torch.inference_mode():
                most = min(most, self._most)
                self._replays.prepare(most, placement.height, placement.width)
        except Exception as error:  # torch, CUDA and each exported format raise their own
            raise self._failed(error) from error

    def detect(self, frames: Sequence[ByteArray]) -> list[Detections]:
        """Detect in a batch.

        Args:
            frames: uint8 (height, width, 3), RGB, all of one shape, at least one.

        Returns:
            One for each frame, normalised boxes, scores down to `CONFIDENCE_FLOOR`.

        Raises:
            ModelMemoryError: There is no memory for so many.
            ModelError: The model failed.
        """
        height, width = frames[0].shape[:2]
        placement = place(width, height, self._backend.stride, self._shape)
        found: list[Detections] = []
        try:
            with self._torch.inference_mode():
                for first in range(0, len(frames), self._most):
                    laid = self._lay(frames[first : first + self._most], placement)
                    found += select(self._run(laid), self._selection, placement, self._torch)
        except Exception as error:  # torch, CUDA and each exported format raise their own
            raise self._failed(error) from error
        return found

    def _failed(self, error: Exception) -> ModelError:
        """Return what the analyst is told of a runtime's error."""
        if not is_shortage(error):
            return ModelError(f"the model {self._spec.path} failed: {error}")
        if self._is_gpu:
            # What torch keeps for itself of what was freed is too small a piece for the next try.
            self._torch.cuda.empty_cache()
        first_line = str(error).partition("\n")[0]
        return ModelMemoryError(f"no memory for the model {self._spec.path}: {first_line}")

    @property
    def _is_gpu(self) -> bool:
        return self.device.startswith("cuda")

    def _make_replays(self, *, is_recorded: bool) -> Replays:
        torch = self._torch
        recorder = None
        # Runtimes of exported models have their own ways, and some are in no torch stream.
        if is_recorded and self._backend.format == "pt":
            recorder = GraphRecorder(torch, self.device, self._backend.model)

        def empty(count: int, height: int, width: int) -> Any:
            return torch.zeros((count, height, width, 3), dtype=torch.uint8, device=self.device)

        return Replays(self._forward, empty, recorder, self._most)

    def _lay(self, frames: Sequence[ByteArray], placement: Placement) -> Any:
        """Return frames as the model's pictures: uint8 (n, height, width, 3), in main memory.

        They lie in one buffer, pinned for a GPU so that the copy needs no second one in the
        driver. It may be written anew as soon as results are back, which come after the copy.
        """
        count = len(frames)
        if placement != self._placement or len(self._frames) < count:
            shape = (count, placement.height, placement.width, 3)
            empty = self._torch.empty(shape, dtype=self._torch.uint8, pin_memory=self._is_gpu)
            self._frames = empty.fill_(PAD)
            self._placement = placement
        lay(frames, placement, self._frames[:count].numpy())
        return self._frames[:count]

    def _run(self, laid: Any) -> Any:
        """Return the model's output for pictures in main memory; valid until the next call."""
        if self._replays is not None:
            return self._replays.run(laid)
        return self._forward(laid.to(self.device))

    def _forward(self, pictures: Any) -> Any:
        """Return the model's output for pictures on its device, (n, …)."""
        output = self._backend(self._tensor(pictures))
        return output[0] if isinstance(output, list | tuple) else output

    def _tensor(self, pictures: Any) -> Any:
        """Return pictures as the model takes them: (n, 3, height, width), 0 to 1."""
        pixels = pictures.permute(0, 3, 1, 2)
        # Bytes are exact in half precision. Without it one pass divides and widens.
        tensor = pixels.half().div_(255) if self.is_half else self._torch.div(pixels, 255)
        # PyTorch likes the pixels' own order (channels last); the others read plain memory.
        return tensor if self._backend.format == "pt" else tensor.contiguous()


def _facts(spec: ModelSpec) -> ExportFacts | None:
    """Return what an export takes, after looking whether it can be run as the config says.

    Raises:
        ModelError: It can't.
    """
    kind = format_of(spec.path)
    if kind is None or not Path(spec.path).exists():
        return None
    require_packages(kind, PACKAGES.get(kind, ()), f"model.path: {spec.path}")
    facts = read_facts(spec.path)
    if facts is None:
        return None
    if facts.task not in {None, "detect"}:
        raise ModelError(f"model.path: {spec.path} is made for {facts.task}, not for detection")
    if facts.largest is not None and spec.imgsz != facts.largest:
        takes = f"{facts.shape[0]}x{facts.shape[1]}" if facts.shape else f"up to {facts.largest}"
        if spec.imgsz > facts.largest:
            raise ModelError(
                f"model.imgsz: the export {spec.path} takes pictures of {takes} (height x width) "
                f"only (found {spec.imgsz}; allowed: up to {facts.largest}, or an export made "
                f"with --imgsz {spec.imgsz})"
            )
        _log.warning(
            "model.imgsz is %d and the export %s takes pictures of %s: the rest is padding, which "
            "costs as much as a picture would",
            spec.imgsz,
            spec.path,
            takes,
        )
    return facts


def _set_up(
    model: Any,
    device: str,
    is_half: bool,
    spec: ModelSpec,
    shape: tuple[int, int] | None,
    torch: Any,
) -> Any:
    """Return Ultralytics' AutoBackend, made by its predictor and warm.

    The predictor chooses the detection head, fuses layers and picks the runtime. It is not asked
    to predict: it turns each batch back into pictures and each result into objects that nobody
    reads, and brings torchvision in, which takes 160 MB.
    """
    from ultralytics.models.yolo.detect import DetectionPredictor

    class SetUpOnly(DetectionPredictor):  # type: ignore[misc]  # the library has no types
        """Makes the backend, and predicts nothing."""

        def __call__(self, *_: Any, **__: Any) -> list[Any]:
            """Return no results."""
            return []

        predict_cli = __call__

    height, width = shape or (_STRIDE * 2, _STRIDE * 2)
    empty = torch.zeros(1, 3, height, width)
    model.predict(
        empty,
        predictor=SetUpOnly,
        conf=CONFIDENCE_FLOOR,
        iou=spec.iou,
        max_det=spec.max_det,
        imgsz=(height, width),
        device=device,
        verbose=False,
        **precision(is_half=is_half),
    )
    backend = model.predictor.model
    if backend.format == "pt" and device.startswith("cuda"):
        # The pictures' own order. Otherwise each layer brings its weights into it at every call.
        backend.model.to(memory_format=torch.channels_last)
    with torch.inference_mode():
        # A TorchScript settles at its second call.
        for _ in range(2):
            backend(empty.to(backend.device, torch.float16 if backend.fp16 else torch.float32))
    if str(backend.device) == "cpu":
        limit_threads(backend, spec.path, torch)
    return backend


def _device_of(backend: Any, wanted: str, path: str) -> str:
    """Return where the model really runs: a runtime without GPU support falls back to the CPU."""
    device = str(backend.device)
    if wanted.startswith("cuda") and not device.startswith("cuda"):
        _log.warning("the runtime of %s can't use the GPU here: it runs on the CPU", path)
    return device


def choose_device(wanted: str) -> str:
    """Return the device that `auto`, `cpu`, `cuda`, `cuda:N` or `mps` means on this machine.

    Raises:
        ModelError: It has none, or there is no such device.
    """
    import torch

    if not re.fullmatch(r"auto|cpu|mps|cuda(:\d+)?", wanted):
        raise ModelError(
            f"model.device is no device (found {wanted!r}; allowed: auto, cpu, cuda, cuda:N or mps)"
        )
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


def _not_loaded(path: str, error: Exception) -> ModelError:
    """Return the error for a model that could not be loaded."""
    if is_shortage(error):
        first_line = str(error).partition("\n")[0]
        return ModelMemoryError(f"no memory for the model {path}: {first_line}")
    return ModelError(_why_not(path, error))


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
