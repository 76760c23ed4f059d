from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatwall.overlay import Planes
from heatwall.plates import Plate, PlateMaker


def noise(width: int, height: int) -> Planes:
    random = np.random.default_rng(7)
    return (
        random.integers(0, 256, (height, width), np.uint8),
        random.integers(0, 256, (height // 2, width // 2), np.uint8),
        random.integers(0, 256, (height // 2, width // 2), np.uint8),
    )


def plate(text: str, width: int = 640, height: int = 360) -> Plate:
    return PlateMaker(width, height).plate(text, (width / 2, height / 2), (0, 0))


@settings(deadline=None)
@given(
    st.integers(32, 400).map(lambda half: 2 * half),
    st.integers(32, 400).map(lambda half: 2 * half),
    st.tuples(st.floats(-100, 900), st.floats(-100, 900)),
    st.tuples(st.floats(0, 1), st.floats(0, 1)),
    st.text("abcg W4:.", min_size=1, max_size=80),
)
def test_a_plate_lies_inside_of_the_picture_and_on_whole_pixels_of_chroma(
    width: int,
    height: int,
    anchor: tuple[float, float],
    align: tuple[float, float],
    text: str,
) -> None:
    made = PlateMaker(width, height).plate(text, anchor, align)

    assert 0 <= made.left <= made.left + made.width <= width
    assert 0 <= made.top <= made.top + made.height <= height
    assert made.left % 2 == made.top % 2 == made.width % 2 == made.height % 2 == 0


def test_the_chosen_point_of_a_plate_lies_at_the_anchor() -> None:
    maker = PlateMaker(640, 360)

    above = maker.plate("door", (300, 200), (0, 1))
    centred = maker.plate("door", (300, 200), (0.5, 0.5))

    assert (above.left, above.top + above.height) == (300, 200)
    assert centred.left + centred.width / 2 == pytest.approx(300, abs=1)
    assert centred.top + centred.height / 2 == pytest.approx(200, abs=1)


def test_text_too_wide_for_the_room_on_the_right_moves_left() -> None:
    made = PlateMaker(640, 360).plate("person 12 0.93", (630, 100), (0, 1))

    assert made.text == "person 12 0.93"
    assert made.left + made.width == 640


def test_text_wider_than_the_picture_is_cut_and_fills_it() -> None:
    made = plate("a very long name of a place, in 12, out 9", 128, 72)

    assert made.text.startswith("a very")
    assert made.text.endswith("...")
    assert 90 < made.width <= 128


def test_letters_grow_with_the_shorter_side_down_to_what_can_be_read() -> None:
    assert plate("door", 1280, 720).height == pytest.approx(2 * plate("door").height, abs=4)
    assert plate("door", 720, 1280).height == plate("door", 1280, 720).height
    assert plate("door", 64, 64).height == plate("door", 320, 180).height >= 10


def test_all_plates_of_a_picture_are_equally_high() -> None:
    assert plate("exit").height == plate("Queue gjp").height


def test_text_is_white_on_dark_over_anything_and_grey_in_chroma() -> None:
    planes, made = noise(640, 360), plate("person 12")

    made.draw(planes)

    rows = slice(made.top, made.top + made.height)
    luma = planes[0][rows, made.left : made.left + made.width]
    assert np.median(luma) == luma.min() == 24
    assert luma.max() >= 200
    for plane in planes[1:]:
        half = slice(made.left // 2, (made.left + made.width) // 2)
        assert np.all(plane[made.top // 2 : (made.top + made.height) // 2, half] == 128)


def test_all_around_a_plate_stays_as_it_was() -> None:
    planes, clean, made = noise(640, 360), noise(640, 360), plate("person 12")

    made.draw(planes)

    for plane, before, part in zip(planes, clean, (1, 2, 2), strict=True):
        rows = slice(made.top // part, (made.top + made.height) // part)
        plane[rows, made.left // part : (made.left + made.width) // part] = 0
        before[rows, made.left // part : (made.left + made.width) // part] = 0
        assert np.array_equal(plane, before)


def test_plates_side_by_side_do_not_cover_each_other_and_moved_ones_may() -> None:
    maker = PlateMaker(640, 360)
    one = maker.plate("queue", (100, 100), (0, 0))
    beside = maker.plate("door", (100 + one.width, 100), (0, 0))
    assert not one.covers(beside)
    assert not one.covers(one.moved(one.height))
    assert one.covers(one.moved(one.height - 2))
    assert one.covers(one)
    assert one.moved(10).origin[1] == one.origin[1] + 10
