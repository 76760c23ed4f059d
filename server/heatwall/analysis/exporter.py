"""Models for other runtimes, made by Ultralytics."""

from __future__ import annotations

import shutil
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from heatwall.analysis.runtime import PACKAGES, SUFFIXES, precision, require_packages
from heatwall.errors import ModelError

_NEEDED = {
    "onnx": ("onnx", "onnxslim", *PACKAGES["onnx"]),
    "openvino": PACKAGES["openvino"],
    "engine": ("onnx", "onnxslim", *PACKAGES["engine"]),
}
"""What must be importable to make a format: a TensorRT engine is built from ONNX."""


@dataclass(frozen=True, slots=True)
class ExportSpec:
    """What to make.

    Attributes:
        kind: `onnx`, `openvino`, `engine` or `torchscript`.
        shape: (height, width) in pixels, multiples of 32.
        batch: Frames at once: the number, or the most where `is_dynamic`.
        is_dynamic: Whether any batch and any shape can be given to it.
        half: Half precision.
        device: Where it is made: `cpu` or `cuda:N`.
    """

    kind: str
    shape: tuple[int, int]
    batch: int
    is_dynamic: bool
    half: bool
    device: str


def check_can_export(spec: ExportSpec) -> None:
    """Do nothing when this machine can make such an export.

    Raises:
        ModelError: A package or a GPU is missing; the text says what to do.
    """
    require_packages(spec.kind, _NEEDED.get(spec.kind, ()), f"--format {spec.kind}")
    is_gpu = spec.device.startswith("cuda")
    if spec.kind == "engine" and not is_gpu:
        raise ModelError(
            "--format engine: TensorRT builds for an NVIDIA GPU of the machine it runs on, and "
            f"--device is {spec.device} (allowed: cuda or cuda:N, where there is one)"
        )
    if spec.kind == "torchscript" and spec.half and not is_gpu:
        raise ModelError(
            f"--half: TorchScript has half precision on a GPU only, and --device is {spec.device} "
            "(allowed: --no-half, or --device cuda where there is one)"
        )


def export_model(source: str, spec: ExportSpec, folder: Path) -> Path:
    """Make the export and return where it is, below `folder`.

    Args:
        source: The weights.
        spec: What to make.
        folder: Is written to; a copy of the weights lies there meanwhile, since Ultralytics
            writes beside them.

    Raises:
        ModelError: It can't be made.
    """
    from ultralytics import YOLO

    weights = folder / f"model{Path(source).suffix}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of tracing, which only Ultralytics can do otherwise
            return _export(YOLO, source, spec, weights)
    except ModelError:
        raise
    except Exception as error:  # each format's tools raise their own
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise ModelError(f"{source} could not be exported to {spec.kind}: {reason}") from error
    finally:
        weights.unlink(missing_ok=True)


def _export(load: Any, source: str, spec: ExportSpec, weights: Path) -> Path:
    model = load(source)
    if model.task != "detect":
        raise ModelError(f"MODEL: {source} is made for {model.task}, not for detection")
    shutil.copyfile(model.ckpt_path, weights)
    made = load(str(weights)).export(
        format=spec.kind,
        imgsz=list(spec.shape),
        batch=spec.batch,
        dynamic=spec.is_dynamic,
        device=spec.device,
        verbose=False,
        **precision(is_half=spec.half),
    )
    return _checked(Path(str(made)), spec.kind)


def _checked(made: Path, kind: str) -> Path:
    if not made.exists() or not made.name.endswith(SUFFIXES[kind]):
        raise ModelError(f"Ultralytics made no {kind} model, and did not say why")
    return made
