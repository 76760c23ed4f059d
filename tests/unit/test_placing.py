from __future__ import annotations

import numpy as np
import pytest

from heatwall.last_seen import MOST_TRACKS
from heatwall.placing import Placing
from heatwall.values import Tracks

GOOD = (0.25, 0.125, 0.75, 0.5)


def tracks(*boxes: tuple[float, ...], ids: list[int] | None = None) -> Tracks:
    count = len(boxes)
    return Tracks(
        7.0,
        np.array(ids or range(1, count + 1), np.int32),
        np.array(boxes, np.float32).reshape(count, 4),
        np.ones(count, np.float32),
        np.zeros(count, np.int32),
        np.arange(count, dtype=np.float64),
    )


def test_feet_are_brought_to_cells_from_the_middle_of_the_first() -> None:
    placed = Placing(80, 40, has_boxes=False).place(tracks(GOOD, (0, 0, 0, 0), (1, 1, 1, 1)))

    assert placed is not None
    assert placed.ids == [1, 2, 3]
    assert placed.is_inside
    assert placed.sightings.tolist() == [[7.0] * 3, [39.5, -0.5, 79.5], [19.5, -0.5, 39.5]]


def test_boxes_are_brought_to_cells_from_the_edge_where_they_are_wanted() -> None:
    placed = Placing(80, 40, has_boxes=True).place(tracks(GOOD))

    assert placed is not None
    assert placed.sightings[3:, 0].tolist() == [20.0, 5.0, 60.0, 20.0]


@pytest.mark.parametrize(
    "bad",
    [
        (np.nan, 0.1, 0.2, 0.3),
        (0.1, 0.1, 0.2, np.nan),
        (np.nan,) * 4,
        (-np.inf, 0.1, np.inf, 0.3),
        (0.1, 0.1, 0.2, np.inf),
        (0.3, 0.1, 0.2, 0.3),
        (0.1, 0.4, 0.2, 0.3),
        (1.1, 0.1, 1.2, 0.3),
        (0.1, -0.3, 0.2, -0.1),
        (0.1, 0.1, 0.2, 2.5),
        (-3e38, 0.1, 3e38, 0.3),
    ],
)
def test_boxes_that_can_not_be_are_left_out_and_counted(bad: tuple[float, ...]) -> None:
    placing = Placing(80, 40, has_boxes=True)

    placed = placing.place(tracks(GOOD, bad, GOOD))

    assert placed is not None
    assert placed.ids == [1, 3]
    assert placed.begun_s is not None
    assert placed.begun_s.tolist() == [0.0, 2.0]
    assert np.isfinite(placed.sightings).all()
    assert placing.ignored == 1
    assert placing.place(tracks(bad)) is None
    assert placing.ignored == 2


def test_of_several_with_one_id_the_first_is_taken() -> None:
    placing = Placing(80, 40, has_boxes=False)

    placed = placing.place(tracks(GOOD, (0, 0, 0.1, 0.1), GOOD, GOOD, ids=[4, 9, 4, 2]))

    assert placed is not None
    assert placed.ids == [4, 9, 2]
    assert placing.ignored == 1


def test_a_box_that_is_partly_outside_is_taken_and_said_not_to_be_inside() -> None:
    placing = Placing(80, 40, has_boxes=False)

    placed = placing.place(tracks((-0.2, 0.5, 0.1, 1.3)))

    assert placed is not None
    assert not placed.is_inside
    assert placing.ignored == 0


def test_more_tracks_than_are_remembered_are_left_out() -> None:
    placing = Placing(80, 40, has_boxes=False)

    placed = placing.place(tracks(*[GOOD] * (MOST_TRACKS + 5)))

    assert placed is not None
    assert len(placed.ids) == MOST_TRACKS
    assert placing.ignored == 5


def test_no_tracks_are_no_places() -> None:
    assert Placing(80, 40, has_boxes=False).place(tracks()) is None
