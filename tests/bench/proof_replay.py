"""Detections played through the server's own analysis, at media time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bench.proof_scenes import Scene
from bench.proof_truth import COLUMNS, ROWS
from heatwall.analysis.tracker import Tracker
from heatwall.counting.dwell import DwellSummary
from heatwall.counting.line import LineCounter
from heatwall.counting.relink import Relinker
from heatwall.counting.zone import ZoneCounter
from heatwall.heat import HeatMap
from heatwall.simulator.scene import PERSON
from heatwall.values import Detections, FloatArray, Tracks

HALF_LIVES_S = (None, 600.0, 30.0)
"""Of which grids are compared; None is the lifetime sum."""

MOMENT_S = 10.0
"""Between two looks at the heat with the shortest half-life."""


class Pipeline(Protocol):
    """All that the server does with one camera's detections."""

    def update(self, detections: Detections, time_s: float) -> Tracks:
        """Take the next frame's detections and return the people found."""

    def mass_s(self, half_life_s: float | None) -> FloatArray:
        """Return the grid of decayed person-seconds now: float32 (ROWS, COLUMNS)."""

    def lines(self) -> Mapping[str, tuple[int, int]]:
        """Return the counts of each line so far, in and out."""

    def zones(self) -> Mapping[str, DwellSummary]:
        """Return the stays in each zone so far, those too that go on."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How the pipeline is set.

    Attributes:
        tracker: Name or path of the tracker.
        confidence: Score from which a track may begin.
        buffer_s: Seconds for which a lost track is kept.
    """

    tracker: str = "bytetrack"
    confidence: float = 0.35
    buffer_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one scene.

    Attributes:
        tracks: Of each update.
        mass_s: Decayed person-seconds at the end, by half-life.
        moments: The same of 30 s half-life every `MOMENT_S`: the time and the grid.
        lines: Counts of each line, in and out.
        zones: Stays in each zone.
    """

    tracks: Sequence[Tracks]
    mass_s: Mapping[float | None, FloatArray]
    moments: Sequence[tuple[float, FloatArray]]
    lines: Mapping[str, tuple[int, int]]
    zones: Mapping[str, DwellSummary]

    @property
    def person_s(self) -> float:
        """All person-seconds."""
        return float(self.mass_s[None].sum())


class Parts:
    """The pipeline put together from its parts, in the order in which the server has them."""

    def __init__(self, scene: Scene, settings: Settings) -> None:
        truth = scene.truth
        self._tracker = Tracker(settings.tracker, settings.confidence, settings.buffer_s)
        self._relinker = Relinker(settings.buffer_s)
        self._heat = HeatMap(COLUMNS, ROWS, HALF_LIVES_S)
        self._lines = {one.name: LineCounter(one.start, one.end, one.inside) for one in truth.lines}
        self._zones = {one.name: ZoneCounter(one.polygon) for one in truth.zones}

    def update(self, detections: Detections, time_s: float) -> Tracks:
        """Take the next frame's detections and return the people found."""
        tracks = self._relinker.update(self._tracker.update(detections, time_s))
        self._heat.update(tracks)
        for line in self._lines.values():
            line.update(tracks)
        for zone in self._zones.values():
            zone.update(tracks)
        return tracks

    def mass_s(self, half_life_s: float | None) -> FloatArray:
        """Return the grid of decayed person-seconds now."""
        return self._heat.mass_s(half_life_s)

    def lines(self) -> Mapping[str, tuple[int, int]]:
        """Return the counts of each line so far, in and out."""
        for line in self._lines.values():
            line.gap()
        counts = {name: line.counts() for name, line in self._lines.items()}
        return {name: (count.total_in, count.total_out) for name, count in counts.items()}

    def zones(self) -> Mapping[str, DwellSummary]:
        """Return the stays in each zone so far, those too that go on."""
        return {name: zone.figures().all for name, zone in self._zones.items()}


def replay(
    scene: Scene,
    found: Sequence[Detections],
    every: int,
    settings: Settings,
    make: Callable[[Scene, Settings], Pipeline] = Parts,
) -> Outcome:
    """Play a scene's detections once.

    Args:
        scene: The scene.
        found: Detections of all classes in each of its frames.
        every: Of how many frames one is looked at; 3 is five a second.
        settings: Of the pipeline.
        make: Makes the pipeline.
    """
    pipeline = make(scene, settings)
    tracks, moments = [], []
    next_s = MOMENT_S
    for frame in range(0, scene.frames, every):
        time_s = frame / scene.truth.fps
        tracks.append(pipeline.update(people_of(found[frame]), time_s))
        if time_s >= next_s:
            moments.append((time_s, pipeline.mass_s(30.0)))
            next_s += MOMENT_S
    return Outcome(
        tracks=tracks,
        mass_s={half_life_s: pipeline.mass_s(half_life_s) for half_life_s in HALF_LIVES_S},
        moments=moments,
        lines=pipeline.lines(),
        zones=pipeline.zones(),
    )


def people_of(detections: Detections) -> Detections:
    """Return the people among detections."""
    kept = detections.class_id == PERSON
    return Detections(detections.xyxy[kept], detections.confidence[kept], detections.class_id[kept])
