"""Detections as the tests compare them."""

from __future__ import annotations

import numpy as np

from heatwall.values import Detections


def detections(*rows: tuple[float, float, float, float, float, int]) -> Detections:
    """Return detections of rows (left, top, right, bottom, confidence, class)."""
    table = np.array(rows, np.float32).reshape(-1, 6)
    return Detections(table[:, :4].copy(), table[:, 4].copy(), table[:, 5].astype(np.int32))


def differ_by(one: Detections, other: Detections) -> float:
    """Return the largest difference of two that hold the same things; inf where they do not."""
    if len(one) != len(other) or one.class_id.tolist() != other.class_id.tolist():
        return float("inf")
    pairs = ((one.xyxy, other.xyxy), (one.confidence, other.confidence))
    return max((float(np.abs(a - b).max(initial=0)) for a, b in pairs), default=0.0)
