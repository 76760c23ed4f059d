"""What is known about one camera's people: its tracks, trails and heat."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass

import numpy as np

from heatwall.analysis.spec import AnalysisSpec
from heatwall.analysis.tracker import Tracker
from heatwall.camera.link import MarkedTrack, ShowOverlay
from heatwall.geometry import grid_size
from heatwall.heat import HeatMap, HeatScale, levels
from heatwall.palette import legend
from heatwall.status import HeatStatus
from heatwall.values import Detections, Tracks

HEAT_UNIT = "share of recent time"
"""What a heat of 1 means: that somebody stood there all the time."""

_TRAIL_S = 4.0
"""Long enough to see where somebody comes from, short enough not to clutter a tile."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What one detect frame led to.

    Attributes:
        camera: The camera's id.
        tracks: Confirmed tracks of the classes that count.
        counts: Tracks by class name.
        overlay: What the worker is to draw.
        heat: The heat's status.
    """

    camera: str
    tracks: Tracks
    counts: dict[str, int]
    overlay: ShowOverlay
    heat: HeatStatus


class CameraAnalysis:
    """The state of one camera that lives through outages and restarts of its worker.

    Only the analyst's thread may use it.

    Args:
        camera: The camera's id.
        spec: Its settings.
        names: Class names of the model by id.
    """

    def __init__(self, camera: str, spec: AnalysisSpec, names: dict[int, str]) -> None:
        self._camera = camera
        self._spec = spec
        self._names = names
        self._wanted = _class_ids(spec.classes, names)
        self._tracker = Tracker(spec.tracker, spec.confidence, spec.buffer_s)
        self._scale = HeatScale(spec.style.scale)
        self._legend = legend(spec.style.colormap, spec.style.opacity)
        self._heat: HeatMap | None = None
        self._trails: dict[int, deque[tuple[float, float, float]]] = {}

    def gap(self) -> None:
        """Say that the stream was interrupted."""
        self._tracker.reset()
        self._trails.clear()
        if self._heat is not None:
            self._heat.gap()

    def update(self, detections: Detections, time_s: float, size: tuple[int, int]) -> Findings:
        """Take one frame's detections.

        Args:
            detections: Of all classes.
            time_s: Capture time, monotonic seconds.
            size: Width and height of the frame, for the grid's aspect at the first one.
        """
        if self._heat is None:
            self._heat = HeatMap(*grid_size(*size), self._spec.half_lives_s)
        tracks = self._tracker.update(self._of_interest(detections), time_s)
        self._heat.update(tracks)
        self._follow(tracks)
        share = self._heat.share(self._spec.style.shown_s)
        scale = self._scale.follow(share, time_s)
        grid = levels(share, scale, self._spec.style.gamma)
        named = Counter(self._names.get(key, str(key)) for key in tracks.class_id.tolist())
        return Findings(
            camera=self._camera,
            tracks=tracks,
            counts=dict(named),
            overlay=ShowOverlay(grid.shape[0], grid.shape[1], grid.tobytes(), self._marks(tracks)),
            heat=self._status(scale, float(share.max())),
        )

    def _of_interest(self, detections: Detections) -> Detections:
        if self._wanted is None:
            return detections
        keep = np.isin(detections.class_id, self._wanted)
        return Detections(
            detections.xyxy[keep], detections.confidence[keep], detections.class_id[keep]
        )

    def _follow(self, tracks: Tracks) -> None:
        for track_id, (x, y) in zip(tracks.track_id.tolist(), tracks.foot.tolist(), strict=True):
            trail = self._trails.setdefault(track_id, deque(maxlen=64))
            trail.append((tracks.time_s, x, y))
        oldest_s = tracks.time_s - _TRAIL_S
        for track_id, trail in list(self._trails.items()):
            while trail and trail[0][0] < oldest_s:
                trail.popleft()
            if not trail:
                del self._trails[track_id]

    def _marks(self, tracks: Tracks) -> tuple[MarkedTrack, ...]:
        rows = zip(
            tracks.track_id.tolist(),
            tracks.class_id.tolist(),
            tracks.confidence.tolist(),
            tracks.xyxy.tolist(),
            strict=True,
        )
        return tuple(
            MarkedTrack(
                track_id,
                self._names.get(class_id, str(class_id)),
                class_id,
                confidence,
                tuple(xyxy),
                tuple((x, y) for _, x, y in self._trails[track_id]),
            )
            for track_id, class_id, confidence, xyxy in rows
        )

    def _status(self, scale: float, peak: float) -> HeatStatus:
        return HeatStatus(
            is_shown=self._spec.style.is_shown,
            half_life_s=self._spec.style.shown_s,
            half_lives_s=self._spec.half_lives_s,
            scale=round(scale, 4),
            is_auto_scale=self._scale.is_auto,
            peak=round(peak, 4),
            unit=HEAT_UNIT,
            legend=self._legend,
        )


def unknown_classes(
    classes: tuple[int | str, ...] | None, names: dict[int, str]
) -> list[int | str]:
    """Return those of the wanted classes that the model does not know."""
    known = set(names) | set(names.values())
    return [wanted for wanted in classes or () if wanted not in known]


def _class_ids(classes: tuple[int | str, ...] | None, names: dict[int, str]) -> list[int] | None:
    if classes is None:
        return None
    return [key for key, name in names.items() if key in classes or name in classes]
