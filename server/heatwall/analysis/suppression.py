"""From a model's raw output to detections."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from heatwall.analysis.letterbox import Placement
from heatwall.values import Detections, FloatArray

_ROW = 6
"""Numbers of a finished detection: left, top, right, bottom, score, class."""

_MOST_CANDIDATES = 30_000
"""Best candidates of a frame that non-maximum suppression looks at, as Ultralytics has it."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What is kept of a model's output.

    Attributes:
        confidence: Scores above it.
        iou: Overlap from which the weaker of two boxes of a class goes.
        max_det: Most detections a frame.
        is_final: Whether the model itself has chosen: an end-to-end head, or an export with
            suppression built in.
    """

    confidence: float
    iou: float
    max_det: int
    is_final: bool


def select(output: Any, selection: Selection, placement: Placement, torch: Any) -> list[Detections]:
    """Return the detections of each frame of a batch.

    On a GPU one copy brings the candidates of all frames over; suppression is then done on the
    CPU, where a few hundred boxes cost less than the launches of its kernels.

    Args:
        output: A tensor: (n, 4 + classes, anchors) with centres and sizes, or (n, boxes, 6) of
            finished detections.
        selection: What to keep.
        placement: Where the frames lie in the model's picture.
        torch: The library.
    """
    if selection.is_final or output.shape[-1] == _ROW:
        per_frame = _final(output.float().cpu().numpy(), selection)
    else:
        per_frame = _suppressed(output, selection, torch)
    return [
        Detections(
            xyxy=placement.normalised(rows[:, :4]),
            confidence=rows[:, 4].astype(np.float32),
            class_id=rows[:, 5].astype(np.int32),
        )
        for rows in per_frame
    ]


def _final(rows: FloatArray, selection: Selection) -> list[FloatArray]:
    return [frame[frame[:, 4] > selection.confidence][: selection.max_det, :_ROW] for frame in rows]


def _suppressed(raw: Any, selection: Selection, torch: Any) -> list[FloatArray]:
    """Return rows of six by frame, after non-maximum suppression within each class.

    By OpenCV, since importing torchvision takes 160 MB, most of it PyTorch's compiler.
    """
    best = raw[:, 4:].amax(1)
    frame, anchor = (best > selection.confidence).nonzero(as_tuple=True)
    picked = raw.transpose(1, 2)[frame, anchor].float()
    # One array, so that one copy brings everything over.
    picked = torch.cat((picked, frame[:, None].float()), 1).cpu()
    score, kind = picked[:, 4:-1].max(1)
    half = picked[:, 2:4] / 2
    xyxy = torch.cat((picked[:, :2] - half, picked[:, :2] + half), 1)
    rows = torch.cat((xyxy, score[:, None], kind[:, None].float()), 1)
    kept = []
    bounds = np.searchsorted(picked[:, -1].numpy(), np.arange(len(raw) + 1))
    for first, end in pairwise(bounds):
        own = rows[first:end].numpy()
        if len(own) > _MOST_CANDIDATES:
            own = own[np.argsort(-own[:, 4], kind="stable")[:_MOST_CANDIDATES]]
        kept.append(own[_best(own, selection.iou)[: selection.max_det]])
    return kept


def _best(rows: FloatArray, iou: float) -> npt.NDArray[np.intp]:
    """Return which of the rows of one frame stay, the most certain first."""
    if not len(rows):
        return np.zeros(0, np.intp)
    boxes: Any = rows[:, :4].astype(np.float64)
    boxes[:, 2:] -= boxes[:, :2]  # OpenCV wants width and height
    classes: Any = rows[:, 5].astype(np.int32)
    scores: Any = rows[:, 4]  # arrays do as well as the lists that its types ask for
    stay = cv2.dnn.NMSBoxesBatched(boxes, scores, classes, 0.0, iou)
    return np.asarray(stay, np.intp)
