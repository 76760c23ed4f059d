"""One camera's settings for its analysis, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from heatwall.shapes import Point, Side

Polygon = tuple[Point, ...]
"""Corners in order, normalised."""

Footprint = Literal["foot", "circle", "rect"]
"""What a box adds to the heat: its foot point, its inscribed disc, or all of it."""


@dataclass(frozen=True, slots=True)
class LineSpec:
    """A counting line.

    Attributes:
        start: One end.
        end: The other end.
        inside: The side that counts as inside: above, below, left or right.
    """

    start: Point
    end: Point
    inside: Side


@dataclass(frozen=True, slots=True)
class HeatStyle:
    """How the heat is shown; may change at any time without losing heat.

    Attributes:
        is_shown: Whether the picture carries heat.
        shown_s: The half-life shown, seconds; None for a lifetime sum.
        shown_class: The class whose heat is shown; None for all that count.
        colormap: Name of the palette.
        opacity: Of the hottest heat, 0 to 1.
        scale: Share of recent time at full colour; None to follow the heat.
        gamma: Exponent that lifts faint heat when below 1.
    """

    is_shown: bool
    shown_s: float | None
    shown_class: str | None
    colormap: str
    opacity: float
    scale: float | None
    gamma: float


@dataclass(frozen=True, slots=True)
class AnalysisSpec:
    """One camera's settings for its analysis.

    Attributes:
        classes: Names or ids of the classes that count; None for all.
        tracker: Name or path of the tracker.
        confidence: Score from which a track may begin.
        buffer_s: Seconds for which a lost track is kept.
        half_lives_s: Half-lives kept, seconds; None for a lifetime sum.
        style: How the heat is shown at first.
        footprint: What a box adds to the heat.
        person_width: Pairs of row and apparent width of a person there, normalised, by row;
            None to learn it from the boxes.
        has_class_heat: Whether each class has a heat of its own beside that of all.
        excluded: Where nothing counts for the heat.
        ignore_still_s: What has stood still for longer adds no heat, seconds; None for never.
        lines: Counting lines by name.
        zones: Zones by name.
    """

    classes: tuple[int | str, ...] | None
    tracker: str
    confidence: float
    buffer_s: float
    half_lives_s: tuple[float | None, ...]
    style: HeatStyle
    footprint: Footprint = "foot"
    person_width: Polygon | None = None
    has_class_heat: bool = False
    excluded: tuple[Polygon, ...] = ()
    ignore_still_s: float | None = None
    lines: Mapping[str, LineSpec] = field(default_factory=dict)
    zones: Mapping[str, Polygon] = field(default_factory=dict)
