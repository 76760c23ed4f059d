"""The detection model that the measured server runs."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import yaml

_WIDTH = 0.125
"""Half the channels of yolo26n, which makes it about as small as the demo model."""


@dataclass(frozen=True, slots=True)
class BenchModel:
    """A model for the config, and what it is."""

    path: str
    title: str


def detection_model(folder: Path) -> BenchModel:
    """Return the demo model, or an untrained one of its size where it is missing.

    Args:
        folder: Where the untrained one is kept.
    """
    if importlib.util.find_spec("heatwall.simulator.weights") is not None:
        from heatwall.errors import ModelError
        from heatwall.simulator.weights import demo_weights

        try:
            demo_weights()
        except ModelError:
            pass
        else:
            return BenchModel("demo", "the demo model")
    path = folder / "untrained.pt"
    if not path.is_file():
        _save_untrained(path)
    return BenchModel(str(path), "an untrained YOLO26 of the demo model's size")


def _save_untrained(path: Path) -> None:
    """Write a YOLO26 with random weights, which finds next to nothing but takes its time."""
    import ultralytics

    shipped = Path(ultralytics.__file__).parent / "cfg/models/26/yolo26.yaml"
    layout = yaml.safe_load(shipped.read_text(encoding="utf-8"))
    layout |= {"nc": 2, "scales": {"n": [0.33, _WIDTH, 1024]}, "scale": "n"}
    described = path.with_suffix(".yaml")
    described.write_text(yaml.safe_dump(layout), encoding="utf-8")
    model = ultralytics.YOLO(str(described), task="detect")
    model.model.names = {0: "person", 1: "cart"}
    model.save(str(path))
