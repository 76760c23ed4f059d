"""Where people stand, from boxes around their whole bodies."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from heatwall.feet import PersonSize
from heatwall.values import Tracks

_FIELD_OF_VIEW = math.radians(75.0)
"""Horizontal; store cameras have 65 to 95 degrees. Half of a lean comes out right within a third
for all of these."""

_TOES = 0.02
"""The place where somebody stands is between the feet, this part of the body's height above the
lower edge of the box, which is that of the nearer shoe."""

_LEVEL = 0.45
"""With a horizon below this row the camera hardly looks down, and its verticals are upright."""

_MOST_LEAN = 0.5
"""Half a picture's width for a body as high as the picture at its edge; no lens leans more."""


def standing(tracks: Tracks, size: PersonSize, aspect: float) -> Tracks:
    """Return the tracks with their boxes moved so that the bottom centre is where they stand.

    A camera that looks down sees all verticals of the shop meet in one point below the picture,
    so people beside the middle lean outwards, and the middle of a box lies farther out than the
    feet. With f the focal length and y_h the row of the horizon, both in picture heights, that
    point is at x = 0.5, y_v = 0.5 + f² / (0.5 - y_h); the line through it and the box's centre
    (x, y) meets the feet, half the box's height h below, at x + (0.5 - x) * h / 2 / (y_v - y).
    (Hartley and Zisserman, "Multiple View Geometry", 2nd edition, section 8.6: the horizon and
    the vertical vanishing point of a camera with square pixels.) The horizon is where people
    would have no height, as it was learnt; before that nothing is moved sideways.

    Args:
        tracks: Whole bodies.
        size: What was learnt of people's height by row.
        aspect: Width of the picture over its height.
    """
    if not len(tracks):
        return tracks
    boxes = tracks.xyxy.copy()
    left, top, right, bottom = tracks.xyxy.T
    height = bottom - top
    boxes[:, 3] -= _TOES * height
    horizon = size.horizon
    if horizon is not None and horizon < _LEVEL:
        focal = aspect / 2 / math.tan(_FIELD_OF_VIEW / 2)
        meeting = 0.5 + focal**2 / (0.5 - horizon)
        middle = (left + right) / 2
        with np.errstate(invalid="ignore"):  # boxes that can't be are left to the heat
            below = (meeting - (top + bottom) / 2).clip(min=0.5 / _MOST_LEAN)
            shift = (0.5 - middle) * height / 2 / below
            boxes[:, 0] += shift
            boxes[:, 2] += shift
    return replace(tracks, xyxy=boxes)
