from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatwall.counting.polygon import Polygon
from heatwall.counting.segment import distance
from heatwall.simulator.truth import inside_polygon

SQUARE = [(0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8)]
HORSESHOE = [(0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.6, 0.8), (0.6, 0.4), (0.4, 0.4), (0.4, 0.8),
             (0.2, 0.8)]  # fmt: skip
WHOLE = [(0, 0), (1, 0), (1, 1), (0, 1)]


@pytest.mark.parametrize(
    ("corners", "says"),
    [
        ([], "^the polygon has 0 corners .allowed: 3 to 100 corners in order round the edge"),
        ([(0.1, 0.1), (0.9, 0.9)], "^the polygon has 2 corners"),
        ([(0.1, 0.1), (1.2, 0.5), (0.5, 0.9)], r"has the corner \[1.2, 0.5\], which is not norm"),
        ([(0.2, 0.2), (0.8, 0.8), (0.8, 0.2), (0.2, 0.8)], "^the polygon crosses itself"),
    ],
)
def test_what_is_no_polygon_is_refused_with_the_reason(
    corners: list[tuple[float, float]], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        Polygon(corners)


def test_a_first_corner_repeated_at_the_end_is_no_fault() -> None:
    assert Polygon([*SQUARE, SQUARE[0]]).corners == tuple(SQUARE)


def test_the_notch_of_a_horseshoe_is_outside() -> None:
    polygon = Polygon(HORSESHOE)

    assert not polygon.contains(0.5, 0.6)
    assert polygon.contains(0.5, 0.3)
    assert polygon.contains(0.3, 0.6)
    assert polygon.contains(0.7, 0.6)


def test_zones_side_by_side_share_nobody_and_lose_nobody() -> None:
    left = Polygon([(0.2, 0.2), (0.5, 0.2), (0.5, 0.8), (0.2, 0.8)])
    right = Polygon([(0.5, 0.2), (0.8, 0.2), (0.8, 0.8), (0.5, 0.8)])

    assert [left.contains(0.5, 0.5), right.contains(0.5, 0.5)] == [False, True]


@pytest.mark.parametrize("foot", [(0, 0), (1, 0), (1, 1), (0, 1), (0.5, 1), (1, 0.5), (0.5, 0)])
def test_feet_at_the_pictures_border_are_in_a_zone_that_reaches_there(
    foot: tuple[float, float],
) -> None:
    polygon = Polygon(WHOLE)

    assert polygon.contains(*foot)
    assert polygon.is_clear(*foot, 0.1, 0.1)


def test_feet_beyond_the_picture_are_in_no_zone() -> None:
    assert not Polygon(WHOLE).contains(0.5, 1.001)


def test_a_path_through_a_horseshoe_is_cut_four_times() -> None:
    cuts = Polygon(HORSESHOE).crossings((0.0, 0.6), (1.0, 0.6))

    assert cuts == pytest.approx([0.2, 0.4, 0.6, 0.8])


def test_a_margin_differs_across_and_down() -> None:
    polygon = Polygon(SQUARE)

    assert polygon.is_clear(0.3, 0.5, 0.09, 0.29)
    assert not polygon.is_clear(0.3, 0.5, 0.11, 0.01)
    assert not polygon.is_clear(0.5, 0.3, 0.01, 0.11)
    assert polygon.is_clear(0.5, 0.1, 0.09, 0.09)


coordinate = st.integers(0, 20).map(lambda step: step / 20)


@settings(deadline=None)
@given(st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=7), st.integers(0, 99))
def test_any_polygon_that_is_taken_contains_what_the_truths_own_rule_says(
    corners: list[tuple[float, float]], seed: int
) -> None:
    try:
        polygon = Polygon(corners)
    except ValueError:
        return
    points = np.random.default_rng(seed).random((20, 2))

    expected = inside_polygon(polygon.corners, points)

    assert [polygon.contains(x, y) for x, y in points.tolist()] == expected.tolist()


@settings(deadline=None)
@given(st.tuples(coordinate, coordinate), st.tuples(coordinate, coordinate))
def test_a_path_cuts_the_border_an_odd_number_of_times_when_it_changes_sides(
    start: tuple[float, float], end: tuple[float, float]
) -> None:
    polygon = Polygon([(0.213, 0.107), (0.811, 0.333), (0.517, 0.487), (0.771, 0.913), (0.1, 0.8)])

    has_changed = polygon.contains(*start) != polygon.contains(*end)

    assert len(polygon.crossings(start, end)) % 2 == has_changed


def test_the_distance_from_a_segment_is_that_from_its_nearest_point() -> None:
    assert distance(0.5, 0.2, (0.2, 0.5), (0.8, 0.5)) == pytest.approx(0.3)
    assert distance(0.1, 0.5, (0.2, 0.5), (0.8, 0.5)) == pytest.approx(0.1)
    assert distance(0.1, 0.5, (0.2, 0.5), (0.8, 0.5), unit_x=0.05) == pytest.approx(2)
