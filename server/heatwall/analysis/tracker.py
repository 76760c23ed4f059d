"""The tracker of one camera, by Ultralytics."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt

from heatwall.analysis.detector import CONFIDENCE_FLOOR
from heatwall.errors import ModelError
from heatwall.values import Detections, FloatArray, Tracks

_SIDE_PX = 1000.0
"""Boxes are handed over in a picture of this size. The trackers' noise models work in pixels and
their overlaps do not depend on the size, so one for all cameras makes all behave the same."""

_IDS_KEPT = 512
"""Native ids remembered; far more than a tracker holds at once."""

_FRAMES_KEPT = 64
"""Times of updates remembered at least; trackers report a track within a few of its first."""

_LONGEST_STEP_S = 1.0
"""Most that a track is dated back before its first sighting: when frames are further apart than
that, nobody knows whether somebody came right after the last one."""

_NEVER = 2**31
"""Updates: what lost tracks are dropped after is decided here, by time."""

_PRESET = {
    # Cameras are fixed and a tracker gets no picture: no motion compensation, no appearance.
    "gmc_method": "none",
    "with_reid": False,
    # The low scores' second stage, which OC-SORT and Deep OC-SORT leave out by default.
    "use_byte": True,
    "track_buffer": _NEVER,
    # FastTracker sets somebody who gets hidden back by frames that it takes for 1/30 s each. Here
    # they are mostly 1/5 s: set back to the last sighting, and not slowed down.
    "reset_pos_offset_occ": 1,
    "reset_velocity_offset_occ": 1,
    "dampen_motion_occ": 1.0,
}


class Tracker:
    """Follows one camera's detections. One thread.

    Ids are given here, not by the library: from 1, never used twice in the life of this object,
    also across `reset`. (Some versions of Ultralytics counted all cameras' tracks together.)

    With a tracker that Ultralytics ships, a lost track is kept for `buffer_s` at any rate of
    updates, even an uneven one: what is too old is taken out by its time before each update. A
    file of one's own is taken as it stands, its `track_buffer` in updates; only `gmc_method`
    counts as none.

    Args:
        name: A tracker that Ultralytics ships, such as `bytetrack`, or the path of a YAML file.
        confidence: Score from which a detection may begin a track, 0 to 1.
        buffer_s: Seconds for which a lost track is kept, from its last sighting; more than 0.

    Raises:
        ModelError: There is no such tracker, or its file does not fit the library.
    """

    def __init__(self, name: str, confidence: float, buffer_s: float) -> None:
        self._make, self._is_ours = _factory(name, confidence)
        self._buffer_s = buffer_s
        self._tracker: Any = self._make()
        self._times_s: deque[float] = deque()
        self._frame = 0
        self._known: dict[int, tuple[int, float]] = {}
        self._last_id = 0

    def update(self, detections: Detections, time_s: float) -> Tracks:
        """Take the next frame's detections and return the tracks confirmed in it.

        A tracker reports a track only when it has seen it a second time (TrackTrack: a third),
        so `begun_s` says since when the track was there: one step, from the update before, before
        its first sighting. In the mean somebody comes half a step before the first sighting and
        leaves half a step after the last; both halves are put in front. The step counts for 1 s
        at most, and for nothing in the first update of all and after `reset`, where none is
        known. A track's `begun_s` stays the same as long as it lives.

        Args:
            detections: Normalised boxes, scores from `CONFIDENCE_FLOOR`.
            time_s: Capture time, monotonic seconds.

        Raises:
            ModelError: The library failed; `reset` gives a fresh tracker.
        """
        self._advance(time_s)
        try:
            found = self._tracker.update(_boxes_of(detections), None)
        except Exception as error:  # its solvers and filters raise their own, six trackers alike
            raise ModelError(f"the tracker failed: {error}") from error
        table: FloatArray = np.asarray(found, np.float32).reshape(-1, 8)
        known = self._identify(table[:, 4].astype(np.int64).tolist())
        return Tracks(
            time_s=time_s,
            track_id=np.array([track_id for track_id, _ in known], np.int32),
            xyxy=np.clip(table[:, :4] / np.float32(_SIDE_PX), 0, 1),
            confidence=table[:, 5].copy(),
            class_id=table[:, 6].astype(np.int32),
            begun_s=np.array([begun_s for _, begun_s in known], np.float64),
        )

    def reset(self) -> None:
        """Forget all tracks, after a gap; new ones get new ids."""
        self._tracker = self._make()
        self._times_s.clear()
        self._frame = 0
        self._known.clear()

    def _advance(self, time_s: float) -> None:
        """Count a new update, and take out tracks that were last seen more than the buffer ago.

        The library's own limit counts updates and strikes after the matching. Tracks of the
        update before stay in any case: they are not lost yet.
        """
        self._frame += 1
        times_s = self._times_s
        times_s.append(time_s)
        oldest_s = time_s - self._buffer_s
        while len(times_s) > _FRAMES_KEPT and times_s[0] < oldest_s:
            times_s.popleft()
        if not self._is_ours:
            return
        kept = max(2, len(times_s) - bisect_left(times_s, oldest_s))
        first_kept = self._frame - kept + 1
        native = self._tracker
        native.lost_stracks = [t for t in native.lost_stracks if t.end_frame >= first_kept]
        # FastTracker leaves what somebody hides among the tracked ones.
        native.tracked_stracks = [t for t in native.tracked_stracks if t.end_frame >= first_kept]
        # Up to a thousand that are gone for good, gone through at every update.
        native.removed_stracks.clear()

    def _identify(self, native_ids: list[int]) -> list[tuple[int, float]]:
        """Return our id and `begun_s` of each of the library's ids."""
        starts: dict[int, int] = {}
        if any(key not in self._known for key in native_ids):
            starts = {track.track_id: track.start_frame for track in self._tracker.tracked_stracks}
        for key in native_ids:
            # Taken out and put back, so that the order is that of last use.
            known = self._known.pop(key, None)
            if known is None:
                self._last_id += 1
                known = self._last_id, self._begun_s(starts[key])
            self._known[key] = known
        while len(self._known) > _IDS_KEPT:
            del self._known[next(iter(self._known))]
        return [self._known[key] for key in native_ids]

    def _begun_s(self, start_frame: int) -> float:
        """Return the time of a track's first sighting less the step before it."""
        back = min(self._frame - start_frame, len(self._times_s) - 1)
        first_s = self._times_s[-1 - back]
        if back + 1 == len(self._times_s):
            return first_s
        return first_s - min(max(first_s - self._times_s[-2 - back], 0.0), _LONGEST_STEP_S)


class _Boxes:
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
        return len(self.conf)

    def __getitem__(self, chosen: npt.NDArray[np.bool_]) -> _Boxes:
        return _Boxes(self.xywh[chosen], self.conf[chosen], self.cls[chosen])


def _boxes_of(detections: Detections) -> _Boxes:
    near, far = detections.xyxy[:, :2], detections.xyxy[:, 2:]
    xywh = np.concatenate([(near + far) / 2, far - near], axis=1, dtype=np.float32)
    return _Boxes(
        xywh * np.float32(_SIDE_PX), detections.confidence, detections.class_id.astype(np.float32)
    )


def _factory(name: str, confidence: float) -> tuple[Callable[[], Any], bool]:
    """Return what makes fresh trackers of a name, and whether their settings are ours."""
    from ultralytics.trackers.track import TRACKER_MAP

    path = Path(name)
    if is_ours := not (path.suffix.lower() in {".yaml", ".yml"} and path.is_file()):
        path = _shipped(name)
    settings = _read(path)
    if is_ours:
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
    return make, is_ours


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
            tracker.update(_Boxes(box[shown], conf[shown], np.zeros(1, np.float32)[shown]), None)
    except AttributeError as error:
        if isinstance(error.obj, SimpleNamespace):
            raise ModelError(f"{path} lacks the key {error.name}") from error
        raise ModelError(f"{path} makes its tracker fail: {error}") from error
    except Exception as error:  # whatever a value of the wrong kind leads to
        raise ModelError(f"{path} makes its tracker fail: {error}") from error
