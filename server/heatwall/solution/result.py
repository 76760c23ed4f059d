"""What a program gets for each frame."""

from __future__ import annotations

from dataclasses import dataclass

from heatwall.analysis.reading import HEAT_UNIT
from heatwall.status import LineStatus, ZoneStatus
from heatwall.values import ByteArray, FloatArray, Tracks


@dataclass(frozen=True, slots=True, eq=False)
class HeatmapResult:
    """What is known after one frame.

    The first five have the names and the meaning that Ultralytics' `solutions.Heatmap` gives
    them; with several lines and zones, the counts are those of all together.

    Attributes:
        plot_im: uint8 (height, width, 3), BGR, the frame with heat, lines and counts; a new array.
        in_count: How many went in, each time that they did.
        out_count: How many went out.
        classwise_count: The same by class name: `{"person": {"IN": 3, "OUT": 2}}`.
        total_tracks: How many are followed in this frame.
        seen_tracks: How many different ones were followed so far.
        heat: float32 (rows, columns), share of recent time that somebody stood there, 0 to 1 for
            one person; read-only. Of the first half-life; see `Heatmap.heat` for the others.
        scale: Share at full colour in `plot_im`.
        lines: What each line has counted, by its name.
        zones: What happens in each zone, by its name: people now, entries, exits, stays.
        tracks: Who is followed: ids, normalised boxes, confidences, class ids; read-only arrays.
        time_s: The frame's time, seconds.
        speed: Milliseconds: `track` for finding people, `solution` for all else.
    """

    plot_im: ByteArray
    in_count: int
    out_count: int
    classwise_count: dict[str, dict[str, int]]
    total_tracks: int
    seen_tracks: int
    heat: FloatArray
    scale: float
    lines: dict[str, LineStatus]
    zones: dict[str, ZoneStatus]
    tracks: Tracks
    time_s: float
    speed: dict[str, float]

    @property
    def heat_unit(self) -> str:
        """What the numbers of `heat` mean."""
        return HEAT_UNIT
