from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from heatwall.analysis.per_camera import (
    CameraAnalysis,
    Findings,
    unknown_classes,
)
from heatwall.values import Detections
from support.tracks import ANALYSIS, detections_of

NAMES = {0: "person", 1: "cart"}
STANDING = (0.4, 0.3, 0.5, 0.8)


def watch(camera: CameraAnalysis, frames: Sequence[Detections], start_s: float = 0.0) -> Findings:
    """Show a camera frames at five a second; returns what the last one led to."""
    found: list[Findings] = []
    for step, detections in enumerate(frames):
        found.append(camera.update(detections, start_s + step * 0.2, (320, 180)))
    return found[-1]


def person_and_cart() -> Detections:
    return Detections(
        xyxy=np.array([STANDING, (0.7, 0.5, 0.9, 0.9)], np.float32),
        confidence=np.array([0.9, 0.9], np.float32),
        class_id=np.array([0, 1], np.int32),
    )


def test_only_the_wanted_classes_are_tracked_and_counted() -> None:
    camera = CameraAnalysis("door", ANALYSIS, NAMES)

    found = watch(camera, [person_and_cart()] * 3)

    assert found.counts == {"person": 1}
    assert len(found.tracks) == 1


def test_classes_may_be_named_by_number_and_none_means_all() -> None:
    carts = CameraAnalysis("door", replace(ANALYSIS, classes=(1,)), NAMES)
    everything = CameraAnalysis("door", replace(ANALYSIS, classes=None), NAMES)

    only = watch(carts, [person_and_cart()] * 3)
    both = watch(everything, [person_and_cart()] * 3)

    assert only.counts == {"cart": 1}
    assert both.counts == {"person": 1, "cart": 1}


def test_the_heat_is_at_the_feet_and_its_status_is_true_to_it() -> None:
    camera = CameraAnalysis("door", ANALYSIS, NAMES)

    found = watch(camera, [detections_of([STANDING])] * 60)

    levels = np.frombuffer(found.overlay.levels, np.uint8).reshape(45, 80)
    row, column = np.unravel_index(int(levels.argmax()), levels.shape)
    assert abs(int(row) - 0.8 * 45) <= 1
    assert abs(int(column) - 0.45 * 80) <= 1
    assert found.heat.scale == 0.25
    # 12 s of standing with a half-life of 30 s: 1 - 2^(-12/30) = 0.24.
    assert found.heat.peak == pytest.approx(0.24, abs=0.03)
    assert found.heat.legend[0].alpha == 0


def test_a_trail_follows_the_feet_and_forgets_what_is_old() -> None:
    camera = CameraAnalysis("door", ANALYSIS, NAMES)

    places = [0.1 + 0.005 * step for step in range(60)]
    found = watch(camera, [detections_of([(x, 0.3, x + 0.1, 0.8)]) for x in places])

    trail = found.overlay.tracks[0].trail
    assert 15 <= len(trail) <= 21
    assert trail[0][0] < trail[-1][0]


def test_heat_stays_over_a_gap_while_tracks_get_new_ids() -> None:
    camera = CameraAnalysis("door", ANALYSIS, NAMES)
    before = watch(camera, [detections_of([STANDING])] * 10)

    camera.gap()
    after = watch(camera, [detections_of([STANDING])] * 3, start_s=5)

    assert max(after.overlay.levels) >= max(before.overlay.levels) * 0.9
    assert before.tracks.track_id.tolist() == [1]
    assert after.tracks.track_id.tolist() == [2]


def test_an_empty_picture_lets_the_heat_fade() -> None:
    camera = CameraAnalysis(
        "door",
        replace(ANALYSIS, half_lives_s=(2.0,), style=replace(ANALYSIS.style, shown_s=2.0)),
        NAMES,
    )
    hot = watch(camera, [detections_of([STANDING])] * 20)

    cold = watch(camera, [detections_of([])] * 40, start_s=4)

    assert cold.heat.peak < hot.heat.peak / 8
    assert cold.counts == {}


def test_classes_that_the_model_does_not_know_are_found() -> None:
    assert unknown_classes(("person", "dog", 7, 1), NAMES) == ["dog", 7]
    assert unknown_classes(None, NAMES) == []
