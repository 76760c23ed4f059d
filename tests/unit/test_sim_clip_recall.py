from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from heatwall.simulator.clip_recall import Recall, clip_recall, match_frame, overlaps
from heatwall.simulator.clips import ensure_clips
from heatwall.simulator.truth import Thing, load_truth
from heatwall.values import ByteArray, Detections

Box = tuple[float, float, float, float]
LEFT: Box = (0.1, 0.1, 0.3, 0.5)
RIGHT: Box = (0.6, 0.1, 0.8, 0.5)


def person(box: Box, visible: float = 1.0, kind: int = 0) -> Thing:
    return Thing(1, kind, box, (0.2, 0.5), visible, box)


def boxes(*rows: Box) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.array(rows, np.float64).reshape(-1, 4)


def test_overlap_is_one_for_equal_boxes_and_zero_for_distant_ones() -> None:
    shared = overlaps(boxes(LEFT), boxes(LEFT, RIGHT))
    assert shared[0] == pytest.approx([1.0, 0.0])


def test_one_find_stands_for_one_person() -> None:
    twins = (person(LEFT), person(LEFT))
    assert match_frame(twins, boxes(LEFT)) == Recall(2, 1, 1, 0)
    assert match_frame((person(LEFT),), boxes(LEFT, LEFT)) == Recall(1, 1, 2, 1)


def test_a_find_where_nobody_is_is_false() -> None:
    assert match_frame((person(LEFT),), boxes(RIGHT)) == Recall(1, 0, 1, 1)
    assert match_frame((), boxes(RIGHT)) == Recall(0, 0, 1, 1)


def test_a_hardly_visible_person_need_not_be_found_and_is_no_false_find() -> None:
    assert match_frame((person(LEFT, 0.3),), boxes(LEFT)) == Recall(0, 0, 1, 0)
    assert match_frame((person(LEFT, 0.3),), boxes()) == Recall(0, 0, 0, 0)


def test_a_cart_is_no_person() -> None:
    assert match_frame((person(LEFT, kind=1),), boxes(LEFT)) == Recall(0, 0, 1, 1)


def test_shares_are_of_people_and_of_finds() -> None:
    figures = Recall(people=10, found=8, finds=5, false=1)
    assert figures.recall == pytest.approx(0.8)
    assert figures.precision == pytest.approx(0.8)


def test_a_detector_that_knows_the_truth_finds_everybody_in_a_clip(tmp_path: Path) -> None:
    (clip,) = ensure_clips(1, directory=tmp_path, loop_s=1.0, width=320, height=180, fps=5)
    frames = iter(load_truth(clip.truth_path).frames)

    def detect(picture: ByteArray) -> Detections:
        assert picture.shape == (90, 160, 3)
        things = next(frames)
        return Detections(
            np.array([thing.box for thing in things], np.float32),
            np.ones(len(things), np.float32),
            np.array([thing.kind for thing in things], np.int32),
        )

    figures = clip_recall(detect, clip, (160, 90), every=1)
    assert figures.people > 10
    assert figures.recall == 1.0
