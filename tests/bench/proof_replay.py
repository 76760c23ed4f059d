"""Detections played through the server's own analysis, at media time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bench.proof_scenes import Scene
from heatwall.analysis.per_camera import CameraAnalysis
from heatwall.analysis.spec import AnalysisSpec, HeatStyle, LineSpec
from heatwall.simulator.scene import CLASS_NAMES, PERSON
from heatwall.simulator.weights import DEMO_CONF
from heatwall.values import Detections, FloatArray, Tracks

HALF_LIVES_S = (None, 600.0, 30.0)
"""Of which grids are compared; None is the lifetime sum."""

MOMENT_S = 10.0
"""Between two looks at the heat with the shortest half-life."""


_STYLE = HeatStyle(
    is_shown=True,
    shown_s=30.0,
    shown_class=None,
    colormap="inferno",
    opacity=0.6,
    scale=None,
    gamma=0.7,
)
"""Needed, and of no consequence: what is compared comes before colours."""


@dataclass(frozen=True, slots=True)
class Stays:
    """Stays in one zone, those too that go on: how many, and their mean in seconds."""

    count: int
    mean_s: float

    @property
    def total_s(self) -> float:
        """Person-seconds."""
        return self.count * self.mean_s


@dataclass(frozen=True, slots=True)
class Counts:
    """What lines and zones have counted, by name; of a line in and out."""

    lines: Mapping[str, tuple[int, int]]
    zones: Mapping[str, Stays]


class Pipeline(Protocol):
    """All that the server does with one camera's detections."""

    def update(self, detections: Detections, time_s: float) -> Tracks:
        """Take the next frame's detections and return the people found."""

    def mass_s(self, half_life_s: float | None) -> FloatArray:
        """Return the grid of decayed person-seconds now: float32 (ROWS, COLUMNS)."""

    def counts(self) -> Counts:
        """Return what was counted by now; called once, at the end."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How the pipeline is set.

    Attributes:
        tracker: Name or path of the tracker.
        confidence: Score from which a track may begin; by default the demo's.
        buffer_s: Seconds for which a lost track is kept.
    """

    tracker: str = "bytetrack"
    confidence: float = DEMO_CONF
    buffer_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one scene.

    Attributes:
        tracks: Of each update.
        mass_s: Decayed person-seconds at the end, by half-life.
        moments: The same of 30 s half-life every `MOMENT_S`: the time and the grid.
        counts: Of lines and zones.
    """

    tracks: Sequence[Tracks]
    mass_s: Mapping[float | None, FloatArray]
    moments: Sequence[tuple[float, FloatArray]]
    counts: Counts

    @property
    def person_s(self) -> float:
        """All person-seconds."""
        return float(self.mass_s[None].sum())


class Server:
    """What the server runs for each camera, with the scene's lines and zones."""

    def __init__(self, scene: Scene, settings: Settings) -> None:
        truth = scene.truth
        self._size = (truth.width, truth.height)
        self._analysis = CameraAnalysis(
            scene.clip.key,
            AnalysisSpec(
                classes=(CLASS_NAMES[PERSON],),
                tracker=settings.tracker,
                confidence=settings.confidence,
                buffer_s=settings.buffer_s,
                half_lives_s=HALF_LIVES_S,
                style=_STYLE,
                lines={one.name: LineSpec(one.start, one.end, one.inside) for one in truth.lines},
                zones={one.name: one.polygon for one in truth.zones},
            ),
            dict(enumerate(CLASS_NAMES)),
        )
        self._time_s = 0.0

    def update(self, detections: Detections, time_s: float) -> Tracks:
        """Take the next frame's detections and return the people found."""
        self._time_s = time_s
        return self._analysis.update(detections, time_s, self._size).tracks

    def mass_s(self, half_life_s: float | None) -> FloatArray:
        """Return the grid of decayed person-seconds now."""
        return self._analysis.heat(half_life_s, None, self._time_s).mass_s

    def counts(self) -> Counts:
        """Return what was counted by now."""
        before = self._analysis.findings()
        # An end of the stream settles who was just past a line.
        self._analysis.gap()
        after = self._analysis.findings()
        if before is None or after is None:
            return Counts({}, {})
        return Counts(
            {name: (line.in_count, line.out_count) for name, line in after.lines.items()},
            {
                name: Stays(zone.dwell.visits, zone.dwell.mean_s or 0.0)
                for name, zone in before.zones.items()
            },
        )


def replay(
    scene: Scene,
    found: Sequence[Detections],
    every: int,
    settings: Settings,
    make: Callable[[Scene, Settings], Pipeline] = Server,
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
        tracks.append(pipeline.update(found[frame], time_s))
        if time_s >= next_s:
            moments.append((time_s, pipeline.mass_s(30.0)))
            next_s += MOMENT_S
    return Outcome(
        tracks=tracks,
        mass_s={half_life_s: pipeline.mass_s(half_life_s) for half_life_s in HALF_LIVES_S},
        moments=moments,
        counts=pipeline.counts(),
    )


def people_of(detections: Detections) -> Detections:
    """Return the people among detections."""
    kept = detections.class_id == PERSON
    return Detections(detections.xyxy[kept], detections.confidence[kept], detections.class_id[kept])
