"""Frames in the model's picture."""

from __future__ import annotations

import numpy as np
import pytest

from heatwall.analysis.letterbox import PAD, lay, place


def test_a_frame_is_padded_evenly_to_the_stride() -> None:
    placed = place(320, 180, 32, None)

    assert (placed.width, placed.height) == (320, 192)
    assert (placed.left, placed.top) == (0, 6)
    assert (placed.shown_width, placed.shown_height) == (320, 180)


@pytest.mark.parametrize(
    ("frame", "fixed", "shown"),
    [
        ((320, 180), (320, 320), (320, 180)),
        ((320, 240), (192, 320), (256, 192)),
        ((640, 360), (320, 320), (320, 180)),
        ((100, 50), (320, 320), (100, 50)),
        ((4, 4000), (320, 320), (1, 320)),
    ],
)
def test_a_frame_is_scaled_only_if_the_one_shape_is_too_small(
    frame: tuple[int, int], fixed: tuple[int, int], shown: tuple[int, int]
) -> None:
    placed = place(*frame, 32, fixed)

    assert (placed.height, placed.width) == fixed
    assert (placed.shown_width, placed.shown_height) == shown
    assert abs(placed.left * 2 + shown[0] - fixed[1]) <= 1
    assert abs(placed.top * 2 + shown[1] - fixed[0]) <= 1


def test_pixels_lie_where_the_placement_says_and_the_rest_stays_grey() -> None:
    frame = np.full((180, 320, 3), 7, np.uint8)
    placed = place(320, 180, 32, None)
    batch = np.full((2, 192, 320, 3), PAD, np.uint8)

    lay([frame, frame + 1], placed, batch)

    assert (batch[0, 6:186] == 7).all()
    assert (batch[1, 6:186] == 8).all()
    assert (batch[:, :6] == PAD).all()
    assert (batch[:, 186:] == PAD).all()


def test_boxes_come_back_in_parts_of_the_frame() -> None:
    placed = place(320, 240, 32, (192, 320))
    whole = np.array([[32, 0, 288, 192], [160, 96, 400, 500]], np.float32)

    assert placed.normalised(whole).tolist() == [[0, 0, 1, 1], [0.5, 0.5, 1, 1]]
