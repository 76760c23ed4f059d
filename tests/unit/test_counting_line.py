from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatwall.counting.line import Crossing, LineCounter, LineCounts
from heatwall.shapes import Side
from heatwall.simulator.store_views import PictureLine
from heatwall.simulator.truth import crossings_of
from heatwall.values import Tracks
from support.tracks import tracks_at

ENDS: dict[Side, tuple[tuple[float, float], tuple[float, float]]] = {
    "above": ((0.2, 0.5), (0.8, 0.5)),
    "below": ((0.2, 0.5), (0.8, 0.5)),
    "left": ((0.5, 0.2), (0.5, 0.8)),
    "right": ((0.5, 0.2), (0.5, 0.8)),
}

MARGIN_Y = 0.06 * 0.2
"""Of the boxes that `tracks_at` makes, down."""


def door(inside: Side = "below") -> LineCounter:
    return LineCounter(*ENDS[inside], inside)


def walk(
    counter: LineCounter,
    path: Iterable[tuple[float, float]],
    *,
    track_id: int = 1,
    start_s: float = 0.0,
    step_s: float = 0.2,
) -> list[Crossing]:
    found = []
    for step, foot in enumerate(path):
        found += counter.update(tracks_at(start_s + step * step_s, {track_id: foot}))
    return found


def totals(counter: LineCounter) -> tuple[int, int]:
    return counter.counts().total_in, counter.counts().total_out


@pytest.mark.parametrize(
    ("inside", "outer", "inner"),
    [
        ("above", (0.5, 0.6), (0.5, 0.4)),
        ("below", (0.5, 0.4), (0.5, 0.6)),
        ("left", (0.6, 0.5), (0.4, 0.5)),
        ("right", (0.4, 0.5), (0.6, 0.5)),
    ],
)
def test_a_crossing_is_inward_when_it_ends_on_the_inside_whichever_end_comes_first(
    inside: Side, outer: tuple[float, float], inner: tuple[float, float]
) -> None:
    for ends in (ENDS[inside], ENDS[inside][::-1]):
        counter = LineCounter(*ends, inside)
        assert [one.is_inward for one in walk(counter, [outer, inner])] == [True]
        assert [one.is_inward for one in walk(counter, [outer], start_s=1)] == [False]
        assert totals(counter) == (1, 1)


def test_the_time_is_when_the_foot_was_on_the_line() -> None:
    (crossing,) = walk(door(), [(0.5, 0.47), (0.5, 0.57)], start_s=10, step_s=1)

    assert crossing.time_s == pytest.approx(10.3, abs=1e-5)
    assert crossing == Crossing(1, 0, crossing.time_s, is_inward=True)


def test_everyone_who_comes_back_and_comes_again_is_counted_each_time() -> None:
    counter = door()

    walk(counter, [(0.5, 0.4), (0.5, 0.6)] * 5)

    assert totals(counter) == (5, 4)


def test_who_turns_round_within_the_margin_is_not_counted() -> None:
    counter = door()

    walk(counter, [(0.5, 0.4), (0.5, 0.5 + MARGIN_Y * 0.9), (0.5, 0.4)])

    assert totals(counter) == (0, 0)


def test_who_is_first_seen_on_the_line_and_leaves_on_that_side_is_not_counted() -> None:
    counter = door()

    walk(counter, [(0.5, 0.502), (0.5, 0.498), (0.5, 0.502), (0.5, 0.6)])

    assert totals(counter) == (0, 0)


def test_who_stops_within_the_margin_is_counted_on_going_on() -> None:
    counter = door()
    slow = [(0.5, 0.48 + step * 0.002) for step in range(30)]

    found = walk(counter, slow)

    assert len(found) == 1
    assert found[0].time_s == pytest.approx(10 * 0.2, abs=0.01)


def test_a_path_round_the_end_is_not_counted() -> None:
    counter = door()

    walk(counter, [(0.1, 0.4), (0.1, 0.6)])
    walk(counter, [(0.5, 0.4), (0.9, 0.4), (0.9, 0.6), (0.5, 0.6)], start_s=10)

    assert totals(counter) == (0, 0)


def test_who_cuts_the_line_and_gets_clear_beyond_its_end_is_counted() -> None:
    counter = door()

    found = walk(counter, [(0.78, 0.45), (0.79, 0.501), (0.85, 0.502), (0.95, 0.503)])

    assert [one.is_inward for one in found] == [True]


def test_who_comes_round_the_end_and_trembles_at_it_is_not_counted() -> None:
    counter = door()
    circle = [
        (0.8 + 0.006 * math.cos(turn), 0.5 + 0.006 * math.sin(turn)) for turn in np.arange(0, 40)
    ]

    walk(counter, [(0.8, 0.4), *circle, (0.8, 0.4)])

    assert totals(counter) == (0, 0)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.floats(-0.9, 0.9), st.floats(-0.9, 0.9)), min_size=1, max_size=60),
    st.sampled_from([-1, 1]),
)
def test_trembling_on_the_line_counts_nothing_before_and_after_a_visit_to_it(
    trembling: list[tuple[float, float]], side: int
) -> None:
    counter = door()
    near = [(0.5 + x * 0.008, 0.5 + y * MARGIN_Y) for x, y in trembling]

    walk(counter, near)
    assert totals(counter) == (0, 0)

    away = (0.5, 0.5 + side * 0.1)
    walk(counter, [away, *near, away], track_id=2, start_s=100)
    assert totals(counter) == (0, 0)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.1, 0.9), st.floats(0, 1)), min_size=2, max_size=40),
    st.sampled_from(["above", "below"]),
)
def test_in_less_out_is_the_change_of_side_on_any_path_over_a_line_without_ends(
    path: list[tuple[float, float]], inside: Side
) -> None:
    counter = LineCounter((0, 0.5), (1, 0.5), inside)
    ends = [(0.5, 0.3 if path[0][1] < 0.5 else 0.7), (0.5, 0.3 if path[-1][1] < 0.5 else 0.7)]

    walk(counter, [ends[0], *path, ends[1]])

    sign = 1 if inside == "below" else -1
    change = sign * round((ends[1][1] - ends[0][1]) / 0.4)
    counts = counter.counts()
    assert counts.total_in - counts.total_out == change


place = st.integers(0, 20).map(lambda step: step / 20)
between = st.integers(0, 999).map(lambda step: (step + 0.4142) / 1000)
"""Never on a line between two places, where rounding chooses the side."""


@settings(deadline=None)
@given(
    st.lists(st.tuples(between, between), min_size=2, max_size=30),
    st.tuples(place, place),
    st.tuples(place, place),
)
def test_nobody_is_counted_whom_the_truths_own_rule_does_not_see_crossing(
    path: list[tuple[float, float]], start: tuple[float, float], end: tuple[float, float]
) -> None:
    if start[0] == end[0]:
        return
    rows = [(step * 0.2, *tracks_at(0.0, {1: foot}).foot[0]) for step, foot in enumerate(path)]
    seen = crossings_of(PictureLine("l", start, end, "above"), np.array(rows, np.float64))

    found = walk(LineCounter(start, end, "above"), path)

    for one in found:
        assert any(
            abs(time_s - one.time_s) < 1e-6 and is_inward == one.is_inward
            for time_s, is_inward in seen
        )


def test_who_vanishes_just_past_the_line_is_counted_when_forgotten() -> None:
    counter = door()
    assert walk(counter, [(0.5, 0.4), (0.5, 0.5 + MARGIN_Y * 0.7)]) == []

    assert counter.update(tracks_at(5.1, {})) == []
    found = counter.update(tracks_at(5.3, {}))

    assert [(one.track_id, one.is_inward) for one in found] == [(1, True)]
    assert found[0].time_s < 0.2


@pytest.mark.parametrize(
    "path",
    [
        [(0.5, 0.4), (0.5, 0.5 + MARGIN_Y * 0.3)],
        [(0.5, 0.5 - MARGIN_Y * 0.9), (0.5, 0.5 + MARGIN_Y * 0.9)],
        [(0.5, 0.4), (0.5, 0.499)],
    ],
    ids=["hardly past it", "never seen clear of it", "before it"],
)
def test_who_vanishes_in_doubt_is_not_counted(path: list[tuple[float, float]]) -> None:
    counter = door()

    walk(counter, path)
    counter.update(tracks_at(60.0, {}))

    assert totals(counter) == (0, 0)


def test_a_line_at_the_pictures_border_is_crossed_by_feet_that_are_cut_off_there() -> None:
    counter = LineCounter((0, 0.99), (1, 0.99), "above")

    walk(counter, [(0.5, 0.9), (0.5, 1.0), (0.5, 0.9)])

    assert totals(counter) == (1, 1)


def test_nobody_crosses_a_line_in_a_gap() -> None:
    counter = door()

    walk(counter, [(0.5, 0.4)])
    counter.gap()
    walk(counter, [(0.5, 0.6)], start_s=0.2)

    assert totals(counter) == (0, 0)


def test_nobody_crosses_a_line_while_out_of_sight_for_long() -> None:
    counter = door()

    walk(counter, [(0.5, 0.4)])
    walk(counter, [(0.5, 0.6)], start_s=5.5)

    assert totals(counter) == (0, 0)


def test_who_crosses_the_line_out_of_sight_for_a_moment_is_counted() -> None:
    counter = door()

    walk(counter, [(0.5, 0.4), (0.5, 0.6)], step_s=4.0)

    assert totals(counter) == (1, 0)


def test_time_that_stands_still_or_goes_back_changes_nothing() -> None:
    counter = door()

    walk(counter, [(0.5, 0.4)], start_s=5)
    assert walk(counter, [(0.5, 0.6)], start_s=5) == []
    assert walk(counter, [(0.5, 0.6)], start_s=3) == []
    assert walk(counter, [(0.5, 0.6)], start_s=math.nan) == []

    assert len(walk(counter, [(0.5, 0.6)], start_s=6)) == 1


def test_boxes_without_a_place_are_passed_over() -> None:
    counter = door()

    walk(counter, [(0.5, 0.4), (math.nan, 0.5), (0.5, math.nan), (0.5, 0.6)])

    assert totals(counter) == (1, 0)


def people(seed: int) -> list[Tracks]:
    """Ten people of two classes who walk at random."""
    rng = np.random.default_rng(seed)
    feet = rng.random((10, 2))
    found = []
    for step in range(60):
        feet = np.clip(feet + rng.normal(0, 0.05, (10, 2)), 0, 1)
        tracks = tracks_at(step * 0.2, {key + 1: (x, y) for key, (x, y) in enumerate(feet)})
        found.append(replace(tracks, class_id=np.arange(10, dtype=np.int32) % 2))
    return found


def test_the_order_of_the_tracks_changes_nothing() -> None:
    ordered, mixed = door(), door()

    for step, tracks in enumerate(people(1)):
        ordered.update(tracks)
        turn = np.random.default_rng(step).permutation(10)
        mixed.update(
            replace(
                tracks,
                track_id=tracks.track_id[turn],
                xyxy=tracks.xyxy[turn],
                class_id=tracks.class_id[turn],
            )
        )

    assert ordered.counts() == mixed.counts()
    assert set(ordered.counts().inward) == {0, 1}


def test_a_picture_of_other_proportions_changes_nothing() -> None:
    """Half as wide, with the line and all boxes in its left half."""
    whole, half = door(), LineCounter((0.1, 0.5), (0.4, 0.5), "below")

    for tracks in people(2):
        whole.update(tracks)
        half.update(replace(tracks, xyxy=tracks.xyxy * np.array([0.5, 1, 0.5, 1], np.float32)))

    assert whole.counts() == half.counts()
    assert totals(whole) > (0, 0)


def test_a_snapshot_through_json_keeps_the_totals_and_cuts_the_paths() -> None:
    counter, restored = door(), door()
    walk(counter, [(0.5, 0.4), (0.5, 0.6), (0.5, 0.4)])
    walk(restored, [(0.5, 0.4)])

    text = msgspec.json.encode(counter.state())
    restored.restore(msgspec.json.decode(text, type=LineCounts))
    walk(restored, [(0.5, 0.6)], start_s=1)

    assert restored.counts() == counter.counts() == LineCounts({0: 1}, {0: 1})


def test_reset_begins_from_zero_and_still_sees_who_is_on_the_way() -> None:
    counter = door()
    walk(counter, [(0.5, 0.4), (0.5, 0.6), (0.5, 0.5 + MARGIN_Y / 2)])

    counter.reset()
    walk(counter, [(0.5, 0.4)], start_s=1)

    assert totals(counter) == (0, 1)


def test_nothing_grows_with_the_number_of_people_that_were_there() -> None:
    counter = door()

    for step in range(1_000):
        feet = {step * 100 + key: (0.5, 0.4 + 0.2 * (step % 2)) for key in range(100)}
        counter.update(tracks_at(step * 5.1, feet))

    assert len(counter._walks) <= 200


@pytest.mark.parametrize(
    ("start", "end", "inside", "says"),
    [
        ((0.5, 0.5), (0.5, 0.5), "above", r"^end \[0.5, 0.5\] makes a line of no length"),
        ((0.5, 1.5), (0.5, 0.5), "left", r"^start \[0.5, 1.5\] is not normalised"),
        ((0.5, 0.5), (0.5, -0.5), "left", r"^end \[0.5, -0.5\] is outside of the picture"),
        ((0.5, math.nan), (0.5, 0.5), "left", r"^start \[0.5, nan\] is not a point"),
        ((0.1, 0.5), (0.9, 0.5), "left", "'left' can't be told of a level line"),
        ((0.1, 0.5), (0.9, 0.5), "right", "'right' can't be told of a level line"),
        ((0.5, 0.1), (0.5, 0.9), "above", "'above' can't be told of an upright line"),
        ((0.5, 0.1), (0.5, 0.9), "below", "'below' can't be told of an upright line"),
        ((0.5, 0.1), (0.5, 0.9), "in", "'in'; allowed: above, below, left, right"),
    ],
)
def test_what_is_no_line_with_an_inside_is_refused(
    start: tuple[float, float], end: tuple[float, float], inside: Side, says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        LineCounter(start, end, inside)
