from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatwall.feet import PersonSize, PersonSizeState
from heatwall.values import Tracks

Box = tuple[float, float, float, float]


def height_of(y: float) -> float:
    """A camera on a wall: heads and feet meet at the horizon, at -0.25 of the picture."""
    return 0.4 * (y + 0.25)


def width_of(y: float) -> float:
    return 0.12 * (y + 0.25)


def person(x: float, y: float, scale: float = 1.0) -> Box:
    width, height = scale * width_of(y), scale * height_of(y)
    return (x - width / 2, y - height, x + width / 2, y)


def tracks(time_s: float, *boxes: Box) -> Tracks:
    count = len(boxes)
    return Tracks(
        time_s,
        np.arange(1, count + 1, dtype=np.int32),
        np.array(boxes, np.float32).reshape(count, 4),
        np.ones(count, np.float32),
        np.zeros(count, np.int32),
        np.full(count, time_s - 0.2),
    )


def cut(box: Box) -> Box:
    """What a detector sees of a person: no more than the picture."""
    left, top, right, bottom = (min(max(edge, 0.0), 1.0) for edge in box)
    return left, top, right, bottom


def learnt(noise: float = 0.0, wrong: float = 0.0, looks: int = 400) -> PersonSize:
    """Return what is learnt from people everywhere.

    Args:
        noise: Standard deviation of their sizes, as a share.
        wrong: Share of the boxes that show only the upper half of somebody.
        looks: How many boxes.
    """
    chance = random.Random(11)
    size = PersonSize()
    for look in range(looks):
        y = chance.uniform(0.35, 0.97)
        left, top, right, bottom = person(chance.uniform(0.2, 0.8), y, chance.gauss(1.0, noise))
        if chance.random() < wrong:
            bottom = (top + bottom) / 2
        size.learn(tracks(look * 0.5, (left, top, right, bottom)))
    return size


def test_nothing_is_known_and_nothing_changes_before_enough_was_learnt() -> None:
    size = learnt(looks=20)
    seen = tracks(100.0, cut(person(0.5, 1.2)))

    assert size.height_at(0.5) is None
    assert size.width_at(0.5) is None
    assert size.complete(seen) is seen


@pytest.mark.parametrize("y", [0.3, 0.6, 0.9, 1.2])
def test_sizes_are_learnt_by_the_row_of_the_feet(y: float) -> None:
    size = learnt()

    assert size.height_at(y) == pytest.approx(height_of(y), rel=0.02)
    assert size.width_at(y) == pytest.approx(width_of(y), rel=0.02)


@pytest.mark.parametrize("y", [0.6, 0.9, 1.2])
def test_people_of_many_sizes_and_hidden_legs_do_not_mislead_it(y: float) -> None:
    size = learnt(noise=0.1, wrong=0.2, looks=1000)

    assert size.height_at(y) == pytest.approx(height_of(y), rel=0.12)
    assert size.width_at(y) == pytest.approx(width_of(y), rel=0.12)


def test_boxes_of_several_people_in_one_do_not_count_by_how_far_off_they_are() -> None:
    size = PersonSize()
    for look in range(1000):
        scale = 4.0 if look % 8 == 0 else 1.0
        y = 0.5 + 0.045 * (look % 10)
        size.learn(tracks(look * 0.5, (0.2, y - height_of(y), 0.2 + scale * width_of(y), y)))

    assert size.width_at(0.8) == pytest.approx(width_of(0.8), rel=0.06)


@pytest.mark.parametrize("foot", [1.05, 1.15, 1.3])
def test_feet_below_the_picture_are_found_by_the_place_of_the_head(foot: float) -> None:
    whole = person(0.5, foot)

    completed = learnt().complete(tracks(500.0, cut(whole)))

    assert completed.foot[0] == pytest.approx([0.5, foot], abs=0.02)
    assert completed.xyxy[0, :3] == pytest.approx(whole[:3], abs=1e-6)


@pytest.mark.parametrize("foot", [(0.01, 0.7), (0.99, 0.7), (-0.02, 0.8), (1.0, 0.5)])
def test_feet_beside_a_cut_box_are_found_by_the_width(foot: tuple[float, float]) -> None:
    completed = learnt().complete(tracks(500.0, cut(person(*foot))))

    assert completed.foot[0] == pytest.approx(foot, abs=0.01)


def test_feet_in_a_corner_are_found_by_both() -> None:
    completed = learnt().complete(tracks(500.0, cut(person(0.02, 1.1))))

    assert completed.foot[0] == pytest.approx([0.02, 1.1], abs=0.02)


def test_boxes_that_no_edge_touches_stay_as_they_are() -> None:
    seen = tracks(500.0, person(0.5, 0.6, 0.4), (0.3, 0.3, 0.4, 0.5), cut(person(0.5, 1.2)))

    completed = learnt().complete(seen)

    assert np.array_equal(completed.xyxy[:2], seen.xyxy[:2])
    assert completed.xyxy[2, 3] > 1.1
    assert completed.begun_s is seen.begun_s


def test_a_person_who_stands_whole_at_the_lower_edge_keeps_their_feet() -> None:
    people = [person(0.2 * place, 0.998, scale) for place, scale in ((1, 0.98), (2, 1.0), (3, 1.1))]

    completed = learnt().complete(tracks(500.0, *people))

    assert completed.xyxy[:, 3] == pytest.approx([0.998] * 3)


def test_boxes_that_can_not_be_are_neither_learnt_nor_changed() -> None:
    size, plain = learnt(), learnt()
    bad: list[Box] = [
        (np.nan, 0.1, 0.5, 1.0),
        (0.1, 0.1, 0.5, np.inf),
        (0.5, 0.5, 0.3, 1.0),
        (0.5, 1.0, 0.6, 0.5),
        (-np.inf, 0.2, 0.3, 0.5),
        (np.nan,) * 4,
    ]

    size.learn(tracks(900.0, *bad))
    completed = size.complete(tracks(901.0, *bad))

    assert np.array_equal(size.state().table, plain.state().table)
    assert np.array_equal(completed.xyxy, np.array(bad, np.float32), equal_nan=True)


def test_cut_boxes_teach_nothing() -> None:
    size = PersonSize()

    for look in range(200):
        size.learn(tracks(look * 0.5, cut(person(0.5, 1.2)), cut(person(0.0, 0.6))))

    assert size.height_at(0.9) is None


def test_one_person_who_stands_there_for_hours_does_not_outweigh_the_others() -> None:
    size = learnt()
    for look in range(3000):
        size.learn(tracks(500.0 + look * 0.5, person(0.5, 0.7, 0.6)))

    assert size.height_at(0.4) == pytest.approx(height_of(0.4), rel=0.05)
    assert size.height_at(0.9) == pytest.approx(height_of(0.9), rel=0.05)


def test_it_looks_twice_a_second_at_any_frame_rate() -> None:
    slow, fast = PersonSize(), PersonSize()
    for step in range(30 * 40):
        look = tracks(step / 30, person(0.5, 0.6))
        fast.learn(look)
        if step % 15 == 0:
            slow.learn(look)

    assert np.array_equal(fast.state().table, slow.state().table)


def test_a_camera_that_is_turned_is_learnt_anew() -> None:
    size = learnt()
    chance = random.Random(4)

    for look in range(6000):
        y = chance.uniform(0.35, 0.97)
        size.learn(tracks(500.0 + look * 0.5, person(chance.uniform(0.3, 0.7), y, 1.4)))

    assert size.height_at(0.7) == pytest.approx(1.4 * height_of(0.7), rel=0.05)


def test_what_was_learnt_comes_back() -> None:
    size = learnt(noise=0.1)

    again = PersonSize.restored(size.state())

    assert np.array_equal(again.state().table, size.state().table)
    assert again.height_at(0.8) == pytest.approx(size.height_at(0.8), rel=0.03)
    assert again.width_at(1.1) == pytest.approx(size.width_at(1.1), rel=0.03)


@pytest.mark.parametrize("value", [np.nan, np.inf, -1.0, 1e6])
def test_a_state_that_can_not_be_is_refused(value: float) -> None:
    table = np.zeros((20, 4))
    table[3, 2] = value

    with pytest.raises(ValueError, match="negative, undefined or impossible"):
        PersonSizeState(table)


def test_a_state_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"sizes are float32 \(4, 20\)"):
        PersonSizeState(np.zeros((4, 20), np.float32))


def test_given_widths_hold_at_once_and_between_rows() -> None:
    size = PersonSize.given([(0.2, 0.04), (0.8, 0.1)])

    assert size.width_at(0.0) == pytest.approx(0.04)
    assert size.width_at(0.5) == pytest.approx(0.07)
    assert size.width_at(1.5) == pytest.approx(0.1)
    assert size.height_at(0.5) is None


def test_given_widths_mend_boxes_at_the_sides_before_anything_was_learnt() -> None:
    size = PersonSize.given([(0.5, 0.1)])

    completed = size.complete(tracks(0.0, (0.0, 0.3, 0.04, 0.6), (0.97, 0.3, 1.0, 0.6)))

    assert completed.foot[:, 0] == pytest.approx([-0.01, 1.02])


@pytest.mark.parametrize(
    "widths", [[], [(0.5, 0.1), (0.2, 0.2)], [(0.5, 0.0)], [(0.5, float("nan"))], [(0.5, 1.5)]]
)
def test_given_widths_that_can_not_be_are_refused(widths: list[tuple[float, float]]) -> None:
    with pytest.raises(ValueError, match="widths are"):
        PersonSize.given(widths)


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.tuples(*[st.floats(-0.25, 1.25, width=32)] * 4), min_size=45, max_size=120),
    st.lists(st.tuples(*[st.floats(-0.25, 1.25, width=32)] * 4), max_size=8),
)
def test_whatever_was_learnt_feet_stay_near_and_boxes_the_right_way_round(
    teachers: list[Box], seen: list[Box]
) -> None:
    size = PersonSize()
    for look, box in enumerate(teachers):
        size.learn(tracks(look * 0.5, box))

    found = tracks(999.0, *seen)
    completed = size.complete(found)

    assert np.isfinite(completed.xyxy).all()
    assert (completed.xyxy[:, 3] <= 2.0).all()
    assert (completed.xyxy[:, 3] >= found.xyxy[:, 3]).all()
    right_way = (found.xyxy[:, 2] > found.xyxy[:, 0]) & (found.xyxy[:, 3] > found.xyxy[:, 1])
    boxes = completed.xyxy[right_way]
    assert (boxes[:, 2] > boxes[:, 0]).all()
    assert (boxes[:, 3] > boxes[:, 1]).all()
