"""Drawing boxes, trails, lines, zones and their texts into the planes of a YUV 4:2:0 picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from heatwall.overlay import Planes
from heatwall.plates import Plate, PlateMaker

_COLORS_YUV = (
    (170, 166, 16),
    (180, 90, 190),
    (145, 54, 34),
    (150, 110, 200),
    (190, 60, 130),
    (130, 200, 110),
)
"""Y, U and V of one colour a class, told apart on skin, wood and tiles alike."""

_PLACE_YUV = (221, 132, 124)
"""Y, U and V of lines and zones: nearly white, which no class and little heat is."""

_CASING_Y = 24
"""Luma of the edge along lines and zones, so that they are seen on white floors too."""

_ARROW_SHARE = 0.05
"""Length of the arrow to the inside of a line, as a share of the picture's shorter side."""

_ARROW_PX = 8
"""Its length in the smallest of pictures."""

_ARROW_HEAD = 0.5
"""Length of its head, as a share of its own."""

_INWARD = {"above": (0, -1), "below": (0, 1), "left": (-1, 0), "right": (1, 0)}
"""Direction of the inside, x to the right and y down."""

_Pixels = npt.NDArray[np.int32]
_Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Mark:
    """One track as it is drawn.

    Attributes:
        xyxy: Normalised box: left, top, right, bottom.
        text: Label above the box, or "".
        class_id: Chooses the colour.
        trail: Normalised foot points from old to new; fewer than two draw nothing.
        has_box: Whether the box is drawn.
    """

    xyxy: tuple[float, float, float, float]
    text: str
    class_id: int
    trail: Sequence[tuple[float, float]]
    has_box: bool


@dataclass(frozen=True, slots=True)
class LineMark:
    """One counting line as it is drawn, with an arrow to its inside.

    Attributes:
        start: Normalised.
        end: Normalised.
        inside: The side that is inside: above, below, left or right, as seen in the picture.
        text: Label on the other side, or "".
    """

    start: tuple[float, float]
    end: tuple[float, float]
    inside: str
    text: str


@dataclass(frozen=True, slots=True)
class ZoneMark:
    """One zone as it is drawn: its outline, since a tint would be taken for heat.

    Attributes:
        polygon: Normalised corners in order, the first not repeated.
        text: Label above the topmost corner, or "".
    """

    polygon: Sequence[tuple[float, float]]
    text: str


AnyMark = Mark | LineMark | ZoneMark


class _Style(NamedTuple):
    """How paths are drawn into one plane."""

    plane: int
    is_closed: bool
    value: int
    width: int
    kind: int


class Drawing:
    """Marks, laid out once and then drawn into pictures of one size.

    Shapes of one kind and colour are drawn together, texts over all shapes, and counts over the
    labels of tracks. Points outside of the picture are moved to its edge.

    Args:
        marks: What to draw.
        width: Of the pictures, pixels.
        height: Of the pictures, pixels.
        line_width: Pixels in the luma plane, at least 1.
    """

    def __init__(self, marks: Sequence[AnyMark], width: int, height: int, line_width: int) -> None:
        self._size = (width, height)
        self._line_width = line_width
        self._maker = PlateMaker(width, height)
        self._paths: dict[_Style, list[_Pixels]] = {}
        self._labels: list[Plate] = []
        self._counts: list[Plate] = []
        for mark in marks:
            match mark:
                case Mark():
                    self._track(mark)
                case LineMark():
                    self._line(mark)
                case ZoneMark():
                    self._zone(mark)

    def draw(self, planes: Planes) -> None:
        """Draw into `planes` in place."""
        for style, paths in self._paths.items():
            plane, is_closed, value, width, kind = style
            cv2.polylines(planes[plane], paths, is_closed, value, width, kind)
        for plate in (*self._labels, *self._counts):
            plate.draw(planes)

    def _track(self, mark: Mark) -> None:
        color = _COLORS_YUV[mark.class_id % len(_COLORS_YUV)]
        stroke = max(1, self._line_width // 2)
        if len(mark.trail) > 1:
            self._path(self._pixels(mark.trail), color, stroke, is_closed=False)
        left, top, right, bottom = mark.xyxy
        corners = self._pixels(((left, top), (right, top), (right, bottom), (left, bottom)))
        if mark.has_box:
            # Upright and level: smoothing would only blur it.
            self._path(corners, color, stroke, is_closed=True, kind=cv2.LINE_8)
        if mark.text:
            self._labels.append(self._maker.plate(mark.text, corners[0].tolist(), (0, 1)))

    def _line(self, mark: LineMark) -> None:
        ends = self._pixels((mark.start, mark.end))
        self._place(ends, is_closed=False)
        foot = (ends[0] + ends[1]) / 2
        inward = _inward(ends, mark.inside)
        if inward.any():
            tip = foot + inward * max(_ARROW_PX, _ARROW_SHARE * min(self._size))
            side = _ARROW_HEAD * (tip - foot)
            across = side[::-1] * (1, -1)
            self._place(np.array([foot, tip]), is_closed=False)
            self._place(np.array([tip - side - across, tip, tip - side + across]), is_closed=False)
        # Behind the arrow, with the nearest edge or corner at the line.
        self._count(mark.text, foot - self._gap * inward, 0.5 + inward / 2)

    def _zone(self, mark: ZoneMark) -> None:
        corners = self._pixels(mark.polygon)
        self._place(corners, is_closed=True)
        top = corners[corners[:, 1] == corners[:, 1].min()].mean(axis=0)
        self._count(mark.text, top - (0, self._gap), np.array([0.5, 1.0]))

    @property
    def _gap(self) -> int:
        """Pixels from the middle of a line to its text."""
        return self._line_width + 2

    def _place(self, points: npt.NDArray[np.generic], *, is_closed: bool) -> None:
        """Add a path of a line or zone, and the edge along it."""
        pixels = np.rint(points).astype(np.int32)
        casing = _Style(0, is_closed, _CASING_Y, self._line_width + 2, cv2.LINE_AA)
        self._paths.setdefault(casing, []).append(pixels)
        self._path(pixels, _PLACE_YUV, self._line_width // 2 + 1, is_closed=is_closed)

    def _path(
        self,
        pixels: _Pixels,
        color: tuple[int, int, int],
        chroma_width: int,
        *,
        is_closed: bool,
        kind: int = cv2.LINE_AA,
    ) -> None:
        """Add a path, of `line_width` in luma and of another width in chroma."""
        luma = _Style(0, is_closed, color[0], self._line_width, kind)
        self._paths.setdefault(luma, []).append(pixels)
        half = pixels // 2
        for plane in (1, 2):
            chroma = _Style(plane, is_closed, color[plane], chroma_width, cv2.LINE_8)
            self._paths.setdefault(chroma, []).append(half)

    def _count(self, text: str, anchor: _Doubles, align: _Doubles) -> None:
        if text:
            plate = self._maker.plate(text, anchor.tolist(), align.tolist())
            away = -1 if align[1] >= 0.5 else 1
            self._counts.append(self._free(plate, away * plate.height))

    def _free(self, plate: Plate, rows: int) -> Plate:
        """Return a plate that covers no other count if that can be.

        Args:
            plate: Where it stands best.
            rows: To the next place on the far side of what it belongs to.
        """
        for steps in (0, 1, 2, 3, -1, -2):
            tried = plate.moved(steps * rows)
            is_inside = 0 <= tried.top <= self._size[1] - tried.height
            if is_inside and not any(tried.covers(other) for other in self._counts):
                return tried
        return plate

    def _pixels(self, points: Sequence[tuple[float, float]]) -> _Pixels:
        """Return the pixels of normalised points, (n, 2), kept inside the picture."""
        # Not in NumPy: its calls cost more than a few numbers do.
        last_x, last_y = self._size[0] - 1, self._size[1] - 1
        return np.array(
            [
                (round(min(max(x, 0.0), 1.0) * last_x), round(min(max(y, 0.0), 1.0) * last_y))
                for x, y in points
            ],
            np.int32,
        )


def _inward(ends: _Pixels, inside: str) -> _Doubles:
    """Return the direction from a line to its inside, at right angles to it, of length 1.

    Of length 0 where the line has no such inside: a level one no left, for instance.
    """
    along = (ends[1] - ends[0]).astype(np.float64)
    across = np.array([-along[1], along[0]])
    side = float(across @ _INWARD[inside])
    if side == 0:
        return np.zeros(2)
    inward: _Doubles = across * math.copysign(1 / np.linalg.norm(across), side)
    return inward
