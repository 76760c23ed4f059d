"""The model of a `Heatmap`: loaded from a file or name, or brought along."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import typer

from heatwall.analysis.detector import Detector, ModelSpec, silence_ultralytics
from heatwall.analysis.model_words import reworded
from heatwall.analysis.per_camera import unknown_classes
from heatwall.errors import ModelError
from heatwall.values import ByteArray, Detections


class FrameDetector(Protocol):
    """Whatever finds people in frames; `heatwall.analysis.detector.Detector` is one."""

    @property
    def names(self) -> Mapping[int, str]:
        """Class names by id."""

    def detect(self, frames: Sequence[ByteArray], /) -> list[Detections]:
        """Return what is in each frame, uint8 (height, width, 3), RGB, all of one shape."""


def keep_quiet() -> None:
    """Keep Ultralytics from calling home, which its trackers load too.

    A program that has imported it before has chosen its own settings.
    """
    if "ultralytics" not in sys.modules:
        silence_ultralytics(Path(typer.get_app_dir("heatwall")) / "ultralytics")


def load_model(spec: ModelSpec) -> Detector:
    """Load a model, which takes seconds.

    Raises:
        ModelError: It can't be used; the text says what to do.
    """
    try:
        return Detector(spec)
    except ModelError as error:
        raise reworded(error, "model", "device") from error


def check_classes(classes: tuple[int | str, ...] | None, names: Mapping[int, str]) -> None:
    """Do nothing when the model knows all classes.

    Raises:
        ValueError: It does not; the text names those that it knows.
    """
    unknown = unknown_classes(classes, names)
    if unknown:
        found = ", ".join(map(repr, unknown))
        allowed = f"{', '.join(names.values())}; or None for all"
        raise ValueError(f"classes: the model does not know it (found {found}; allowed: {allowed})")
