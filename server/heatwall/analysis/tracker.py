"""The tracker of one camera, by Ultralytics."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from typing import Any

import numpy as np

from heatwall.analysis.tracker_choice import TrackerBoxes, choose_tracker
from heatwall.errors import ModelError
from heatwall.values import Detections, FloatArray, Tracks

_SIDE_PX = 1000.0
"""Boxes are handed over in a picture of this size. The trackers' noise models work in pixels and
their overlaps do not depend on the size, so one for all cameras makes all behave the same."""

_WIDENED = 2.2
"""Width at which boxes are handed over. At five updates a second people move by up to half their
width between two; widened, the boxes of one person still overlap (Yang et al., "Hard to Track
Objects with Irregular Motions and Similar Appearances? Make It Easier by Buffering the Matching
Space", WACV 2023). Measured in the benchmarks' scenes: half as many switches of identity."""

_IDS_KEPT = 512
"""Native ids remembered; far more than a tracker holds at once."""

_FRAMES_KEPT = 64
"""Times of updates remembered at least; trackers report a track within a few of its first."""

_LONGEST_STEP_S = 1.0
"""Most that a track is dated back before its first sighting: when frames are further apart than
that, nobody knows whether somebody came right after the last one."""


class Tracker:
    """Follows one camera's detections. One thread.

    Ids are given here, not by the library: from 1, never used twice in the life of this object,
    also across `reset`. (Some versions of Ultralytics counted all cameras' tracks together.)

    The trackers that Ultralytics ships are set for fixed cameras at few updates a second, see
    `choose_tracker` and `_WIDENED`. A lost track is kept for `buffer_s` at any rate of updates,
    even an uneven one: what is too old is taken out by its time before each update. A file of
    one's own is taken as it stands, its `track_buffer` in updates; only `gmc_method` counts as
    none.

    Attributes:
        is_current: Returns whether the file it was made by still holds the same.

    Args:
        name: A tracker that Ultralytics ships, such as `bytetrack`, or the path of a YAML file.
        confidence: Score from which a detection may begin a track, 0 to 1.
        buffer_s: Seconds for which a lost track is kept, from its last sighting; more than 0.

    Raises:
        ModelError: There is no such tracker, or its file does not fit the library.
    """

    def __init__(self, name: str, confidence: float, buffer_s: float) -> None:
        choice = choose_tracker(name, confidence)
        self.is_current = choice.is_current
        self._make = choice.make
        self._is_ours = choice.is_shipped
        self._widened = np.float32(_WIDENED if self._is_ours else 1)
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
        boxes = _boxes_of(detections, self._widened)
        try:
            found = self._tracker.update(boxes, None)
        except Exception as error:  # its solvers and filters raise their own, six trackers alike
            raise ModelError(f"the tracker failed: {error}") from error
        table: FloatArray = np.asarray(found, np.float32).reshape(-1, 8)
        known = self._identify(table[:, 4].astype(np.int64).tolist())
        return Tracks(
            time_s=time_s,
            track_id=np.array([track_id for track_id, _ in known], np.int32),
            xyxy=_normalised(table[:, :4], self._widened),
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
        ours = [self._known[key] for key in native_ids]
        while len(self._known) > max(_IDS_KEPT, len(ours)):
            del self._known[next(iter(self._known))]
        return ours

    def _begun_s(self, start_frame: int) -> float:
        """Return the time of a track's first sighting less the step before it."""
        back = min(self._frame - start_frame, len(self._times_s) - 1)
        first_s = self._times_s[-1 - back]
        if back + 1 == len(self._times_s):
            return first_s
        return first_s - min(max(first_s - self._times_s[-2 - back], 0.0), _LONGEST_STEP_S)


def _boxes_of(detections: Detections, widened: np.float32) -> TrackerBoxes:
    near, far = detections.xyxy[:, :2], detections.xyxy[:, 2:]
    xywh = np.concatenate([(near + far) / 2, far - near], axis=1) * np.float32(_SIDE_PX)
    xywh[:, 2] *= widened
    return TrackerBoxes(xywh, detections.confidence, detections.class_id.astype(np.float32))


def _normalised(xyxy: FloatArray, widened: np.float32) -> FloatArray:
    """Return the boxes of a tracker at their own width, in parts of the picture."""
    boxes = xyxy / np.float32(_SIDE_PX)
    left, right = xyxy[:, 0], xyxy[:, 2]
    surplus = (right - left) * ((1 - 1 / widened) / 2 / np.float32(_SIDE_PX))
    boxes[:, 0] += surplus
    boxes[:, 2] -= surplus
    return np.clip(boxes, 0, 1, out=boxes)
