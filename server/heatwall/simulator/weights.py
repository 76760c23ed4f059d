"""The bundled demo model: where it is, how it is run."""

from __future__ import annotations

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


def demo_weights() -> Path:
    """Return the path of the demo model's weights.

    Raises:
        ModelError: When the file is not there: a packaging fault.
    """
    path = Path(str(files("heatwall.simulator") / "model" / "demo.pt"))
    if not path.is_file():
        raise ModelError("the demo model is missing from this installation of Heatwall")
    return path


def model_file(path: str, folder: Path) -> str:
    """Return what to load: the bundled demo model, a file in the folder, or the name as it is.

    Args:
        path: `model.path`.
        folder: What it is relative to: that of the config, or this one.

    Raises:
        ModelError: The demo model is missing from this installation.
    """
    if path == DEMO:
        return str(demo_weights())
    beside = folder / path
    return str(beside) if beside.exists() else path
