"""A heat as a picture to keep or print: with its legend, the camera's name, and the time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from heatwall.heat_words import meaning, percent
from heatwall.lettering import FONT, drawable, fitted, measure
from heatwall.palette import alpha_lut, lut_rgb
from heatwall.scale import levels
from heatwall.values import ByteArray, FloatArray

_GROUND = (34, 30, 28)
"""R, G and B where nobody was: dark, since most colour maps begin dark and end bright."""

_STRIP = (20, 18, 17)
"""The same below the heat, so that it is seen where the picture ends."""

_WORDS = (235, 235, 235)
_QUIET = (170, 170, 170)
"""R, G and B of the name, and of what is beside it."""

_OUTLINE = 0.35
"""Opacity of lines and zones: enough to know the place by, too little to be taken for heat."""

_LETTERS = 0.8 / 1280
"""Scale of the font to each pixel of width."""

_LEAST_LETTERS = 0.4
"""Smaller ones can't be read at all."""

_BEFORE = "Somebody stood there 0"
"""What stands before the bar; where there is little room, its last letter."""

_BAR_SHARE = 0.25
"""Width of the bar, as a share of the picture's."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A line or zone.

    Attributes:
        points: Normalised, in order.
        is_closed: Whether the last one is joined to the first.
    """

    points: Sequence[tuple[float, float]]
    is_closed: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is to be seen.

    Attributes:
        share: float32 (rows, columns), share of recent time.
        scale: The share at full colour.
        gamma: Exponent between heat and colour, as in the camera's picture.
        colormap: Its colours. They cover the ground wholly, whatever `opacity` is.
        half_life_s: Of the heat, seconds; None for a lifetime sum.
        class_name: The class that it is of; None for all that count.
        names: What the camera may be called, the best first: the first that can be written is.
        when: Date and time for people.
        outlines: Lines and zones.
    """

    share: FloatArray
    scale: float
    gamma: float
    colormap: str
    half_life_s: float | None
    class_name: str | None
    names: Sequence[str]
    when: str
    outlines: Sequence[Outline] = ()


def sheet_png(sheet: Sheet, width: int, height: int) -> bytes:
    """Return the sheet as a PNG without alpha; the strip with the legend comes below the heat.

    Args:
        sheet: What is to be seen.
        width: Of the heat and of the strip, pixels.
        height: Of the heat, pixels.
    """
    picture = _over(sheet, levels(sheet.share, sheet.scale, sheet.gamma), (width, height))
    _outline(picture, sheet.outlines)
    whole = np.vstack([picture, _strip(sheet, width)])
    return cv2.imencode(".png", cv2.cvtColor(whole, cv2.COLOR_RGB2BGR))[1].tobytes()


def _over(sheet: Sheet, heat: ByteArray, size: tuple[int, int]) -> ByteArray:
    """Return heat over the ground: uint8 (height, width, 3), R, G and B."""
    alpha = alpha_lut(1.0)[:, None]
    mixed = lut_rgb(sheet.colormap) * alpha + np.array(_GROUND) * (1 - alpha)
    table: ByteArray = np.rint(mixed).astype(np.uint8)
    large: ByteArray = cv2.resize(heat, size, interpolation=cv2.INTER_LINEAR)
    return table[large.reshape(size[::-1])]


def _outline(picture: ByteArray, outlines: Sequence[Outline]) -> None:
    """Draw lines and zones faintly into a picture, in place."""
    if not outlines:
        return
    height, width = picture.shape[:2]
    drawn = picture.copy()
    for outline in outlines:
        places = np.clip(np.array(outline.points, np.float64), 0, 1) * (width - 1, height - 1)
        pixels = np.rint(places).astype(np.int32)
        cv2.polylines(drawn, [pixels], outline.is_closed, _WORDS, max(1, width // 640), cv2.LINE_AA)
    cv2.addWeighted(drawn, _OUTLINE, picture, 1 - _OUTLINE, 0, dst=picture)


def _strip(sheet: Sheet, width: int) -> ByteArray:
    """Return what stands below the heat: name and time, then the bar with what it means."""
    pen = _Pen(width)
    height = 3 * pen.line_px
    pen.paper = np.full((height, width, 3), _STRIP, np.uint8)
    first, second = round(1.15 * pen.line_px), round(2.35 * pen.line_px)
    when_px = pen.right(sheet.when, first, _QUIET)
    names = (" ".join(drawable(name).split()) for name in sheet.names)
    name = next((name for name in names if name), "")
    pen.left(name, pen.margin, first, _WORDS, width - when_px - 3 * pen.margin)
    words = f"{percent(sheet.scale)} {drawable(meaning(sheet.half_life_s, sheet.class_name))}"
    room = width - round(_BAR_SHARE * width) - 3 * pen.margin - pen.measure(words)
    before = _BEFORE if pen.measure(_BEFORE) <= room else _BEFORE[-1]
    at = pen.left(before, pen.margin, second, _QUIET, width)
    at = _bar(sheet, pen, at + pen.margin // 2, second)
    pen.left(words, at + pen.margin // 2, second, _QUIET, width - at - pen.margin)
    return pen.paper


def _bar(sheet: Sheet, pen: _Pen, left: int, baseline: int) -> int:
    """Draw the colours from no heat to full colour; returns where they end.

    As in the picture's legend it is even in heat: half way along is the colour of half the scale.
    """
    paper = pen.paper
    across = min(round(_BAR_SHARE * paper.shape[1]), paper.shape[1] - left)
    if across < 1:
        return left
    row = levels(np.linspace(0, sheet.scale, 256, dtype=np.float32)[None], sheet.scale, sheet.gamma)
    bar = _over(sheet, row, (across, pen.letter_px))
    paper[baseline - pen.letter_px : baseline, left : left + across] = bar
    return left + across


class _Pen:
    """Writes lines of text into a strip of some width."""

    def __init__(self, width: int) -> None:
        self._scale = max(_LEAST_LETTERS, _LETTERS * width)
        self._thickness = 1 if self._scale < 1.2 else 2
        (_, self.letter_px), _ = cv2.getTextSize("A", FONT, self._scale, self._thickness)
        self.line_px = 2 * self.letter_px
        self.margin = self.letter_px
        self.paper = np.zeros((0, width, 3), np.uint8)

    def left(
        self, text: str, at: int, baseline: int, color: tuple[int, int, int], room_px: int
    ) -> int:
        """Write as much of a text as there is room for; returns where it ends."""
        text, text_px = fitted(text, room_px, self._scale, self._thickness)
        if text_px <= room_px:
            self._write(text, at, baseline, color)
        return at + text_px

    def right(self, text: str, baseline: int, color: tuple[int, int, int]) -> int:
        """Write a text at the right edge; returns its width in pixels."""
        text_px = self.measure(text)
        self._write(text, self.paper.shape[1] - self.margin - text_px, baseline, color)
        return text_px

    def measure(self, text: str) -> int:
        """Return how many pixels wide a text is."""
        return measure(text, self._scale, self._thickness)

    def _write(self, text: str, at: int, baseline: int, color: tuple[int, int, int]) -> None:
        place = (at, baseline)
        cv2.putText(self.paper, text, place, FONT, self._scale, color, self._thickness, cv2.LINE_AA)
