"""Drawing boxes, labels and trails into the planes of a YUV 4:2:0 picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from heatwall.overlay import Planes

_COLORS_YUV = (
    (170, 166, 16),
    (180, 90, 190),
    (145, 54, 34),
    (150, 110, 200),
    (190, 60, 130),
    (130, 200, 110),
)
"""Y, U and V of one colour a class, told apart on skin, wood and tiles alike."""

_DARK_Y = 24
"""Luma of the plate behind a label, so that white text is read over anything."""

_WHITE_Y = 235
"""Luma of white in limited range (ITU-R BT.601)."""

_NEUTRAL = 128
"""Chroma of grey."""


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


def draw(planes: Planes, marks: Sequence[Mark], line_width: int) -> None:
    """Draw the marks in place.

    Args:
        planes: Y, U and V of one picture.
        marks: What to draw.
        line_width: Pixels in the luma plane, at least 1.
    """
    height, width = planes[0].shape
    for mark in marks:
        color = _COLORS_YUV[mark.class_id % len(_COLORS_YUV)]
        for plane, value, half in zip(planes, color, (1, 2, 2), strict=True):
            size = (width // half, height // half)
            stroke = max(1, line_width // half)
            if len(mark.trail) > 1:
                points = np.array([_pixel(point, size) for point in mark.trail], np.int32)
                cv2.polylines(plane, [points], isClosed=False, color=value, thickness=stroke)
            if mark.has_box:
                start, stop = _pixel(mark.xyxy[:2], size), _pixel(mark.xyxy[2:], size)
                cv2.rectangle(plane, start, stop, value, stroke)
        if mark.text:
            _label(planes, mark.text, _pixel(mark.xyxy[:2], (width, height)), height)


def _pixel(point: Sequence[float], size: tuple[int, int]) -> tuple[int, int]:
    """Return the pixel of a normalised point, kept inside the picture."""
    x = min(max(point[0], 0.0), 1.0)
    y = min(max(point[1], 0.0), 1.0)
    return round(x * (size[0] - 1)), round(y * (size[1] - 1))


def _label(planes: Planes, text: str, corner: tuple[int, int], height: int) -> None:
    # 0.45 at 360 lines is the smallest text that survives 0.4 Mbit/s.
    scale = max(0.4, 0.45 * height / 360)
    (text_width, text_height), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
    left = corner[0] // 2 * 2
    top = max(0, corner[1] - text_height - below - 2) // 2 * 2
    bottom = top + (text_height + below + 3) // 2 * 2
    right = left + (text_width + 7) // 2 * 2
    planes[0][top:bottom, left:right] = _DARK_Y
    for plane in planes[1:]:
        plane[top // 2 : bottom // 2, left // 2 : right // 2] = _NEUTRAL
    cv2.putText(
        planes[0],
        text,
        (left + 3, top + text_height + 1),
        cv2.FONT_HERSHEY_SIMPLEX,
        scale,
        _WHITE_Y,
        1,
        cv2.LINE_AA,
    )
