"""The place of the bundled demo model."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from heatwall.errors import ModelError


def demo_weights() -> Path:
    """Return the path of the demo model's weights.

    Raises:
        ModelError: When the file is not there: a packaging fault.
    """
    path = Path(str(files("heatwall.simulator") / "model" / "demo.pt"))
    if not path.is_file():
        raise ModelError("the demo model is missing from this installation of Heatwall")
    return path
