"""The tracker of one camera, by Ultralytics."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from heatwall.analysis.detector import CONFIDENCE_FLOOR
from heatwall.errors import ModelError
from heatwall.values import Detections, FloatArray, Tracks

_SIDE_PX = 1000.0
"""Boxes are handed over in a picture of this size. The trackers' noise models work in pixels and
their overlaps do not depend on the size, so one for all cameras makes all behave the same."""

_USUAL_FPS = 5.0
"""Updates a second of a camera by default."""

_IDS_KEPT = 512
"""Native ids remembered; far more than a tracker holds at once."""


class Tracker:
    """Follows one camera's detections. One thread.

    Ids are given here, not by the library: from 1, never used twice in the life of this object,
    also across `reset`. (Some versions of Ultralytics counted all cameras' tracks together.)

    Args:
        name: A tracker that Ultralytics ships, such as `bytetrack`, or a path to a YAML.
        confidence: Score from which a detection may begin a track, 0 to 1.
        buffer_s: Seconds for which a lost track is kept, more than 0.

    Raises:
        ModelError: There is no such tracker.
    """

    def __init__(self, name: str, confidence: float, buffer_s: float) -> None:
        from ultralytics.trackers.track import TRACKER_MAP
        from ultralytics.utils import YAML, IterableSimpleNamespace
        from ultralytics.utils.checks import check_yaml

        file = name if name.endswith((".yaml", ".yml")) else f"{name}.yaml"
        try:
            settings = YAML.load(check_yaml(file))
        except (FileNotFoundError, OSError) as error:
            raise ModelError(f"there is no tracker {name}") from error
        kind = settings.get("tracker_type")
        if kind not in TRACKER_MAP:
            allowed = ", ".join(sorted(TRACKER_MAP))
            raise ModelError(f"{file} names the tracker type {kind!r}; allowed: {allowed}")
        if not Path(file).exists():
            # Shipped settings get ours; a user's own file is taken as it stands.
            settings |= {
                "track_high_thresh": confidence,
                "new_track_thresh": confidence,
                "track_low_thresh": min(CONFIDENCE_FLOOR, confidence),
                "track_buffer": max(1, round(buffer_s * _USUAL_FPS)),
                # Fixed cameras: motion compensation costs 4 to 7 ms a frame for nothing.
                "gmc_method": "none",
            }
        settings |= {"device": "cpu"}
        namespace: Any = IterableSimpleNamespace
        self._make: Callable[[], Any] = lambda: TRACKER_MAP[kind](args=namespace(**settings))
        self._tracker: Any = self._make()
        self._ids: dict[int, int] = {}
        self._last_id = 0

    def update(self, detections: Detections, time_s: float) -> Tracks:
        """Take the next frame's detections and return the tracks confirmed in it.

        Args:
            detections: Normalised boxes, scores from `CONFIDENCE_FLOOR`.
            time_s: Capture time, monotonic seconds.

        Raises:
            ModelError: The library failed; `reset` gives a fresh tracker.
        """
        from ultralytics.engine import results

        boxes: Any = results.Boxes
        rows = np.column_stack(
            [detections.xyxy * _SIDE_PX, detections.confidence, detections.class_id]
        ).astype(np.float32)
        blank = np.zeros((1, 1, 3), np.uint8)
        try:
            found = self._tracker.update(boxes(rows, (int(_SIDE_PX), int(_SIDE_PX))), blank)
        except Exception as error:  # its solvers and filters raise their own, six trackers alike
            raise ModelError(f"the tracker failed: {error}") from error
        table: FloatArray = np.asarray(found, np.float32).reshape(-1, 8)
        return Tracks(
            time_s=time_s,
            track_id=self._renumber(table[:, 4].astype(np.int64)),
            xyxy=np.clip(table[:, :4] / np.float32(_SIDE_PX), 0, 1),
            confidence=table[:, 5].copy(),
            class_id=table[:, 6].astype(np.int32),
        )

    def reset(self) -> None:
        """Forget all tracks, after a gap; new ones get new ids."""
        self._tracker = self._make()
        self._ids.clear()

    def _renumber(self, native: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
        for key in native.tolist():
            # Taken out and put back, so that the order is that of last use.
            known = self._ids.pop(key, None)
            if known is None:
                self._last_id += 1
                known = self._last_id
            self._ids[key] = known
        while len(self._ids) > _IDS_KEPT:
            del self._ids[next(iter(self._ids))]
        return np.array([self._ids[key] for key in native.tolist()], np.int32)
