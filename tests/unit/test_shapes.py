from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from heatwall.shapes import (
    MOST_CORNERS,
    SIDES,
    Point,
    area,
    check_inside,
    check_length,
    check_point,
    check_polygon,
    edges,
    open_ring,
    said_of,
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
        (((0, 0), (640, 0), (640, 480)), r"corner \[640, 0\], which .*: divide pixels"),
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


def lies_on(point: Point, segment: tuple[Point, Point]) -> bool:
    """Whether a point of the raster, whose numbers are exact, is one of a segment's."""
    (x, y), ((ax, ay), (bx, by)) = point, segment
    is_in_line = (bx - ax) * (y - ay) == (by - ay) * (x - ax)
    return is_in_line and min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by)


def have_a_point_in_common(first: tuple[Point, Point], second: tuple[Point, Point]) -> bool:
    """Solve the equations of both segments."""
    ((ax, ay), (bx, by)), ((cx, cy), (dx, dy)) = first, second
    across = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
    if across == 0:
        return any(lies_on(end, second) for end in first) or lies_on(second[0], first)
    along_first = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / across
    along_second = ((cx - ax) * (by - ay) - (cy - ay) * (bx - ax)) / across
    return 0 <= along_first <= 1 and 0 <= along_second <= 1


def is_simple(corners: tuple[Point, ...]) -> bool:
    """Whether edges meet at the corners between neighbours and nowhere else."""
    if len(corners) < 3 or len(set(corners)) < len(corners):
        return False
    ring = list(edges(corners))
    for (place, first), (other_place, second) in itertools.combinations(enumerate(ring), 2):
        if other_place - place not in (1, len(ring) - 1):
            if have_a_point_in_common(first, second):
                return False
        elif any(lies_on(end, second) for end in {*first} - {*second}) or any(
            lies_on(end, first) for end in {*second} - {*first}
        ):
            return False
    return True


@settings(deadline=None)
@given(st.lists(points, min_size=3, max_size=7))
@example([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])
@example([(0.0, 0.0), (1.0, 0.0), (0.5, 0.0), (0.5, 1.0)])
def test_a_polygon_is_taken_when_its_edges_meet_at_its_corners_alone(corners: list[Point]) -> None:
    ring = open_ring(corners)
    try:
        check_polygon(ring)
    except ValueError:
        assert not is_simple(ring)
    else:
        assert is_simple(ring)


def test_a_fault_is_said_of_whom_it_is_with_what_is_allowed() -> None:
    with pytest.raises(ValueError, match=r"^door makes no sense$"), said_of("door"):
        raise ValueError("makes no sense")
    with pytest.raises(ValueError, match=r"^it is shut \(allowed: open\)$"), said_of("it", "open"):
        raise ValueError("is shut")
