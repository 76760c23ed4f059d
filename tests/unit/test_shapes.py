from __future__ import annotations

import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from heatwall.counting.line import LineCounter, Side
from heatwall.counting.polygon import Polygon
from heatwall.shapes import (
    MOST_CORNERS,
    SIDES,
    Point,
    area,
    check_inside,
    check_length,
    check_point,
    check_polygon,
    open_ring,
)

SQUARE: tuple[Point, ...] = ((0.2, 0.2), (0.6, 0.2), (0.6, 0.6), (0.2, 0.6))
STAR: tuple[Point, ...] = ((0.1, 0.1), (0.5, 0.3), (0.9, 0.1), (0.5, 0.9))

on_a_raster = st.integers(0, 8).map(lambda place: place / 8)
points = st.tuples(on_a_raster, on_a_raster)


def circle(corners: int) -> tuple[Point, ...]:
    turns = [2 * math.pi * place / corners for place in range(corners)]
    return tuple((0.5 + 0.4 * math.cos(turn), 0.5 + 0.4 * math.sin(turn)) for turn in turns)


@pytest.mark.parametrize(
    ("point", "message"),
    [
        ((640, 0.5), "divide pixels by the picture's width and height"),
        ((0.5, 1.01), "divide pixels"),
        ((-0.1, 0.5), "outside of the picture"),
        ((math.nan, 0.5), "must be a number"),
        ((0.5, math.inf), "must be a number"),
    ],
)
def test_a_point_that_is_none_of_the_picture_is_refused(point: Point, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_point(point)


def test_the_border_belongs_to_the_picture() -> None:
    for point in ((0.0, 0.0), (1.0, 1.0), (0.0, 1.0)):
        check_point(point)


def test_a_line_needs_length() -> None:
    check_length((0.5, 0.5), (0.5, 0.502))
    for end in ((0.5, 0.5), (0.5, 0.5005)):
        with pytest.raises(ValueError, match="no length"):
            check_length((0.5, 0.5), end)


@pytest.mark.parametrize(
    ("end", "told", "not_told"),
    [
        ((0.9, 0.1), ("above", "below"), ("left", "right")),
        ((0.1, 0.9), ("left", "right"), ("above", "below")),
        ((0.9, 0.2), SIDES, ()),
    ],
)
def test_a_side_must_tell_one_side_of_a_line_from_the_other(
    end: Point, told: tuple[str, ...], not_told: tuple[str, ...]
) -> None:
    for inside in told:
        check_inside((0.1, 0.1), end, inside)
    for inside in not_told:
        with pytest.raises(ValueError, match="can't be told"):
            check_inside((0.1, 0.1), end, inside)


@pytest.mark.parametrize(
    "corners", [SQUARE, SQUARE[::-1], STAR, SQUARE[:3], circle(MOST_CORNERS)], ids=len
)
def test_a_simple_polygon_is_fine_either_way_round(corners: tuple[Point, ...]) -> None:
    check_polygon(corners)


@pytest.mark.parametrize(
    ("corners", "message"),
    [
        ((), "has 0 corners"),
        (SQUARE[:1], "has 1 corner$"),
        (SQUARE[:2], "has 2 corners"),
        (circle(MOST_CORNERS + 1), "has 101 corners"),
        (((0, 0), (1, 1), (1, 0), (0, 1)), r"edge \[0, 0\] to \[1, 1\] and edge \[1, 0\]"),
        (((0, 0), (0, 0), (1, 1)), r"corner \[0, 0\] twice in a row"),
        (((0, 0), (0.5, 0.5), (1, 1)), "turns back on itself"),
        (((0, 0), (1, 0), (0.5, 0), (0.5, 1)), r"turns back on itself at \[1, 0\]"),
        (((0, 0), (0.8, 0), (0.4, 0.4), (0.4, 0), (0.2, 0.4)), "crosses itself"),
        (((0, 0), (1, 0), (1, 1e-7)), "has no area|turns back"),
        (((0, 0), (640, 0), (640, 480)), "divide pixels"),
    ],
)  # fmt: skip
def test_a_polygon_that_means_nothing_is_refused(corners: tuple[Point, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_polygon(corners)


def test_a_first_corner_that_is_repeated_at_the_end_is_left_out() -> None:
    assert open_ring([*SQUARE, SQUARE[0]]) == SQUARE
    assert open_ring([*SQUARE[:3], SQUARE[0]]) == SQUARE[:3]
    assert open_ring(SQUARE) == SQUARE
    assert open_ring([]) == ()


def test_the_area_is_a_share_of_the_picture() -> None:
    assert area(SQUARE) == pytest.approx(0.16)
    assert area(SQUARE[::-1]) == pytest.approx(0.16)
    assert area(((0, 0), (1, 0), (1, 1), (0, 1))) == 1


@settings(deadline=None)
@given(st.lists(points, min_size=3, max_size=7))
@example([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])
def test_a_polygon_is_taken_here_when_counting_takes_it(corners: list[Point]) -> None:
    def is_taken_here() -> bool:
        try:
            check_polygon(open_ring(corners))
        except ValueError:
            return False
        return True

    def is_taken_there() -> bool:
        try:
            Polygon(corners)
        except ValueError:
            return False
        return True

    assert is_taken_here() == is_taken_there()


@settings(deadline=None)
@given(points, points, st.sampled_from(SIDES))
def test_a_line_is_taken_here_when_counting_takes_it(
    start: Point, end: Point, inside: Side
) -> None:
    def is_taken_here() -> bool:
        try:
            check_length(start, end)
            check_inside(start, end, inside)
        except ValueError:
            return False
        return True

    def is_taken_there() -> bool:
        try:
            LineCounter(start, end, inside)
        except ValueError:
            return False
        return True

    assert is_taken_here() == is_taken_there()
