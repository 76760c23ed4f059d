"""The options of `heatwall bench`, checked."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from heatwall.config.overrides import Override, load_overridden
from heatwall.errors import ConfigError, ConfigFault

MAX_CAMERAS = 64
"""Slots of one viewer; see `heatwall.delivery.offer`."""

_SIZE = re.compile(r"\s*(\d{2,5})\s*[xX×]\s*(\d{2,5})\s*")
_LEAST_WIDTH, _MOST_WIDTH = 320, 3840
"""A narrower picture has no room for its number."""

T = TypeVar("T", int, float)


@dataclass(frozen=True, slots=True)
class BenchOptions:
    """What to measure.

    Attributes:
        counts: Cameras to try, rising.
        detect_fps: Detections per second to try; the first is the question.
        width: Of the cameras' pictures, pixels.
        height: Pixels.
        fps: Of the cameras, frames per second.
        viewers: How many watch every tile.
        seconds: Length of a trial.
        model: What `model.path` would say; None for that of the config, or the demo model.
        imgsz: What `model.imgsz` would say; None likewise.
        config: A config whose settings to use, with simulated cameras; None for the demo's.
    """

    counts: tuple[int, ...]
    detect_fps: tuple[float, ...]
    width: int
    height: int
    fps: int
    viewers: int
    seconds: float
    model: str | None
    imgsz: int | None
    config: Path | None


def make_options(
    *,
    cameras: str,
    detect_fps: str,
    size: str,
    fps: int,
    viewers: int,
    seconds: float,
    model: str | None,
    imgsz: int | None,
    config: Path | None,
) -> BenchOptions:
    """Return the options as they were written, checked.

    Raises:
        ConfigError: With the first that can't be used, what was found, and what is allowed.
    """
    counts = _numbers("--cameras", cameras, int, 1, MAX_CAMERAS)
    rates = _numbers("--detect-fps", detect_fps, float, 0.1, 60)
    width, height = _size(size)
    checked = [Override("--detect-fps", ("camera", "detect", "fps"), rate) for rate in rates]
    if imgsz is not None:
        checked.append(Override("--imgsz", ("model", "imgsz"), imgsz))
    if model is not None:
        checked.append(Override("--model", ("model", "path"), model))
    load_overridden(None, None, checked, os.environ)
    return BenchOptions(
        counts=tuple(sorted(set(counts))),
        detect_fps=tuple(dict.fromkeys(rates)),
        width=width,
        height=height,
        fps=fps,
        viewers=viewers,
        seconds=seconds,
        model=model,
        imgsz=imgsz,
        config=config,
    )


def _numbers(option: str, text: str, kind: Callable[[str], T], least: T, most: T) -> list[T]:
    """Return the numbers of a list such as `1,2,4`."""
    try:
        numbers = [kind(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if not numbers or not all(least <= number <= most for number in numbers):
        allowed = f"numbers from {least:g} to {most:g} with commas between them"
        raise _fault(option, text, "is no list of numbers that can be tried", allowed)
    return numbers


def _size(text: str) -> tuple[int, int]:
    match = _SIZE.fullmatch(text)
    width, height = (int(part) for part in match.groups()) if match else (0, 0)
    if (
        not _LEAST_WIDTH <= width <= _MOST_WIDTH
        or not 180 <= height <= 2160
        or (width | height) % 2
    ):
        allowed = f"even pixels from {_LEAST_WIDTH}x180 to {_MOST_WIDTH}x2160, such as 640x360"
        raise _fault("--size", text, "is no size of a picture that can be tried", allowed)
    return width, height


def _fault(option: str, found: str, message: str, allowed: str) -> ConfigError:
    return ConfigError([ConfigFault(option, None, "", repr(found), message, allowed)])
