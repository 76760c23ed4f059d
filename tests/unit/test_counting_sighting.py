from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from heatwall.counting.sighting import sightings
from support.tracks import tracks_at


def test_a_sighting_is_the_bottom_centre_of_its_box() -> None:
    (seen,) = sightings(tracks_at(1.0, {7: (0.5, 0.75)}))

    assert (seen.track_id, seen.class_id) == (7, 0)
    assert (seen.x, seen.y) == pytest.approx((0.5, 0.75))


def test_a_larger_box_must_get_farther_away_and_the_smallest_by_some_pixels() -> None:
    tracks = tracks_at(1.0, {1: (0.5, 0.5), 2: (0.5, 0.5), 3: (0.5, 0.5)})
    boxes = np.array([[0.4, 0.1, 0.6, 0.9], [0.45, 0.3, 0.55, 0.7], [0.5, 0.5, 0.5, 0.5]])

    large, middle, point = sightings(replace(tracks, xyxy=boxes.astype(np.float32)))

    assert large.margin_x == pytest.approx(2 * middle.margin_x)
    assert large.margin_y == pytest.approx(2 * middle.margin_y)
    assert point.margin_x == point.margin_y == 0.005


def test_boxes_without_a_place_are_left_out() -> None:
    tracks = tracks_at(1.0, {1: (math.nan, 0.5), 2: (0.5, 0.5), 3: (0.5, math.inf)})

    assert [seen.track_id for seen in sightings(tracks)] == [2]


def test_a_track_is_known_since_it_began_unless_that_is_in_the_future_or_unknown() -> None:
    tracks = tracks_at(5.0, {1: (0.1, 0.5), 2: (0.2, 0.5), 3: (0.3, 0.5)})

    with_begun = replace(tracks, begun_s=np.array([4.5, math.nan, 9.0]))

    assert [seen.begun_s for seen in sightings(with_begun)] == [4.5, None, None]
    assert [seen.begun_s for seen in sightings(tracks)] == [None, None, None]
