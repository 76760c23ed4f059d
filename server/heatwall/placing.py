"""Boxes of tracks, checked and brought to the cells of a grid."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from heatwall.last_seen import MOST_TRACKS
from heatwall.values import DoubleArray, FloatArray, Tracks

_NEAR = 1.5
"""Boxes are believed this far from the picture's middle, in pictures: one picture beyond every
edge holds the feet of people who are cut off."""


class Placed(NamedTuple):
    """Tracks that can be, at one instant.

    A tuple, because it is made at every update and in a third of a dataclass' time.

    Attributes:
        ids: Of n tracks, each once, at most `MOST_TRACKS`.
        sightings: float64 (3 or 7, n): the time; x and y of the feet in cells, 0 at the middle
            of the first one; and where they are wanted the edges of the box in cells from the
            picture's left upper edge.
        begun_s: float64 (n,), as in `Tracks`.
        is_inside: That all boxes lie in the picture.
    """

    ids: list[int]
    sightings: DoubleArray
    begun_s: DoubleArray | None
    is_inside: bool


class Placing:
    """Brings the tracks of one camera to a grid, and leaves out what can't be.

    Args:
        columns: Cells across the picture.
        rows: Cells down the picture.
        has_boxes: Whether the boxes are wanted, too.
    """

    def __init__(self, columns: int, rows: int, *, has_boxes: bool) -> None:
        # From framed boxes to sightings in one product; the time is put in at every call.
        x = [0, 0, columns / 2, 0, columns / 2, 0, 0, -0.5]
        y = [0, 0, 0, 0, 0, rows, 0, -0.5]
        box = np.diag([0.0, 0, columns, rows, columns, rows, 0, 0])[2:6]
        self._to_cells = np.array([[0.0] * 8, x, y, *(box if has_boxes else ())])
        self.ignored = 0
        """Boxes left out so far."""

    @property
    def fields(self) -> int:
        """Numbers that make up a sighting."""
        return len(self._to_cells)

    def place(self, tracks: Tracks) -> Placed | None:
        """Return those tracks that can be; None where there are none.

        Boxes that are not finite, inverted or wholly outside the picture, and all but the first
        of an id, are left out and counted.
        """
        framed = _framed(tracks.xyxy)
        ids, begun_s = tracks.track_id.tolist(), tracks.begun_s
        # 0 to left and top, those to right and bottom, those to 1: false where undefined, too.
        is_inside = np.count_nonzero(framed[2:] >= framed[:-2]) == 6 * len(ids)
        if not is_inside or len(set(ids)) != len(ids) or len(ids) > MOST_TRACKS:
            rows = _usable(framed[2:6], tracks.track_id)
            self.ignored += len(ids) - len(rows)
            framed, ids = framed[:, rows], tracks.track_id[rows].tolist()
            begun_s = None if begun_s is None else begun_s[rows]
        if not ids:
            return None
        self._to_cells[0, -1] = tracks.time_s
        return Placed(ids, self._to_cells @ framed, begun_s, is_inside)


def _framed(xyxy: FloatArray) -> DoubleArray:
    """Return boxes between the picture's edges: (8, n), 0, 0, the box, 1, 1."""
    framed = np.empty((8, len(xyxy)))
    framed[:2] = 0.0
    framed[2:6] = xyxy.T
    framed[6:] = 1.0
    return framed


def _usable(boxes: DoubleArray, track_id: npt.NDArray[np.int32]) -> npt.NDArray[np.intp]:
    """Return which boxes can be, the first `MOST_TRACKS`; of several with one id the first."""
    good = np.all(
        [
            *(np.abs(boxes - 0.5) <= _NEAR),  # not where a number is undefined
            *(boxes[2:] >= boxes[:2]),
            *(boxes[:2] <= 1),
            *(boxes[2:] >= 0),
        ],
        axis=0,
    )
    rows = np.flatnonzero(good)
    firsts = np.unique(track_id[rows], return_index=True)[1]
    firsts.sort()
    return rows[firsts[:MOST_TRACKS]]
