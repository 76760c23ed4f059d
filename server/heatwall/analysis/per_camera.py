"""What is known about one camera's people: its tracks, heat, counts and history."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from heatwall import clock
from heatwall.analysis.counts import CameraCounts
from heatwall.analysis.heats import CameraHeats, nobody
from heatwall.analysis.memory import CameraMemory
from heatwall.analysis.reading import HEAT_UNIT, HeatReading
from heatwall.analysis.spec import AnalysisSpec, HeatStyle, LineSpec, Polygon
from heatwall.analysis.tracker import Tracker
from heatwall.analysis.trails import Trails
from heatwall.camera.link import MarkedTrack, ShowOverlay
from heatwall.counting.relink import Relinker
from heatwall.feet import PersonSize
from heatwall.history import History
from heatwall.palette import legend
from heatwall.scale import HeatScale, levels
from heatwall.stance import standing
from heatwall.status import HeatStatus, LineStatus, MinuteStatus, ZoneStatus
from heatwall.values import Detections, Tracks

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Findings:
    """What is known after one detect frame.

    Attributes:
        camera: The camera's id.
        tracks: Confirmed tracks of the classes that count.
        counts: Tracks by class name.
        total_tracks: Different tracks since the counts began.
        lines: What the counting lines have counted, by name.
        zones: What happens in the zones, by name.
        overlay: What the worker is to draw.
        heat: The heat's status.
        heat_at_s: Up to when the heat is known, monotonic seconds; 0 before the first frame.
        heat_age_s: Over how long it was gathered, seconds.
        counts_since: When the counts began, seconds since 1970 UTC; None where nobody knows.
    """

    camera: str
    tracks: Tracks
    counts: dict[str, int]
    total_tracks: int
    lines: dict[str, LineStatus]
    zones: dict[str, ZoneStatus]
    overlay: ShowOverlay
    heat: HeatStatus
    heat_at_s: float
    heat_age_s: float
    counts_since: float | None = None


class CameraAnalysis:
    """The state of one camera that lives through outages and restarts of its worker.

    The analyst's thread updates it, other threads may read and restyle it: each call holds the
    camera's own lock, for a few milliseconds at most.

    Args:
        camera: The camera's id.
        spec: Its settings.
        names: Class names of the model by id.
        wall: Seconds since 1970 UTC, for what people read alone.

    Raises:
        ModelError: There is no such tracker.
    """

    def __init__(
        self,
        camera: str,
        spec: AnalysisSpec,
        names: dict[int, str],
        wall: clock.Clock = clock.wall,
    ) -> None:
        self._camera = camera
        self._spec = spec
        self._names = names
        self._wanted = _class_ids(spec.classes, names)
        self._lock = threading.Lock()
        self._tracker = Tracker(spec.tracker, spec.confidence, spec.buffer_s)
        self._relinker = Relinker()
        self._learns_size = spec.person_width is None
        self._sizes = (
            PersonSize() if spec.person_width is None else PersonSize.given(spec.person_width)
        )
        self._is_by_foot = spec.footprint == "foot"
        self._heats = CameraHeats(spec, names)
        self._counts = CameraCounts(spec.lines, spec.zones, names)
        self._trails = Trails()
        self._history = History()
        self._wall = wall
        self._counts_since: float | None = wall()
        self._style = spec.style
        self._scale = HeatScale(spec.style.scale)
        self._legend = legend(spec.style.colormap, spec.style.opacity)
        self._tracks: Tracks | None = None

    def gap(self) -> None:
        """Say that the stream was interrupted."""
        with self._lock:
            self._tracker.reset()
            self._relinker.gap()
            self._trails.clear()
            self._heats.gap()
            self._counts.gap()
            self._history.gap()
            self._tracks = None

    def update(self, detections: Detections, time_s: float, size: tuple[int, int]) -> Findings:
        """Take one frame's detections.

        Args:
            detections: Of all classes.
            time_s: Capture time, monotonic seconds.
            size: Width and height of the frame, for the grid's aspect at the first one.

        Raises:
            ModelError: The tracker failed.
        """
        with self._lock:
            found = self._tracker.update(self._of_interest(detections), time_s)
            tracks = self._relinker.update(found)
            self._sizes.learn(tracks)
            whole = self._sizes.complete(tracks)
            feet = standing(whole, self._sizes, size[0] / size[1])
            self._heats.update(feet if self._is_by_foot else whole, self._sizes, size)
            self._counts.update(feet)
            self._trails.update(tracks)
            self._tracks = tracks
            findings = self._findings(tracks)
            self._history.look(len(tracks), findings.lines, self._wall())
            return findings

    def findings(self) -> Findings | None:
        """Return what is known now, without a new frame; None before there is any heat."""
        with self._lock:
            if not self._heats.has_grid:
                return None
            return self._findings(self._tracks or nobody(self._heats.time_s))

    def heat(self, half_life_s: float | None, class_name: str | None, now_s: float) -> HeatReading:
        """Return a heat as it is now.

        Args:
            half_life_s: One of those kept.
            class_name: A class with a heat of its own; None for all that count.
            now_s: Monotonic seconds.

        Raises:
            KeyError: There is no such heat; its text names the classes that have one.
        """
        with self._lock:
            return self._heats.reading(half_life_s, class_name, now_s, self._scale.value)

    def history(self) -> tuple[MinuteStatus, ...]:
        """Return the minutes of the last hour, oldest first, and the one that runs."""
        with self._lock:
            return self._history.minutes(self._wall())

    def restyle(self, style: HeatStyle) -> None:
        """Show the heat like this from now on."""
        with self._lock:
            before, self._style = self._style, style
            self._spec = replace(self._spec, style=style)
            heat = (style.scale, style.shown_s, style.shown_class)
            if heat != (before.scale, before.shown_s, before.shown_class):
                self._scale = HeatScale(style.scale)
            self._legend = legend(style.colormap, style.opacity)

    def can_become(self, spec: AnalysisSpec) -> bool:
        """Return whether `become` can take these settings, while tracks go on.

        Reads the tracker's file, if it is one of the user's own.
        """
        own = self._spec
        is_same = own == replace(spec, style=own.style, lines=own.lines, zones=own.zones)
        return is_same and self._tracker.is_current()

    def become(self, spec: AnalysisSpec) -> None:
        """Show and count by other settings from now on, for which `can_become` holds."""
        self._spec = spec
        self.restyle(spec.style)
        self.set_regions(spec.lines, spec.zones)

    def set_regions(self, lines: Mapping[str, LineSpec], zones: Mapping[str, Polygon]) -> None:
        """Count at these lines and zones from now on; those that did not change count on.

        One thread at a time, beside the analyst's.

        Args:
            lines: All lines by name.
            zones: Corners of all zones by name.
        """
        # Before the lock is taken, since it takes longer than a frame may wait.
        counters, masks = self._counts.counters.changed(lines, zones), self._heats.masks(zones)
        with self._lock:
            self._spec = replace(self._spec, lines=lines, zones=zones)
            self._counts.counters = counters
            self._heats.set_zones(zones, masks)

    def reset_heat(self) -> None:
        """Empty all heats."""
        with self._lock:
            self._heats.reset()
            self._scale = HeatScale(self._style.scale)

    def reset_counts(self) -> None:
        """Count from zero; who is in the picture, or in a zone, is counted again."""
        with self._lock:
            self._counts.reset()
            self._counts_since = self._wall()

    def memory(self, now_s: float) -> CameraMemory | None:
        """Return what must survive a restart, as it is at `now_s`, monotonic seconds.

        None before there is any heat.
        """
        with self._lock:
            return self._memory(now_s)

    def rebuilt(self, now_s: float) -> CameraAnalysis:
        """Return another one that knows what this one knows, for when a thread hangs inside.

        It is read without its lock, which that thread holds: who stands still changes nothing.
        Tracks begin anew. Where what it knows can't be read, the other one begins without.

        Args:
            now_s: Monotonic seconds.
        """
        anew = CameraAnalysis(self._camera, self._spec, self._names, self._wall)
        try:
            memory = self._memory(now_s)
            if memory is not None:
                anew.remember(memory, 0.0, now_s)
        except Exception as error:  # noqa: BLE001 - half a change may have left anything
            _log.error("camera %s begins without its heat: %r", self._camera, error)
        return anew

    def let_go(self) -> None:
        """Let those go on who wait for the thread that hangs inside; for `rebuilt` ones alone."""
        if self._lock.locked():
            self._lock.release()

    def remember(self, memory: CameraMemory, down_s: float, now_s: float) -> None:
        """Take over what was known before a restart.

        Args:
            memory: What was known.
            down_s: Seconds for which nobody looked; the heat has decayed meanwhile.
            now_s: Monotonic seconds.

        Raises:
            ValueError: The heats can't be used; all else is taken over.
        """
        with self._lock:
            self._counts.restore(memory.lines, memory.zones, memory.total_tracks)
            self._counts_since = memory.counts_since
            self._history.restore(memory.history, self._wall())
            if self._learns_size:
                self._sizes = PersonSize.restored(memory.sizes)
            self._heats.restore(memory.heats, self._sizes, down_s, now_s)

    def _memory(self, now_s: float) -> CameraMemory | None:
        if not self._heats.has_grid:
            return None
        return CameraMemory(
            heats=self._heats.states(now_s),
            sizes=self._sizes.state(),
            lines=self._counts.line_states(),
            zones=self._counts.zone_states(),
            total_tracks=self._counts.total_tracks,
            history=self._history.state(),
            counts_since=self._counts_since,
        )

    def _of_interest(self, detections: Detections) -> Detections:
        if self._wanted is None:
            return detections
        # Not np.isin, which takes longer than the heat's whole update.
        keep = [class_id in self._wanted for class_id in detections.class_id.tolist()]
        if all(keep):
            return detections
        rows = np.flatnonzero(keep)
        return Detections(
            detections.xyxy[rows], detections.confidence[rows], detections.class_id[rows]
        )

    def _findings(self, tracks: Tracks) -> Findings:
        style = self._style
        share = self._heats.share(style.shown_s, style.shown_class)
        scale = self._scale.follow(share, tracks.time_s)
        grid = levels(share, scale, style.gamma)
        named = Counter(self._names.get(key, str(key)) for key in tracks.class_id.tolist())
        rows, columns = grid.shape
        lines, zones = self._counts.lines(), self._counts.zones()
        return Findings(
            camera=self._camera,
            tracks=tracks,
            counts=dict(named),
            total_tracks=self._counts.total_tracks,
            lines=lines,
            zones=zones,
            overlay=ShowOverlay(
                rows,
                columns,
                grid.tobytes(),
                self._marks(tracks),
                self._counts.marked_lines(lines),
                self._counts.marked_zones(zones),
            ),
            heat=self._status(scale, float(share.max())),
            heat_at_s=self._heats.time_s,
            heat_age_s=self._heats.age_s,
            counts_since=self._counts_since,
        )

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
                self._trails.of(track_id),
            )
            for track_id, class_id, confidence, xyxy in rows
        )

    def _status(self, scale: float, peak: float) -> HeatStatus:
        style = self._style
        return HeatStatus(
            is_shown=style.is_shown,
            half_life_s=style.shown_s,
            half_lives_s=self._heats.half_lives_s,
            shown_class=style.shown_class,
            colormap=style.colormap,
            opacity=style.opacity,
            scale=scale,
            is_auto_scale=self._scale.is_auto,
            peak=round(peak, 4),
            unit=HEAT_UNIT,
            legend=self._legend,
        )


def unknown_classes(
    classes: tuple[int | str, ...] | None, names: Mapping[int, str]
) -> list[int | str]:
    """Return those of the wanted classes that the model does not know."""
    known = set(names) | set(names.values())
    return [wanted for wanted in classes or () if wanted not in known]


def _class_ids(
    classes: tuple[int | str, ...] | None, names: Mapping[int, str]
) -> frozenset[int] | None:
    if classes is None:
        return None
    return frozenset(key for key, name in names.items() if key in classes or name in classes)
