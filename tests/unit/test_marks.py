from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatwall.marks import AnyMark, Drawing, LineMark, Mark, ZoneMark
from heatwall.overlay import Planes
from heatwall.values import ByteArray

SQUARE = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))


def grey(width: int = 640, height: int = 360, luma: int = 100) -> Planes:
    return (
        np.full((height, width), luma, np.uint8),
        np.full((height // 2, width // 2), 128, np.uint8),
        np.full((height // 2, width // 2), 128, np.uint8),
    )


def drawn(*marks: AnyMark, planes: Planes | None = None, line_width: int = 2) -> Planes:
    planes = planes or grey()
    height, width = planes[0].shape
    Drawing(marks, width, height, line_width).draw(planes)
    return planes


def changed(planes: Planes) -> ByteArray:
    """1 where luma is no longer that of `grey`."""
    marked: ByteArray = np.not_equal(planes[0], 100).astype(np.uint8)
    return marked


def test_a_box_is_drawn_at_its_place_in_all_planes() -> None:
    planes = drawn(Mark((0.25, 0.25, 0.75, 0.75), "", 0, (), has_box=True))

    assert planes[0][90, 320] != 100
    assert planes[1][45, 160] != 128
    assert planes[0][180, 320] == 100


def test_nothing_asked_for_draws_nothing() -> None:
    assert not changed(drawn(Mark((0.25, 0.25, 0.75, 0.75), "", 0, (), has_box=False))).any()


def test_a_trail_joins_its_points() -> None:
    planes = drawn(Mark((0, 0, 0, 0), "", 0, ((0.1, 0.5), (0.9, 0.5)), has_box=False))

    assert np.all(changed(planes)[179:181, 100:500].max(axis=0))


def test_classes_are_told_apart_by_colour() -> None:
    colors = set()
    for class_id in range(6):
        planes = drawn(Mark((0.25, 0.25, 0.75, 0.75), "", class_id, (), has_box=True))
        colors.add(tuple(int(plane[plane.shape[0] // 4, plane.shape[1] // 2]) for plane in planes))
    assert len(colors) == 6


@pytest.mark.parametrize("xyxy", [(0, 0, 0.1, 0.1), (0.99, 0.99, 1, 1), (-3, -3, 9, 9)])
def test_a_label_at_any_edge_is_drawn_whole(xyxy: tuple[float, float, float, float]) -> None:
    there = drawn(Mark(xyxy, "person 12 0.93", 1, (), has_box=False))
    middle = drawn(Mark((0.4, 0.4, 0.6, 0.6), "person 12 0.93", 1, (), has_box=False))

    assert changed(there).sum() == changed(middle).sum()


@pytest.mark.parametrize(
    ("inside", "ahead"),
    [("above", (0, -1)), ("below", (0, 1)), ("left", (-1, 0)), ("right", (1, 0))],
)
@pytest.mark.parametrize("is_reversed", [False, True])
def test_the_arrow_of_a_line_points_to_its_inside(
    inside: str, ahead: tuple[int, int], is_reversed: bool
) -> None:
    ends = (
        [(0.3, 0.45), (0.7, 0.55)] if inside in ("above", "below") else [(0.48, 0.2), (0.52, 0.8)]
    )
    if is_reversed:
        ends.reverse()

    marked = changed(drawn(LineMark(ends[0], ends[1], inside, "")))

    # The middle of the line is that of the picture; 15 px to the inside there is the arrow's head.
    x, y = 320 + 15 * ahead[0], 180 + 15 * ahead[1]
    assert marked[y - 4 : y + 5, x - 4 : x + 5].any()
    x, y = 320 - 15 * ahead[0], 180 - 15 * ahead[1]
    assert not marked[y - 4 : y + 5, x - 4 : x + 5].any()


def test_the_text_of_a_line_stands_behind_its_arrow() -> None:
    above = changed(drawn(LineMark((0.2, 0.5), (0.8, 0.5), "below", "door: in 3")))
    below = changed(drawn(LineMark((0.2, 0.5), (0.8, 0.5), "above", "door: in 3")))

    assert above[162:174, 290:350].mean() > 0.9
    assert not above[205:].any()
    assert below[188:200, 290:350].mean() > 0.9
    assert not below[:155].any()


def test_a_line_without_such_an_inside_has_no_arrow() -> None:
    marked = changed(drawn(LineMark((0.2, 0.5), (0.8, 0.5), "left", "")))

    assert marked.any()
    assert not marked[:174].any()
    assert not marked[186:].any()


@pytest.mark.parametrize("luma", [16, 100, 235])
def test_lines_and_zones_stand_out_on_any_floor(luma: int) -> None:
    mark = LineMark((0.1, 0.5), (0.9, 0.5), "below", "")
    planes = drawn(mark, ZoneMark(SQUARE, ""), planes=grey(luma=luma))

    for strip in (planes[0][170:190, 200].astype(int), planes[0][80:100, 320].astype(int)):
        assert strip.max() - strip.min() > 100


def test_a_zone_is_an_outline_and_its_inside_is_left_alone() -> None:
    marked = changed(drawn(ZoneMark(SQUARE, "")))

    for row, column in ((90, 320), (269, 320), (180, 160), (180, 479)):
        assert marked[row - 1 : row + 2, column - 1 : column + 2].any()
    assert not marked[100:260, 170:470].any()


def test_the_text_of_a_zone_stands_above_its_top() -> None:
    bare, titled = drawn(ZoneMark(SQUARE, "")), drawn(ZoneMark(SQUARE, "queue: 4"))

    rows, columns = np.nonzero(bare[0] != titled[0])
    assert 60 < rows.min() < rows.max() < 90
    assert abs((columns.min() + columns.max()) / 2 - 320) < 4


def test_counts_stand_over_the_labels_of_people() -> None:
    zone, person = (
        ZoneMark(SQUARE, "queue: 4"),
        Mark((0.5, 0.24, 0.6, 0.9), "person 1", 0, (), False),
    )

    both = drawn(zone, person)[0]
    alone = drawn(zone)[0]

    rows, columns = np.nonzero(drawn(ZoneMark(SQUARE, ""))[0] != alone)
    plate = (slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1))
    assert np.array_equal(both[plate], alone[plate])


def test_lines_are_as_wide_as_was_asked_for() -> None:
    mark = Mark((0.2, 0.2, 0.8, 0.8), "", 0, (), has_box=True)
    widths = [int(changed(drawn(mark, line_width=wide))[50:95, 320].sum()) for wide in (1, 3, 5, 9)]

    # OpenCV makes some lines up to two pixels wider.
    assert all(0 <= width - asked <= 2 for width, asked in zip(widths, (1, 3, 5, 9), strict=True))


coordinates = st.tuples(st.floats(-2, 3), st.floats(-2, 3))


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from([(64, 64), (2, 2), (202, 360), (640, 360), (16, 300)]),
    coordinates,
    coordinates,
    st.lists(coordinates, min_size=3, max_size=6),
    st.sampled_from(["above", "below", "left", "right"]),
    st.text(max_size=60),
    st.integers(1, 20),
)
def test_anything_can_be_drawn_into_pictures_of_any_size(
    size: tuple[int, int],
    start: tuple[float, float],
    end: tuple[float, float],
    polygon: list[tuple[float, float]],
    inside: str,
    text: str,
    line_width: int,
) -> None:
    planes = grey(*size)

    drawn(
        Mark((*start, *end), text, 7, polygon, has_box=True),
        LineMark(start, end, inside, text),
        ZoneMark(polygon, text),
        planes=planes,
        line_width=line_width,
    )

    assert changed(planes).any()


def test_counts_of_zones_side_by_side_do_not_cover_each_other() -> None:
    zones = [
        ZoneMark(((left, 0.5), (left + 0.05, 0.5), (left + 0.05, 0.8)), "queue: 4, in 12, out 9")
        for left in (0.3, 0.33, 0.36, 0.39)
    ]
    plates = Drawing(zones, 640, 360, 2)._counts

    assert len(plates) == 4
    for index, plate in enumerate(plates):
        assert 0 <= plate.top <= 360 - plate.height
        assert not any(plate.covers(other) for other in plates[:index])


def test_where_there_is_no_room_for_all_counts_they_stay_in_the_picture() -> None:
    zones = [ZoneMark(SQUARE, "queue: 4, in 12, out 9") for _ in range(20)]
    for plate in Drawing(zones, 64, 64, 2)._counts:
        assert 0 <= plate.top <= 64 - plate.height
