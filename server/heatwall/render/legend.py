"""The meaning of the heat's colours, written into the picture."""

from __future__ import annotations

import cv2
import numpy as np

from heatwall.heat_words import percent
from heatwall.overlay import HeatInk, Planes
from heatwall.values import ByteArray

_DARK = (24, 128, 128)
"""Y, U and V of the plate behind it, on which colours and words can be told."""

_WHITE_Y = 235
"""Luma of white in limited range (ITU-R BT.601)."""

_FONT = cv2.FONT_HERSHEY_SIMPLEX


class Legend:
    """A bar from no heat to full colour, with what both ends mean. Not thread-safe.

    The bar is even in heat: half way along it is the colour of half of the scale, whatever the
    gamma is.

    Args:
        ink: The colours.
        gamma: Exponent between heat and colour, as for the picture.
        meaning: What the numbers are, in ASCII, such as `of recent time`.
        height: Height of the pictures in pixels, which the size of the words follows.
    """

    def __init__(self, ink: HeatInk, gamma: float, meaning: str, height: int) -> None:
        self._ink = ink
        self._gamma = gamma
        self._meaning = meaning
        self._text_scale = max(0.35, 0.4 * height / 360)
        self._unit = max(2, round(height / 90) // 2 * 2)
        self._said = ""
        self._plates: Planes | None = None

    def draw(self, planes: Planes, scale: float) -> None:
        """Draw it into the lower left corner, in place; `scale` is the heat at full colour."""
        said = f"{percent(scale)} {self._meaning}"
        if said != self._said or self._plates is None:
            self._said = said
            self._plates = self._make(said)
        height, width = planes[0].shape
        margin = self._unit
        for plane, plate, half in zip(planes, self._plates, (1, 2, 2), strict=True):
            bottom = (height - margin) // 2 * 2 // half
            top = max(0, bottom - plate.shape[0])
            room = plane[top:bottom, margin // half : width // half]
            part = plate[: room.shape[0], : room.shape[1]]
            room[: part.shape[0], : part.shape[1]] = part

    def _make(self, said: str) -> Planes:
        unit = self._unit
        thickness = 1 if self._text_scale < 0.9 else 2
        (text_width, text_height), below = cv2.getTextSize(said, _FONT, self._text_scale, thickness)
        (zero_width, _), _ = cv2.getTextSize("0 ", _FONT, self._text_scale, thickness)
        bar_width = 24 * unit
        width = _even(unit + zero_width + bar_width + unit + text_width + unit)
        height = _even(max(text_height + below, 2 * unit) + unit)
        y, u, v = (
            np.full((height // half, width // half), value, np.uint8)
            for value, half in zip(_DARK, (1, 2, 2), strict=True)
        )
        left, top = _even(unit + zero_width), _even((height - 2 * unit) // 2)
        for plane, bar, half in zip((y, u, v), self._bar(bar_width), (1, 2, 2), strict=True):
            box = (slice(top // half, (top + 2 * unit) // half), slice(left // half, None))
            plane[box][:, : bar_width // half] = bar[::half]
        baseline = (height + text_height) // 2
        for text, at in (("0", unit), (said, left + bar_width + unit)):
            place = (at, baseline)
            cv2.putText(y, text, place, _FONT, self._text_scale, _WHITE_Y, thickness, cv2.LINE_AA)
        return y, u, v

    def _bar(self, width: int) -> tuple[ByteArray, ByteArray, ByteArray]:
        """Return Y, U and V along the bar, each uint8 (width,), over the dark plate."""
        level = np.rint(np.linspace(0, 1, width) ** self._gamma * 255).astype(int)
        alpha = self._ink.alpha[level][:, None]
        mixed = np.rint(self._ink.yuv[level] * alpha + np.array(_DARK) * (1 - alpha))
        y, u, v = mixed.astype(np.uint8).T
        return y, u, v


def _even(pixels: int) -> int:
    return -(-pixels // 2) * 2
