from __future__ import annotations

import math

import numpy as np
import pytest

from heatwall.feet import PersonSize
from heatwall.stance import standing
from heatwall.values import Tracks

ASPECT = 16 / 9


class Camera:
    """A pinhole camera above a floor, looking down."""

    def __init__(self, pitch_deg: float, view_deg: float = 75.0, height_m: float = 3.0) -> None:
        self._pitch = math.radians(pitch_deg)
        self._focal = ASPECT / 2 / math.tan(math.radians(view_deg) / 2)
        self._height_m = height_m

    def seen(self, x_m: float, y_m: float, z_m: float) -> tuple[float, float]:
        """Project a point, x right, y ahead, z up in metres; returns normalised x and y."""
        down = self._height_m - z_m
        ahead = y_m * math.cos(self._pitch) + down * math.sin(self._pitch)
        below = down * math.cos(self._pitch) - y_m * math.sin(self._pitch)
        return 0.5 + self._focal * x_m / ahead / ASPECT, 0.5 + self._focal * below / ahead

    def person(self, x_m: float, y_m: float) -> tuple[float, float, float, float]:
        """Return the box around somebody 1.7 m high and half a metre wide."""
        corners = [self.seen(x_m + side, y_m, z_m) for side in (-0.25, 0.25) for z_m in (0, 1.7)]
        across, rows = zip(*corners, strict=True)
        return min(across), min(rows), max(across), max(rows)


def tracks_of(boxes: list[tuple[float, float, float, float]], time_s: float = 0.0) -> Tracks:
    count = len(boxes)
    return Tracks(
        time_s=time_s,
        track_id=np.arange(1, count + 1, dtype=np.int32),
        xyxy=np.array(boxes, np.float32).reshape(count, 4),
        confidence=np.ones(count, np.float32),
        class_id=np.zeros(count, np.int32),
    )


def taught(camera: Camera) -> PersonSize:
    size = PersonSize()
    places = [(x, y) for x in (-1.0, 0.0, 1.0) for y in (5.0, 6.0, 7.0, 8.0, 10.0)]
    for look in range(30):
        size.learn(tracks_of([camera.person(*place) for place in places], look * 0.6))
    return size


@pytest.mark.parametrize("pitch_deg", [20.0, 24.0, 28.0])
def test_people_beside_the_middle_stand_nearer_to_it_than_their_boxes(pitch_deg: float) -> None:
    camera = Camera(pitch_deg)
    size = taught(camera)
    for x_m in (-2.0, -1.0, 1.0, 2.0):
        box = camera.person(x_m, 6.0)
        feet = camera.seen(x_m, 6.0, 0.0)
        before = abs((box[0] + box[2]) / 2 - feet[0])

        found = standing(tracks_of([box]), size, ASPECT).foot[0]

        assert abs(found[0] - feet[0]) < 0.4 * before
        assert found[1] == pytest.approx(feet[1], abs=0.02)


def test_who_stands_in_the_middle_is_not_moved_sideways() -> None:
    camera = Camera(30.0)
    box = camera.person(0.0, 6.0)
    found = standing(tracks_of([box]), taught(camera), ASPECT)
    assert found.foot[0, 0] == pytest.approx(0.5, abs=1e-6)
    assert found.foot[0, 1] < box[3]


def test_a_level_camera_moves_nobody_sideways() -> None:
    camera = Camera(1.0, height_m=1.5)
    box = camera.person(2.0, 8.0)
    found = standing(tracks_of([box]), taught(camera), ASPECT)
    assert found.foot[0, 0] == pytest.approx((box[0] + box[2]) / 2, abs=1e-6)


def test_nobody_is_moved_sideways_before_sizes_are_learnt() -> None:
    box = (0.8, 0.3, 0.9, 0.6)
    found = standing(tracks_of([box]), PersonSize(), ASPECT)
    assert found.foot[0] == pytest.approx((0.85, 0.6 - 0.02 * 0.3), abs=1e-6)


def test_nobody_gives_nobody() -> None:
    assert len(standing(tracks_of([]), PersonSize(), ASPECT)) == 0


def test_shares_of_a_lens_that_is_wider_or_narrower_are_still_nearer() -> None:
    for view_deg in (60.0, 95.0):
        camera = Camera(28.0, view_deg)
        box, feet = camera.person(1.5, 6.0), camera.seen(1.5, 6.0, 0.0)
        before = abs((box[0] + box[2]) / 2 - feet[0])
        found = standing(tracks_of([box]), taught(camera), ASPECT).foot[0]
        assert abs(found[0] - feet[0]) < 0.7 * before


def test_boxes_that_can_not_be_stay_what_they_are() -> None:
    odd = [(math.nan, 0.1, 0.2, 0.3), (0.5, 0.6, 0.4, 0.2), (0.2, 0.2, math.inf, 0.9)]
    found = standing(tracks_of(odd), taught(Camera(28.0)), ASPECT)
    assert len(found) == 3
    assert not np.isfinite(found.xyxy[0]).all()
