"""How far an exported model's detections are from those of the original."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from heatwall.values import Detections, FloatArray

_COUNTS_FROM = 0.25
"""Confidence from which a detection of one must be found by the other: a camera's default."""

_SAME_IOU = 0.9
"""Overlap from which two boxes are one detection."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much an export may differ.

    Attributes:
        matched: Least share of detections that both find.
        confidence: Largest difference of confidence.
    """

    matched: float
    confidence: float


EXACT = Allowance(matched=0.99, confidence=0.02)
"""In full precision only the order of sums differs."""

HALF = Allowance(matched=0.95, confidence=0.05)
"""Ten bits of a number's fraction remain of twenty-three."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two models found in the same pictures.

    Attributes:
        original: Detections of the original that count.
        exported: Detections of the export that count.
        matched: Share of both that the other has too, 0 to 1; 1 where there are none.
        confidence: Largest difference of confidence of two that are the same.
        box_px: Largest distance of two edges that are the same, pixels of the picture.
    """

    original: int
    exported: int
    matched: float
    confidence: float
    box_px: float

    def is_within(self, allowance: Allowance) -> bool:
        """Return whether the export may stand for the original."""
        return self.matched >= allowance.matched and self.confidence <= allowance.confidence


def compare(
    originals: Sequence[Detections], exports: Sequence[Detections], size: tuple[int, int]
) -> Comparison:
    """Compare what two models found.

    A detection counts from a confidence of 0.25 on; its match in the other may be weaker, since
    two that stand at the limit may fall to either side of it.

    Args:
        originals: Of the original, one for each picture.
        exports: Of the export, for the same pictures.
        size: (width, height) of a picture in pixels.
    """
    counts = [0, 0]
    found = 0
    confidence, box_px = 0.0, 0.0
    scale = np.array(size * 2, np.float32)
    for pair in zip(originals, exports, strict=True):
        for side, (one, other) in enumerate((pair, pair[::-1])):
            pairs = _matches(one, other)
            counts[side] += len(pairs)
            found += int((pairs >= 0).sum())
            mine = np.flatnonzero(one.confidence >= _COUNTS_FROM)[pairs >= 0]
            theirs = pairs[pairs >= 0]
            if len(mine):
                gap = np.abs(one.confidence[mine] - other.confidence[theirs]).max()
                edges = np.abs((one.xyxy[mine] - other.xyxy[theirs]) * scale).max()
                confidence, box_px = max(confidence, float(gap)), max(box_px, float(edges))
    total = sum(counts)
    return Comparison(counts[0], counts[1], found / total if total else 1.0, confidence, box_px)


def _matches(one: Detections, other: Detections) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return, for each detection of `one` that counts, which of `other` it is, or -1.

    No detection of `other` stands for two.
    """
    counting = np.flatnonzero(one.confidence >= _COUNTS_FROM)
    chosen = np.full(len(counting), -1, np.intp)
    free = np.ones(len(other), bool)
    for row, index in enumerate(counting):
        overlaps = _overlaps(one.xyxy[index], other.xyxy)
        overlaps[~free | (other.class_id != one.class_id[index])] = 0
        if len(overlaps) and overlaps.max() >= _SAME_IOU:
            chosen[row] = overlaps.argmax()
            free[chosen[row]] = False
    return chosen


def _overlaps(box: FloatArray, others: FloatArray) -> FloatArray:
    """Return intersection over union of one box with each of the others."""
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    both = np.prod(np.clip(high - low, 0, None), axis=1)
    union = np.prod(others[:, 2:] - others[:, :2], axis=1) + np.prod(box[2:] - box[:2]) - both
    return np.asarray(both / np.maximum(union, 1e-9), np.float32)
