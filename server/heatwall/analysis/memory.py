"""What a camera's analysis knows that must survive a restart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from heatwall.counting.line import LineCounts
from heatwall.counting.zone import ZoneState
from heatwall.feet import PersonSizeState
from heatwall.heat_state import HeatState
from heatwall.history import Minute


@dataclass(frozen=True, slots=True)
class CameraMemory:
    """Heat, counts and history of one camera at one moment.

    Attributes:
        heats: By class name; "" for all classes that count.
        sizes: How large people appear, as far as it was learnt.
        lines: Counts by the line's name.
        zones: Counts by the zone's name.
        total_tracks: Different tracks so far.
        history: The minutes of the last hour, oldest first.
        counts_since: When the counts began, seconds since 1970 UTC; None where nobody knows.
    """

    heats: Mapping[str, HeatState]
    sizes: PersonSizeState
    lines: Mapping[str, LineCounts]
    zones: Mapping[str, ZoneState]
    total_tracks: int
    history: tuple[Minute, ...] = ()
    counts_since: float | None = None
