"""Which tracker of Ultralytics follows a camera, and by which settings."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt

from heatwall.analysis.detector import CONFIDENCE_FLOOR
from heatwall.errors import ModelError
from heatwall.values import FloatArray

_NEVER = 2**31
"""Updates after which the library drops lost tracks: `Tracker` does so by time."""

_PRESET: dict[str, Any] = {
    # Cameras are fixed and a tracker gets no picture: no motion compensation, no appearance.
    "gmc_method": "none",
    "with_reid": False,
    # The low scores' second stage, which OC-SORT and Deep OC-SORT leave out by default.
    "use_byte": True,
    # The overlap alone decides who is who, and what scores low is not taken for farther away:
    # measured together with `Tracker`'s wide boxes.
    "fuse_score": False,
    "match_thresh": 0.7,
    "track_buffer": _NEVER,
    # FastTracker sets somebody who gets hidden back by frames that it takes for 1/30 s each. Here
    # they are mostly 1/5 s: set back to the last sighting, and not slowed down.
    "reset_pos_offset_occ": 1,
    "reset_velocity_offset_occ": 1,
    "dampen_motion_occ": 1.0,
}
"""What every shipped tracker is set to; a key that one does not have is ignored by it."""


@dataclass(frozen=True, slots=True)
class TrackerChoice:
    """A tracker of the library that was tried out.

    Attributes:
        make: Returns a fresh one: `update(boxes, None)` takes `TrackerBoxes` and gives rows of
            left, top, right, bottom, id, score, class and index, float32 (n, 8).
        is_shipped: Whether its settings are Ultralytics' with ours over them; False for a file of
            the user's own.
        file: That file, which may change.
        content: What it held.
    """

    make: Callable[[], Any]
    is_shipped: bool
    file: Path | None = None
    content: bytes = b""

    def is_current(self) -> bool:
        """Return whether the user's file still holds the same. Reads it."""
        try:
            return self.file is None or self.file.read_bytes() == self.content
        except OSError:
            return True  # there is nothing to choose instead


class TrackerBoxes:
    """A frame's detections as the library's trackers read them, without the cost of its own class.

    Attributes:
        xywh: float32 (n, 4), centre, width, height in pixels.
        conf: float32 (n,), 0 to 1.
        cls: float32 (n,), class ids.
    """

    __slots__ = ("cls", "conf", "xywh")

    def __init__(self, xywh: FloatArray, conf: FloatArray, cls: FloatArray) -> None:
        self.xywh, self.conf, self.cls = xywh, conf, cls

    def __len__(self) -> int:
        """Return the number of detections."""
        return len(self.conf)

    def __getitem__(self, chosen: npt.NDArray[np.bool_]) -> TrackerBoxes:
        """Return the detections for which `chosen`, bool (n,), is True."""
        return TrackerBoxes(self.xywh[chosen], self.conf[chosen], self.cls[chosen])


def choose_tracker(name: str, confidence: float) -> TrackerChoice:
    """Return the tracker of a name or file, tried out.

    Args:
        name: A tracker that Ultralytics ships, such as `bytetrack`, or the path of a YAML file.
            A shipped one may be named as its file, `bytetrack.yaml`, where no such file is.
        confidence: Score from which a shipped tracker's tracks may begin, 0 to 1.

    Raises:
        ModelError: There is no such tracker, or its file does not fit the library.
    """
    from ultralytics.trackers.track import TRACKER_MAP

    path = Path(name)
    if is_shipped := not (path.suffix.lower() in {".yaml", ".yml"} and path.is_file()):
        path = _shipped(name)
    content = b"" if is_shipped else _bytes(path)
    settings = _read(path)
    if is_shipped:
        settings |= _PRESET | {
            "track_high_thresh": confidence,
            "new_track_thresh": confidence,
            "track_low_thresh": min(CONFIDENCE_FLOOR, confidence),
        }
    kind = settings.get("tracker_type")
    if not isinstance(kind, str) or kind not in TRACKER_MAP:
        allowed = ", ".join(sorted(TRACKER_MAP))
        found = "no tracker_type" if kind is None else f"the tracker_type {kind!r}"
        raise ModelError(f"{path} has {found}; allowed: {allowed}")
    if settings.get("with_reid"):
        raise ModelError(
            f"{path}: with_reid needs pictures, which no tracker is given; allowed: false"
        )
    settings |= {"gmc_method": "none", "device": "cpu"}

    def make() -> Any:
        return TRACKER_MAP[kind](args=SimpleNamespace(**settings))

    _try(make, path)
    return TrackerChoice(make, is_shipped, None if is_shipped else path, content)


def _shipped(name: str) -> Path:
    """Return the file of a tracker that Ultralytics ships."""
    from ultralytics.utils import ROOT

    folder = ROOT / "cfg" / "trackers"
    names = sorted(path.stem for path in folder.glob("*.yaml"))
    stem = re.sub(r"\.ya?ml$", "", name.lower())
    if stem not in names:
        raise ModelError(
            f"there is no tracker {name}; allowed: {', '.join(names)}, or the path of a .yaml file"
        )
    return Path(folder / f"{stem}.yaml")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path} can't be read: {error.strerror}") from error


def _read(path: Path) -> dict[str, Any]:
    from ultralytics.utils import YAML

    try:
        settings: dict[str, Any] = YAML.load(path)
    except OSError as error:
        raise ModelError(f"{path} can't be read: {error.strerror}") from error
    except ValueError as error:
        raise ModelError(f"{path} is not a YAML file of keys and values") from error
    return settings


def _try(make: Callable[[], Any], path: Path) -> None:
    """Run a tracker through a short life, so that settings that do not fit show at the start.

    The library reads most of its settings only when a track begins, is lost or is too old.
    """
    box = np.array([[500, 500, 100, 200]], np.float32)
    try:
        tracker = make()
        for score in (1.0, 1.0, 0.2, None, None):
            shown = slice(0, 0 if score is None else 1)
            conf = np.full(1, score or 0, np.float32)
            tracker.update(
                TrackerBoxes(box[shown], conf[shown], np.zeros(1, np.float32)[shown]), None
            )
    except AttributeError as error:
        if isinstance(error.obj, SimpleNamespace):
            raise ModelError(f"{path} lacks the key {error.name}") from error
        raise ModelError(f"{path} makes its tracker fail: {error}") from error
    except Exception as error:  # whatever a value of the wrong kind leads to
        raise ModelError(f"{path} makes its tracker fail: {error}") from error
