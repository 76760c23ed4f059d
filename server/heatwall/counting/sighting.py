"""One track at one instant, as counters see it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from heatwall.values import Tracks

_MARGIN_WIDTHS = 0.2
"""How far a foot must be from a border to be clear of it, across, in widths of its box. Feet of
people who stand, tracked at 5 to 15 frames a second by the demo's model, tremble by 0.05 widths
and 0.02 heights. A line right under them is then crossed 45 to 83 times a minute with no margin,
0 to 3 times with these; twice as much gains little and comes later."""

_MARGIN_HEIGHTS = 0.06
"""The same, down, in heights of its box."""

_MARGIN_LEAST = 0.005
"""The margin is never below this part of the picture: 3 px of a detect frame 640 wide."""


@dataclass(slots=True)
class Sighting:
    """A foot on the floor. Not frozen, since that triples the cost of making it; nobody writes.

    Attributes:
        track_id: Whose.
        class_id: Of the track.
        x: Of the foot, normalised, finite.
        y: Of the foot, normalised, finite.
        margin_x: How far from a border the foot must be, across, to be clear of it, normalised.
        margin_y: The same, down.
        begun_s: Since when the track is known to have been there, monotonic seconds, never
            after the sighting; None where that is not known.
    """

    track_id: int
    class_id: int
    x: float
    y: float
    margin_x: float
    margin_y: float
    begun_s: float | None


def sightings(tracks: Tracks) -> list[Sighting]:
    """Return the tracks that have a place, in their order; boxes with NaN are left out."""
    if tracks.begun_s is None:
        begun: list[float] = [math.nan] * len(tracks)
    else:
        begun = tracks.begun_s.tolist()
    found = []
    for track_id, class_id, (left, top, right, bottom), begun_s in zip(
        tracks.track_id.tolist(),
        tracks.class_id.tolist(),
        tracks.xyxy.tolist(),
        begun,
        strict=True,
    ):
        if not math.isfinite(left + top + right + bottom):
            continue
        found.append(
            Sighting(
                track_id,
                class_id,
                (left + right) / 2,
                bottom,
                max(_MARGIN_LEAST, _MARGIN_WIDTHS * (right - left)),
                max(_MARGIN_LEAST, _MARGIN_HEIGHTS * (bottom - top)),
                begun_s if begun_s <= tracks.time_s else None,
            )
        )
    return found
