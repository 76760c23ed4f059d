"""Ten people who walk and stand in a shop, the same at every run."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from heatwall.values import Tracks

PEOPLE = 10
"""A busy camera."""


@lru_cache(maxsize=4096)
def tracks_at(time_s: float) -> Tracks:
    """Return where the ten are; half of them stand, half walk to and fro at a shopper's pace.

    What was asked for before costs nothing: making people up is no part of what is measured.
    """
    boxes = np.empty((PEOPLE, 4), np.float32)
    for person in range(PEOPLE):
        reach = 0.03 if person % 2 else 0.25
        phase = person * 2.4
        foot_x = 0.5 + 0.3 * math.cos(phase) + reach * 0.5 * math.sin(0.35 * time_s + phase)
        foot_y = 0.62 + 0.25 * math.sin(phase * 1.7) + reach * 0.3 * math.cos(0.22 * time_s + phase)
        height = 0.2 + 0.22 * foot_y
        half_width = 0.09 * height
        boxes[person] = (foot_x - half_width, foot_y - height, foot_x + half_width, foot_y)
    return Tracks(
        time_s=time_s,
        track_id=np.arange(1, PEOPLE + 1, dtype=np.int32),
        xyxy=np.clip(boxes, 0, 1),
        confidence=np.full(PEOPLE, 0.9, np.float32),
        class_id=np.zeros(PEOPLE, np.int32),
    )
