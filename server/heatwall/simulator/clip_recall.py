"""How many people of a clip a model finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import av
import numpy as np
import numpy.typing as npt

from heatwall.simulator.clips import Clip
from heatwall.simulator.scene import PERSON
from heatwall.simulator.truth import Thing, load_truth
from heatwall.values import ByteArray, Detections

Detect = Callable[[ByteArray], Detections]
"""Finds things in one detect frame, uint8 (h, w, 3) BGR."""

LEAST_VISIBLE = 0.5
"""A person of whom less is visible need not be found."""

_KNOWN_VISIBLE = 0.1
"""A find that matches a person of whom at least this is visible is not false."""

_OVERLAP = 0.5
"""Intersection over union from which on two boxes are the same thing."""


@dataclass(frozen=True, slots=True)
class Recall:
    """The finds in one clip.

    Attributes:
        people: People that had to be found, summed over the frames that were looked at.
        found: How many of them were found.
        finds: Everything that was taken for a person.
        false: Finds where there is no person.
    """

    people: int
    found: int
    finds: int
    false: int

    @property
    def recall(self) -> float:
        """Share of people that were found, 0 to 1."""
        return self.found / max(1, self.people)

    @property
    def precision(self) -> float:
        """Share of finds that are people, 0 to 1."""
        return 1 - self.false / max(1, self.finds)


def overlaps(
    first: npt.NDArray[np.float64], second: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Intersection over union of every box of (n, 4) with every box of (m, 4): (n, m)."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = np.prod(np.maximum(0, high - low), axis=2)
    sizes = [np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (first, second)]
    return np.asarray(shared / np.maximum(1e-12, sizes[0][:, None] + sizes[1][None] - shared))


def match_frame(things: tuple[Thing, ...], finds: npt.NDArray[np.float64]) -> Recall:
    """Compare the finds of one frame, float64 (n, 4) xyxy 0-1, with its truth.

    Pairs are taken in the order of their overlap, each person and each find once.
    """
    people = [thing for thing in things if thing.kind == PERSON]
    known = [thing for thing in people if thing.visible >= _KNOWN_VISIBLE]
    needed = sum(thing.visible >= LEAST_VISIBLE for thing in known)
    if not known or not len(finds):
        return Recall(needed, 0, len(finds), len(finds))
    shared = overlaps(np.array([thing.whole for thing in known]), finds)
    found, matched = 0, 0
    while shared.max() >= _OVERLAP:
        row, column = np.unravel_index(int(shared.argmax()), shared.shape)
        found += known[int(row)].visible >= LEAST_VISIBLE
        matched += 1
        shared[row, :] = shared[:, column] = 0
    return Recall(needed, found, len(finds), len(finds) - matched)


def clip_recall(detect: Detect, clip: Clip, size: tuple[int, int], every: int = 5) -> Recall:
    """Run a detector over a clip, scaled down as the run time does it.

    Args:
        detect: The detector.
        clip: The clip with its truth.
        size: Width and height of the detect frame.
        every: Look at every n-th frame.
    """
    truth = load_truth(clip.truth_path)
    total = np.zeros(4, int)
    with av.open(str(clip.path)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number % every:
                continue
            small = frame.reformat(*size, format="bgr24", interpolation="BILINEAR").to_ndarray()
            seen = detect(np.asarray(small, np.uint8))
            finds = seen.xyxy[seen.class_id == PERSON].astype(np.float64)
            part = match_frame(truth.frames[number], finds)
            total += (part.people, part.found, part.finds, part.false)
    return Recall(*(int(figure) for figure in total))
