"""Builders of tracks and detections."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from heatwall.analysis.spec import AnalysisSpec, HeatStyle
from heatwall.values import Detections, Tracks

ANALYSIS = AnalysisSpec(
    classes=("person",),
    tracker="bytetrack",
    confidence=0.25,
    buffer_s=2.0,
    half_lives_s=(30.0, None),
    style=HeatStyle(
        is_shown=True,
        shown_s=30.0,
        shown_class=None,
        colormap="inferno",
        opacity=0.65,
        scale=0.25,
        gamma=0.7,
    ),
)
"""A camera's analysis as most tests want it."""


def tracks_at(time_s: float, feet: dict[int, tuple[float, float]]) -> Tracks:
    """Return tracks of people whose feet stand at the given normalised points."""
    boxes = [(x - 0.02, y - 0.2, x + 0.02, y) for x, y in feet.values()]
    count = len(feet)
    return Tracks(
        time_s=time_s,
        track_id=np.array(list(feet), np.int32),
        xyxy=np.array(boxes, np.float32).reshape(count, 4),
        confidence=np.full(count, 0.9, np.float32),
        class_id=np.zeros(count, np.int32),
    )


def detections_of(
    boxes: Sequence[tuple[float, float, float, float]],
    confidence: float = 0.9,
    class_id: int = 0,
) -> Detections:
    """Return detections of one class and score."""
    count = len(boxes)
    return Detections(
        xyxy=np.array(boxes, np.float32).reshape(count, 4),
        confidence=np.full(count, confidence, np.float32),
        class_id=np.full(count, class_id, np.int32),
    )
