"""What really happens in a simulated camera's loop."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from heatwall.shapes import Side
from heatwall.simulator.scene import CART, PERSON, Sighting
from heatwall.simulator.shopper_crowd import Crowd, person_id
from heatwall.simulator.shopper_visit import SAMPLE_HZ
from heatwall.simulator.store_views import PictureLine, PictureZone, StoreView

_NEAREST_M = 1.5
"""Nearer to the camera's foot than this, a place can't be projected and is not looked at."""

_INWARD: dict[Side, tuple[float, float]] = {
    "above": (0.0, -1.0),
    "below": (0.0, 1.0),
    "left": (-1.0, 0.0),
    "right": (1.0, 0.0),
}
"""Direction of the inside in the picture, x to the right, y down."""


class Thing(msgspec.Struct, frozen=True, array_like=True):
    """One person or cart in one frame.

    Attributes:
        id: Odd for people, even for carts (the pusher's id plus one); stable within a loop.
        kind: 0 person, 1 cart.
        box: Left, top, right, bottom of what furniture and the picture's edge leave, 0-1.
        foot: The place on the floor, 0-1; may lie outside the picture.
        visible: Share of the outline that is in the picture and that nothing hides, 0-1.
        whole: The box with what furniture hides: to the feet, inside the picture, 0-1.
    """

    id: int
    kind: int
    box: tuple[float, float, float, float]
    foot: tuple[float, float]
    visible: float
    whole: tuple[float, float, float, float]


class Crossing(msgspec.Struct, frozen=True):
    """One person's foot point crosses a counting line.

    Attributes:
        line: Name of the line.
        time_s: Time in the loop.
        id: Who.
        is_inward: True when the crossing ends on the inside.
    """

    line: str
    time_s: float
    id: int
    is_inward: bool


class Dwell(msgspec.Struct, frozen=True):
    """One person's foot point stays in a zone.

    Attributes:
        zone: Name of the zone.
        id: Who, by the id at entering.
        enter_s: Time in the loop of entering.
        leave_s: Time of leaving; above the loop's length when the stay runs over its end.
    """

    zone: str
    id: int
    enter_s: float
    leave_s: float


class Truth(msgspec.Struct, frozen=True):
    """Everything that is known of one loop.

    Attributes:
        name: Name of the camera for people.
        width: Width of the picture in pixels.
        height: Height of the picture in pixels.
        fps: Frames a second.
        loop_s: Length of the loop in seconds.
        lines: The counting lines.
        zones: The zones.
        frames: The things of each frame, farthest first; frame n is at n / fps seconds.
        crossings: All crossings in order of time.
        dwells: All stays in zones in order of entering.
    """

    name: str
    width: int
    height: int
    fps: int
    loop_s: float
    lines: tuple[PictureLine, ...]
    zones: tuple[PictureZone, ...]
    frames: tuple[tuple[Thing, ...], ...]
    crossings: tuple[Crossing, ...]
    dwells: tuple[Dwell, ...]

    def at(self, time_s: float) -> tuple[Thing, ...]:
        """Return the things of the frame shown at `time_s`, which may run over many loops."""
        return self.frames[int(time_s * self.fps + 1e-6) % len(self.frames)]

    def people(self, frame: int, least_visible: float = 0.0) -> tuple[Thing, ...]:
        """Return the people of a frame of whom at least a share is visible."""
        return tuple(
            thing
            for thing in self.frames[frame]
            if thing.kind == PERSON and thing.visible >= least_visible
        )

    def carts(self, frame: int) -> tuple[Thing, ...]:
        """Return the carts of a frame."""
        return tuple(thing for thing in self.frames[frame] if thing.kind == CART)

    def counts(self, line: str) -> tuple[int, int]:
        """Return how many people cross a line inwards and outwards in one loop."""
        inward = [crossing.is_inward for crossing in self.crossings if crossing.line == line]
        return sum(inward), len(inward) - sum(inward)

    def presence_grid(self, columns: int, rows: int) -> npt.NDArray[np.float64]:
        """Return how long feet of people stand in each cell of the picture during one loop.

        Returns:
            float64 (rows, columns), seconds; all zero where nobody ever walks.
        """
        grid = np.zeros((rows, columns))
        for frame in range(len(self.frames)):
            for person in self.people(frame):
                x, y = person.foot
                if 0 <= x < 1 and 0 <= y < 1:
                    grid[int(y * rows), int(x * columns)] += 1 / self.fps
        return grid


def thing_of(seen: Sighting) -> Thing:
    """Round a sighting to what is worth storing: 1/10000 of the picture, a tenth of a pixel."""
    return Thing(
        seen.thing,
        seen.kind,
        _rounded(seen.box),
        (round(seen.foot[0], 4), round(seen.foot[1], 4)),
        round(seen.visible, 3),
        _rounded(seen.whole),
    )


def _rounded(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    left, top, right, bottom = (round(edge, 4) for edge in box)
    return left, top, right, bottom


def _tracks(view: StoreView, crowd: Crowd) -> list[tuple[int, npt.NDArray[np.float64]]]:
    """Foot points of every visit: shopper's number, float64 (n, 3) time, x, y; NaN out of sight."""
    tracks = []
    for index, shopper in enumerate(crowd.shoppers):
        visit = shopper.visit
        time = shopper.arrival_s + np.arange(len(visit.x)) / SAMPLE_HZ
        foot = view.layout.camera.normalised(np.stack([visit.x, visit.y], axis=1))
        foot[visit.y < _NEAREST_M] = np.nan
        tracks.append((index, np.column_stack([time, foot])))
    return tracks


def crossings_of(line: PictureLine, track: npt.NDArray[np.float64]) -> list[tuple[float, bool]]:
    """Find where a track crosses a line.

    Args:
        line: The line.
        track: float64 (n, 3): time in seconds, x, y, 0-1; NaN where unknown.

    Returns:
        Time and whether inwards, of each crossing, interpolated between samples.
    """
    start, end = np.array(line.start), np.array(line.end)
    along = end - start
    inward = _INWARD[line.inside]
    sign = float(np.sign(along[0] * inward[1] - along[1] * inward[0]))
    apart = track[:, 1:] - start
    side = (along[0] * apart[:, 1] - along[1] * apart[:, 0]) * sign
    found = []
    for i in np.flatnonzero((side[:-1] < 0) != (side[1:] < 0)):
        if np.isnan(side[i]) or np.isnan(side[i + 1]):
            continue
        share = side[i] / (side[i] - side[i + 1])
        time, x, y = track[i] + (track[i + 1] - track[i]) * share
        place = np.dot((x, y) - start, along) / np.dot(along, along)
        if 0 <= place <= 1:
            found.append((float(time), bool(side[i + 1] >= 0)))
    return found


def inside_polygon(
    polygon: tuple[tuple[float, float], ...], points: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Tell which points (n, 2) lie in a polygon, by counting the edges to their right."""
    inside = np.zeros(len(points), np.bool_)
    x, y = points[:, 0], points[:, 1]
    for (x0, y0), (x1, y1) in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
        if y0 == y1:
            continue
        spans = (y0 > y) != (y1 > y)
        inside ^= spans & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
    return inside


def stays_in(zone: PictureZone, track: npt.NDArray[np.float64]) -> list[tuple[float, float]]:
    """Find the times at which a track (as in `crossings_of`) enters and leaves a zone."""
    inside = inside_polygon(zone.polygon, np.nan_to_num(track[:, 1:], nan=-9.0))
    edges = np.flatnonzero(np.diff(np.concatenate([[0], inside.astype(int), [0]])))
    return [
        (float(track[first, 0]), float(track[last - 1, 0]))
        for first, last in zip(edges[::2], edges[1::2], strict=True)
    ]


def events(view: StoreView, crowd: Crowd) -> tuple[tuple[Crossing, ...], tuple[Dwell, ...]]:
    """Compute all crossings and stays of one loop from the planned visits, at 30 Hz."""
    loop_s = crowd.loop_s
    crossings, dwells = [], []
    for index, track in _tracks(view, crowd):
        for line in view.lines:
            for time, is_inward in crossings_of(line, track):
                thing = person_id(index, int(time // loop_s)) * 2 - 1
                crossings.append(Crossing(line.name, time % loop_s, thing, is_inward))
        for zone in view.zones:
            for enter, leave in stays_in(zone, track):
                thing = person_id(index, int(enter // loop_s)) * 2 - 1
                begin = enter % loop_s
                dwells.append(Dwell(zone.name, thing, begin, begin + leave - enter))
    return (
        tuple(sorted(crossings, key=lambda item: item.time_s)),
        tuple(sorted(dwells, key=lambda item: item.enter_s)),
    )


def save_truth(truth: Truth, path: Path) -> None:
    """Write a truth as JSON."""
    path.write_bytes(msgspec.json.encode(truth))


def load_truth(path: Path) -> Truth:
    """Read what `save_truth` wrote.

    Raises:
        OSError: When the file can't be read.
        msgspec.ValidationError: When it holds something else.
    """
    return msgspec.json.decode(path.read_bytes(), type=Truth)
