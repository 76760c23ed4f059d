from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatwall.counting.relink import Relinker
from heatwall.values import Tracks
from support.tracks import tracks_at

Feet = dict[int, tuple[float, float]]


def numbers(relinker: Relinker, time_s: float, feet: Feet) -> list[int]:
    found: list[int] = relinker.update(tracks_at(time_s, feet)).track_id.tolist()
    return found


def stand(relinker: Relinker, feet: Feet, *, start_s: float = 0.0, steps: int = 5) -> float:
    """Let people stand; returns the last time."""
    for step in range(steps):
        relinker.update(tracks_at(start_s + step * 0.2, feet))
    return start_s + (steps - 1) * 0.2


def test_ids_that_never_switch_are_numbered_from_one_in_their_order() -> None:
    relinker = Relinker()

    assert numbers(relinker, 0.0, {40: (0.3, 0.5), 7: (0.7, 0.5)}) == [1, 2]
    assert numbers(relinker, 0.2, {7: (0.7, 0.5), 40: (0.3, 0.5), 8: (0.1, 0.9)}) == [2, 1, 3]
    assert relinker.relinked == 0


def test_a_new_id_where_one_vanished_goes_on_under_its_number() -> None:
    relinker = Relinker()
    last_s = stand(relinker, {5: (0.5, 0.5), 6: (0.2, 0.5)})

    numbers(relinker, last_s + 0.4, {6: (0.2, 0.5)})

    assert numbers(relinker, last_s + 1.0, {6: (0.2, 0.5), 9: (0.51, 0.5)}) == [2, 1]
    assert numbers(relinker, last_s + 1.2, {6: (0.2, 0.5), 9: (0.52, 0.5)}) == [2, 1]
    assert relinker.relinked == 1


def test_who_walks_is_looked_for_ahead() -> None:
    relinker = Relinker()
    for step in range(10):
        relinker.update(tracks_at(step * 0.2, {5: (0.2 + step * 0.02, 0.5)}))

    ahead = numbers(relinker, 2.8, {6: (0.2 + 0.18 + 0.1, 0.5), 7: (0.38 - 0.06, 0.5)})

    assert ahead == [1, 2]


@pytest.mark.parametrize(
    ("foot", "after_s", "why"),
    [
        ((0.6, 0.5), 0.4, "too far across"),
        ((0.5, 0.55), 0.4, "too far down"),
        ((0.5, 0.5), 2.2, "too late"),
    ],
)
def test_a_new_id_that_can_not_be_the_lost_one_is_somebody_new(
    foot: tuple[float, float], after_s: float, why: str
) -> None:
    relinker = Relinker()
    last_s = stand(relinker, {5: (0.5, 0.5)})

    assert numbers(relinker, last_s + after_s, {6: foot}) == [2], why


def test_another_class_or_another_size_is_somebody_new() -> None:
    relinker = Relinker()
    last_s = stand(relinker, {5: (0.5, 0.5)})
    tracks = tracks_at(last_s + 0.4, {6: (0.5, 0.5), 7: (0.5, 0.5)})
    boxes = tracks.xyxy.copy()
    boxes[1, 1] = 0.5 - 0.2 * 1.6

    found = relinker.update(replace(tracks, class_id=np.array([1, 0], np.int32), xyxy=boxes))

    assert found.track_id.tolist() == [2, 3]


@pytest.mark.parametrize(
    ("at_edge", "beside"),
    [((0.02, 0.5), (0.05, 0.5)), ((0.98, 0.5), (0.95, 0.5)), ((0.5, 1.0), (0.5, 0.98))],
)
def test_who_vanishes_at_the_pictures_edge_has_left_and_who_appears_there_has_come(
    at_edge: tuple[float, float], beside: tuple[float, float]
) -> None:
    for before, after in ((at_edge, beside), (beside, at_edge), (at_edge, at_edge)):
        relinker = Relinker()
        last_s = stand(relinker, {5: before})

        assert numbers(relinker, last_s + 0.4, {6: after}) == [2]


def test_nobody_takes_the_number_of_somebody_who_is_still_visible() -> None:
    relinker = Relinker()
    last_s = stand(relinker, {5: (0.5, 0.5)})

    assert numbers(relinker, last_s + 0.2, {5: (0.5, 0.5), 6: (0.505, 0.5)}) == [1, 2]


def test_nobody_takes_the_number_of_somebody_who_was_visible_when_the_new_one_began() -> None:
    relinker = Relinker()
    last_s = stand(relinker, {5: (0.5, 0.5)})

    for begun_s, number in ((last_s, 2), (last_s + 0.1, 1)):
        new = tracks_at(last_s + 0.4, {10 * number: (0.5, 0.5)})
        found = relinker.update(replace(new, begun_s=np.array([begun_s])))
        assert found.track_id.tolist() == [number]


def test_of_two_lost_ones_each_goes_on_in_the_nearest_place_and_only_once() -> None:
    relinker = Relinker()
    last_s = stand(relinker, {5: (0.50, 0.5), 6: (0.54, 0.5)})

    found = numbers(relinker, last_s + 0.4, {7: (0.541, 0.5), 8: (0.52, 0.5), 9: (0.50, 0.5)})

    assert found == [2, 3, 1]


def test_an_id_that_comes_back_after_its_number_was_taken_gets_a_new_one() -> None:
    relinker = Relinker()
    last_s = stand(relinker, {5: (0.5, 0.5)})
    numbers(relinker, last_s + 0.4, {6: (0.5, 0.5)})

    assert numbers(relinker, last_s + 0.6, {5: (0.52, 0.5), 6: (0.5, 0.5)}) == [2, 1]
    assert numbers(relinker, last_s + 0.8, {6: (0.5, 0.5), 5: (0.52, 0.5)}) == [1, 2]


def test_a_number_can_be_handed_on_many_times() -> None:
    relinker = Relinker()

    found = [numbers(relinker, step * 0.4, {step + 1: (0.5, 0.5)}) for step in range(20)]

    assert found == [[1]] * 20
    assert relinker.relinked == 19


def test_whoever_is_relinked_began_then_and_all_others_when_the_tracker_says() -> None:
    relinker = Relinker()
    last_s = stand(relinker, {5: (0.5, 0.5), 6: (0.2, 0.5)})
    again_s = last_s + 0.8

    for time_s in (again_s, again_s + 0.2):
        new = tracks_at(time_s, {6: (0.2, 0.5), 7: (0.5, 0.5)})
        found = relinker.update(replace(new, begun_s=np.array([0.0, last_s + 0.3])))
        assert found.begun_s is not None
        assert found.begun_s.tolist() == [0.0, again_s]


def test_without_beginnings_there_are_none_until_somebody_is_relinked() -> None:
    relinker = Relinker()

    assert relinker.update(tracks_at(0.0, {5: (0.5, 0.5)})).begun_s is None
    found = relinker.update(tracks_at(0.4, {6: (0.5, 0.5), 7: (0.2, 0.5)}))

    assert found.begun_s is not None
    assert found.begun_s.tolist() == [0.4, 0.4]


def test_boxes_times_and_classes_are_passed_on_as_they_are() -> None:
    tracks = tracks_at(3.0, {5: (0.5, 0.5), 6: (math.nan, 0.5)})

    found = Relinker().update(tracks)

    assert found.time_s == 3.0
    assert np.array_equal(found.xyxy, tracks.xyxy, equal_nan=True)
    assert found.track_id.tolist() == [1, 2]


def test_nobody_is_known_again_after_a_gap_and_no_number_is_used_twice() -> None:
    relinker = Relinker()
    last_s = stand(relinker, {5: (0.5, 0.5)})

    relinker.gap()

    assert numbers(relinker, last_s + 0.2, {5: (0.5, 0.5), 6: (0.7, 0.5)}) == [2, 3]


def test_zero_seconds_relink_nobody() -> None:
    relinker = Relinker(within_s=0)

    assert [numbers(relinker, step * 0.2, {step + 1: (0.5, 0.5)}) for step in range(3)] == [
        [1],
        [2],
        [3],
    ]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([-0.2, 0.0, 0.2, 0.5, 1.0]),
            st.dictionaries(
                st.integers(1, 8),
                st.tuples(st.sampled_from([0.48, 0.5, 0.52]), st.sampled_from([0.5, 0.51])),
            ),
        ),
        max_size=40,
    )
)
def test_two_who_are_visible_together_never_have_one_number(
    steps: list[tuple[float, Feet]],
) -> None:
    relinker = Relinker()
    time_s = 0.0
    holders: dict[int, int] = {}

    for step_s, feet in steps:
        time_s += step_s
        found = numbers(relinker, time_s, feet)
        assert len(set(found)) == len(feet)
        for number, track_id in zip(found, feet, strict=True):
            # A number goes from an id to a later one, and never back.
            assert holders.get(number, track_id) == track_id or track_id not in holders.values()
            holders = {key: holder for key, holder in holders.items() if holder != track_id}
            holders[number] = track_id


def test_the_order_of_the_tracks_changes_nothing() -> None:
    """Numbers of newcomers follow the order; who goes on as whom does not."""
    forward, backward = Relinker(), Relinker()
    stand(forward, {5: (0.50, 0.5), 6: (0.54, 0.5)})
    last_s = stand(backward, {5: (0.50, 0.5), 6: (0.54, 0.5)})
    feet = {7: (0.53, 0.5), 8: (0.51, 0.5)}

    found = numbers(forward, last_s + 0.4, feet)

    assert numbers(backward, last_s + 0.4, dict(reversed(feet.items()))) == found[::-1]


def test_nothing_grows_with_the_number_of_ids_that_were_there() -> None:
    relinker = Relinker()

    for step in range(1_000):
        feet = {step * 100 + key: (0.05 + key * 0.009, 0.5) for key in range(100)}
        relinker.update(tracks_at(step * 10.0, feet))

    assert len(relinker._bodies) <= 700


def test_a_relinked_track_is_read_only_like_every_other() -> None:
    found: Tracks = Relinker().update(tracks_at(0.0, {5: (0.5, 0.5)}))

    with pytest.raises(ValueError, match="read-only"):
        found.track_id[0] = 3
