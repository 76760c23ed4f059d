"""Texts on dark plates in the planes of a YUV 4:2:0 picture, readable over anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2

from heatwall.lettering import FONT, fitted
from heatwall.overlay import Planes

_SCALE = 0.45 / 360
"""Of the font, to each pixel of the shorter side: in a tile of 640×360 that is the smallest text
that survives 0.4 Mbit/s."""

_LEAST_SCALE = 0.4
"""Smaller letters can't be read at all."""

_MARGIN = 0.25
"""From the edge of a plate to its text, in heights of a letter."""

_DARK_Y = 24
"""Luma of a plate."""

_WHITE_Y = 235
"""Luma of white in limited range (ITU-R BT.601)."""

_NEUTRAL = 128
"""Chroma of grey."""


@dataclass(frozen=True, slots=True)
class Plate:
    """A text and where it stands.

    Attributes:
        left: First column in luma, even.
        top: First row in luma, even.
        width: Pixels of luma, even.
        height: Pixels of luma, even.
        text: One line.
        origin: Pixel of luma at the left end of the text's baseline.
        scale: Of the font.
    """

    left: int
    top: int
    width: int
    height: int
    text: str
    origin: tuple[int, int]
    scale: float

    def covers(self, other: Plate) -> bool:
        """Return whether the two have a pixel in common."""
        return (
            abs(2 * (self.left - other.left) + self.width - other.width) < self.width + other.width
            and abs(2 * (self.top - other.top) + self.height - other.height)
            < self.height + other.height
        )

    def moved(self, rows: int) -> Plate:
        """Return the same plate an even number of rows farther down."""
        x, y = self.origin
        return replace(self, top=self.top + rows, origin=(x, y + rows))

    def draw(self, planes: Planes) -> None:
        """Draw it into `planes` in place."""
        for plane, value, part in zip(
            planes, (_DARK_Y, _NEUTRAL, _NEUTRAL), (1, 2, 2), strict=True
        ):
            rows = slice(self.top // part, (self.top + self.height) // part)
            plane[rows, self.left // part : (self.left + self.width) // part] = value
        cv2.putText(planes[0], self.text, self.origin, FONT, self.scale, _WHITE_Y, 1, cv2.LINE_AA)


class PlateMaker:
    """Lays out plates for pictures of one size, which theirs follows.

    Args:
        width: Of the pictures, pixels.
        height: Of the pictures, pixels.
    """

    def __init__(self, width: int, height: int) -> None:
        self._width = width
        self._height = height
        self._scale = max(_LEAST_SCALE, _SCALE * min(width, height))
        # A tall letter and a deep one: all plates of a picture are equally high.
        (_, self._above), self._below = cv2.getTextSize("Ag", FONT, self._scale, 1)
        self._margin = round(self._above * _MARGIN)

    def plate(self, text: str, anchor: Sequence[float], align: Sequence[float]) -> Plate:
        """Return the plate of a text, all of it inside of the picture.

        Text that is wider than the picture is cut.

        Args:
            text: One line.
            anchor: A place in luma, in pixels.
            align: Which point of the plate is to lie there, 0 to 1 from its left and from its
                top; moved as far as it must be to stay inside.
        """
        text, text_width = fitted(text, self._width - 2 * self._margin, self._scale)
        width = _even(text_width + 2 * self._margin)
        height = _even(self._above + self._below + self._margin)
        left = _within(anchor[0] - align[0] * width, self._width - width)
        top = _within(anchor[1] - align[1] * height, self._height - height)
        origin = (left + self._margin, top + self._above + self._margin // 2)
        return Plate(left, top, width, height, text, origin, self._scale)


def _even(pixels: int) -> int:
    """Return the next even number: a pixel of chroma is two of luma."""
    return (pixels + 1) // 2 * 2


def _within(start: float, last: int) -> int:
    """Return the even start of a plate, from 0 to `last`; 0 where it does not fit at all."""
    return max(0, min(round(start), last)) // 2 * 2
