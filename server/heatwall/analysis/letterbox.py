"""Frames laid into the one shape that a model takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from heatwall.values import ByteArray, FloatArray

PAD = 114
"""Grey that Ultralytics pads with in training."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a frame lies in the model's picture, all in pixels.

    Attributes:
        width: Of the model's picture.
        height: Of the model's picture.
        left: First column of the frame.
        top: First row of the frame.
        shown_width: Columns that the frame takes: its own, or fewer where it had to be scaled.
        shown_height: Rows that the frame takes.
    """

    width: int
    height: int
    left: int
    top: int
    shown_width: int
    shown_height: int

    def normalised(self, xyxy: FloatArray) -> FloatArray:
        """Return boxes (n, 4), pixels of the model's picture, in parts of the frame from 0 to 1."""
        moved = xyxy - np.array([self.left, self.top] * 2, np.float32)
        size = np.array([self.shown_width, self.shown_height] * 2, np.float32)
        return np.asarray(np.clip(moved / size, 0, 1), np.float32)


def place(width: int, height: int, stride: int, fixed: tuple[int, int] | None) -> Placement:
    """Return where a frame of this size lies: in the middle, and scaled only if it does not fit.

    Args:
        width: Of the frame, pixels.
        height: Of the frame, pixels.
        stride: Sides of the model's picture are multiples of it.
        fixed: The only (height, width) that the model takes; None for whatever holds the frame.
    """
    if fixed is None:
        fixed = (-(-height // stride) * stride, -(-width // stride) * stride)
    ratio = min(1.0, fixed[0] / height, fixed[1] / width)
    shown_width = max(1, min(fixed[1], round(width * ratio)))
    shown_height = max(1, min(fixed[0], round(height * ratio)))
    return Placement(
        width=fixed[1],
        height=fixed[0],
        left=(fixed[1] - shown_width) // 2,
        top=(fixed[0] - shown_height) // 2,
        shown_width=shown_width,
        shown_height=shown_height,
    )


def lay(frames: Sequence[ByteArray], placement: Placement, batch: ByteArray) -> None:
    """Copy frames of one size into a batch, whose margins are grey already.

    Args:
        frames: uint8 (height, width, 3), as many as the batch has.
        placement: Where they go.
        batch: uint8 (n, height, width, 3), written to.
    """
    rows = slice(placement.top, placement.top + placement.shown_height)
    columns = slice(placement.left, placement.left + placement.shown_width)
    size = (placement.shown_width, placement.shown_height)
    for image, frame in zip(batch, frames, strict=True):
        if frame.shape[:2] == size[::-1]:
            image[rows, columns] = frame
        else:
            image[rows, columns] = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
