"""What can be seen of each thing in a picture."""

from __future__ import annotations

import cv2
import numpy as np

from heatwall.simulator.scene_actor import Actor, Box, alpha_part, clipped, common_part
from heatwall.simulator.shopper_figure import SHIFT
from heatwall.values import ByteArray

_HIDES = 150
"""An occluder's alpha from which on it hides what is behind it; glass stays below."""

_COARSE = 4
"""The map of who covers whom is this much smaller than the picture."""


class VisibilityMap:
    """Which thing is in front at every place; things are added from far to near.

    Args:
        width: Width of the picture in pixels.
        height: Height of the picture in pixels.
    """

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._front: ByteArray = np.zeros((height // _COARSE, width // _COARSE), np.uint8)
        self._areas: list[int] = []

    def add(self, actor: Actor) -> None:
        """Put a thing before all things added so far."""
        left, top, right, bottom = (int(side) // _COARSE for side in actor.drawn.extent)
        outer = (left - 1, top - 1, right + 2, bottom + 2)
        mask: ByteArray = np.zeros((outer[3] - outer[1], outer[2] - outer[0]), np.uint8)
        move = np.array(outer[:2], np.int32) * (1 << SHIFT)
        for outlines in actor.drawn.silhouette:
            for outline in outlines // _COARSE - move:
                cv2.fillConvexPoly(mask, outline, 1, cv2.LINE_8, SHIFT)
        self._areas.append(max(1, cv2.countNonZero(mask)))
        inner = common_part(outer, (0, 0, self._front.shape[1], self._front.shape[0]))
        if inner is None:
            return
        for item in actor.hidden_by:
            _cut(mask, item.alpha, item.box, outer, _COARSE)
        x0, y0, x1, y1 = inner
        part = mask[y0 - outer[1] : y1 - outer[1], x0 - outer[0] : x1 - outer[0]]
        self._front[y0:y1, x0:x1][part > 0] = len(self._areas)

    def visible(self, number: int) -> float:
        """Share of the `number`-th added thing (from 1) that nothing hides, 0 to 1."""
        seen = int(np.count_nonzero(self._front == number))
        return min(1.0, seen / self._areas[number - 1])


def _cut(mask: ByteArray, alpha: ByteArray, box: Box, outer: Box, coarse: int) -> None:
    """Clear the part of a coarse mask at `outer` that an occluder's outline covers, in place."""
    small = alpha[::coarse, ::coarse]
    left, top = box[0] // coarse, box[1] // coarse
    placed = (left, top, left + small.shape[1], top + small.shape[0])
    part = common_part(placed, outer)
    if part is None:
        return
    x0, y0, x1, y1 = part
    hidden = small[y0 - top : y1 - top, x0 - left : x1 - left] > _HIDES
    mask[y0 - outer[1] : y1 - outer[1], x0 - outer[0] : x1 - outer[0]][hidden] = 0


def visible_box(actor: Actor, width: int, height: int) -> tuple[float, float, float, float] | None:
    """The extent of what furniture and the picture's edge leave of a thing.

    Returns:
        Left, top, right, bottom, 0-1, or None when nothing is left.
    """
    left, top, right, bottom = actor.drawn.extent
    box = clipped(actor.drawn.extent, width, height)
    if box[2] <= box[0] or box[3] <= box[1]:
        return None
    covers = [item for item in actor.hidden_by if common_part(item.box, box)]
    if covers:
        mask: ByteArray = np.zeros((box[3] - box[1], box[2] - box[0]), np.uint8)
        move = np.array(box[:2], np.int32) * (1 << SHIFT)
        for outlines in actor.drawn.silhouette:
            for outline in outlines - move:
                cv2.fillConvexPoly(mask, outline, 1, cv2.LINE_8, SHIFT)
        for item in covers:
            part = common_part(item.box, box)
            if part is not None:
                x0, y0, x1, y1 = part
                hidden = alpha_part(item, part) > _HIDES
                mask[y0 - box[1] : y1 - box[1], x0 - box[0] : x1 - box[0]][hidden] = 0
        x, y, wide, high = cv2.boundingRect(mask)
        if wide == 0:
            return None
        left, right = max(left, box[0] + x), min(right, box[0] + x + wide)
        top, bottom = max(top, box[1] + y), min(bottom, box[1] + y + high)
    found = _normalised((left, top, right, bottom), width, height)
    return found if found[2] > found[0] and found[3] > found[1] else None


def whole_box(actor: Actor, width: int, height: int) -> tuple[float, float, float, float]:
    """The extent of a thing as far as it lies in the picture, whatever stands before it.

    Returns:
        Left, top, right, bottom, 0-1.
    """
    return _normalised(actor.drawn.extent, width, height)


def _normalised(
    extent: tuple[float, float, float, float], width: int, height: int
) -> tuple[float, float, float, float]:
    """Pixels as parts of the picture, kept inside it."""
    left, top, right, bottom = extent
    return (
        max(0.0, left) / width,
        max(0.0, top) / height,
        min(float(width), right) / width,
        min(float(height), bottom) / height,
    )
