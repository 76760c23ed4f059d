"""How far two models' detections are apart."""

from __future__ import annotations

import pytest

from heatwall.export.comparison import EXACT, HALF, compare
from support.detections import detections

ONE = (0.1, 0.1, 0.2, 0.4, 0.8, 0)
TWO = (0.5, 0.5, 0.6, 0.8, 0.6, 0)


def test_the_same_detections_match_in_any_order() -> None:
    found = compare([detections(ONE, TWO)], [detections(TWO, ONE)], (100, 100))

    assert (found.original, found.exported, found.matched) == (2, 2, 1.0)
    assert (found.confidence, found.box_px) == (0, 0)
    assert found.is_within(EXACT)


def test_one_that_is_missing_or_too_much_or_of_another_class_does_not_match() -> None:
    for other in (detections(ONE), detections(ONE, (*TWO[:5], 1))):
        both_ways = (
            compare([detections(ONE, TWO)], [other], (100, 100)),
            compare([other], [detections(ONE, TWO)], (100, 100)),
        )
        for found in both_ways:
            assert found.matched < 0.7
            assert not found.is_within(HALF)


def test_no_detection_stands_for_two() -> None:
    found = compare([detections(ONE, ONE)], [detections(ONE)], (100, 100))

    assert found.matched == pytest.approx(2 / 3)


def test_a_match_may_be_just_below_the_limit() -> None:
    found = compare(
        [detections((*ONE[:4], 0.26, 0))], [detections((*ONE[:4], 0.24, 0))], (100, 100)
    )

    assert (found.original, found.exported, found.matched) == (1, 0, 1.0)
    assert found.confidence == pytest.approx(0.02, abs=1e-6)


def test_differences_of_boxes_and_confidence_are_told() -> None:
    moved = (0.101, 0.1, 0.2, 0.402, 0.7, 0)

    found = compare([detections(ONE)], [detections(moved)], (640, 360))

    assert found.matched == 1
    assert found.box_px == pytest.approx(0.72, abs=0.01)
    assert found.confidence == pytest.approx(0.1, abs=1e-6)
    assert not found.is_within(HALF)


def test_nothing_found_by_both_is_no_difference() -> None:
    found = compare([detections()], [detections()], (640, 360))

    assert (found.original + found.exported, found.matched) == (0, 1.0)
