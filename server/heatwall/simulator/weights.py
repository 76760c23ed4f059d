"""The bundled demo model: where it is, how it is run."""

from __future__ import annotations

import importlib.util
from importlib.resources import files
from pathlib import Path

from heatwall.errors import ModelError

DEMO = "demo"
"""What `model.path` says for the bundled demo model."""

IMAGE_PX = 320
"""Side of the square that the demo model sees; the detect frame is 320x180."""

DEMO_IOU = 0.5
"""Overlap from which two boxes are one person: at the usual 0.7 the demo model finds some twice."""

DEMO_CONF = 0.3
"""Least confidence: where the person-seconds of scenes that the demo model never saw come nearest
to the truth."""


_GPU_DEVICES = Path("/dev")
"""Where a driver shows its graphics cards: `nvidia0` and so on."""


def demo_weights() -> Path:
    """Return the path of the demo model's weights.

    Raises:
        ModelError: When the file is not there: a packaging fault.
    """
    return _bundled("demo.pt")


def demo_export() -> Path:
    """Return the path of the demo model as ONNX, which `heatwall export` made of its weights.

    Raises:
        ModelError: When the file is not there: a packaging fault.
    """
    return _bundled("demo.onnx")


def _bundled(name: str) -> Path:
    path = Path(str(files("heatwall.simulator") / "model" / name))
    if not path.is_file():
        raise ModelError("the demo model is missing from this installation of Heatwall")
    return path


def model_file(path: str, folder: Path, device: str) -> str:
    """Return what to load: the bundled demo model, a file in the folder, or the name as it is.

    On a processor the demo model runs by ONNX Runtime, where that is installed, at a third to two
    thirds of what it costs in PyTorch (`tests/bench`, runtimes).

    Args:
        path: `model.path`.
        folder: What it is relative to: that of the config, or this one.
        device: `model.device`.

    Raises:
        ModelError: The demo model is missing from this installation.
    """
    if path == DEMO:
        return str(demo_export() if _is_for_processor(device) else demo_weights())
    beside = folder / path
    return str(beside) if beside.exists() else path


def _is_for_processor(device: str) -> bool:
    """Whether the demo model will run on the processor; without torch, which takes seconds."""
    has_gpu = any(_GPU_DEVICES.glob("nvidia[0-9]*"))
    is_processor = device == "cpu" or (device == "auto" and not has_gpu)
    return is_processor and importlib.util.find_spec("onnxruntime") is not None
