"""What a rendering needs to know of an analysis, as the shape of its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from heatwall.camera.link import ShowOverlay
from heatwall.status import HeatStatus
from heatwall.values import ByteArray, Detections, FloatArray


class InOutCounts(Protocol):
    """How many went in and out."""

    @property
    def in_count(self) -> int:
        """Crossings or entries."""

    @property
    def out_count(self) -> int:
        """Crossings or exits."""


class LineCounts(InOutCounts, Protocol):
    """What a counting line has counted."""

    @property
    def classes(self) -> Mapping[str, InOutCounts]:
        """The same by class name."""


class DwellFigures(Protocol):
    """How long visits to a zone last, those that still run included."""

    @property
    def visits(self) -> int:
        """How many, finished and running."""

    @property
    def mean_s(self) -> float | None:
        """Their mean, seconds; None while there was none."""

    @property
    def median_s(self) -> float | None:
        """Half of them were shorter, seconds."""

    @property
    def p90_s(self) -> float | None:
        """Nine in ten of them were shorter, seconds."""


class ZoneCounts(LineCounts, Protocol):
    """What happens in a zone."""

    @property
    def people_now(self) -> int:
        """Who is in it now."""

    @property
    def classes_now(self) -> Mapping[str, int]:
        """The same by class name."""

    @property
    def person_s(self) -> float:
        """Person-seconds spent in it."""

    @property
    def dwell(self) -> DwellFigures:
        """How long visits last."""


class Reading(Protocol):
    """A heat at one moment."""

    @property
    def half_life_s(self) -> float | None:
        """Its half-life, seconds; None for a lifetime sum."""

    @property
    def share(self) -> FloatArray:
        """float32 (rows, columns), share of time that somebody stood there."""

    @property
    def age_s(self) -> float:
        """Seconds of video that went into it."""

    @property
    def person_s(self) -> float:
        """Decayed person-seconds in the whole picture."""

    @property
    def unit(self) -> str:
        """What the numbers of `share` mean."""


class FrameFindings(Protocol):
    """What one frame that the detector saw led to."""

    @property
    def overlay(self) -> ShowOverlay:
        """What is drawn."""

    @property
    def heat(self) -> HeatStatus:
        """The heat shown."""

    @property
    def lines(self) -> Mapping[str, LineCounts]:
        """Counting lines by name."""

    @property
    def zones(self) -> Mapping[str, ZoneCounts]:
        """Zones by name."""

    @property
    def total_tracks(self) -> int:
        """Different tracks so far."""


class Analysis(Protocol):
    """What a rendering needs of `CameraAnalysis`."""

    def update(
        self, detections: Detections, time_s: float, size: tuple[int, int], /
    ) -> FrameFindings:
        """Take one frame's detections."""

    def gap(self) -> None:
        """Say that an unknown time has passed."""

    def heat(self, half_life_s: float | None, /) -> Reading:
        """Return the heat now."""


class FrameDetector(Protocol):
    """What a rendering needs of `Detector`."""

    def detect(self, frames: Sequence[ByteArray], /) -> list[Detections]:
        """Detect in frames of one shape."""
