from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatwall.counting.zone import ZoneCounter, ZoneEvent, ZoneState
from heatwall.values import Tracks
from support.tracks import tracks_at

SQUARE = [(0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8)]
HORSESHOE = [(0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.6, 0.8), (0.6, 0.4), (0.4, 0.4), (0.4, 0.8),
             (0.2, 0.8)]  # fmt: skip

MARGIN_X = 0.2 * 0.04
"""Of the boxes that `tracks_at` makes, across."""


def at_once(polygon: Sequence[Sequence[float]], **settings: float) -> ZoneCounter:
    """Return a counter that takes the first sighting on a new side for a change of side."""
    return ZoneCounter(polygon, **{"keep_s": 2.0, "hold_s": 0.0, **settings})


def walk(
    counter: ZoneCounter,
    path: Iterable[tuple[float, float]],
    *,
    track_id: int = 1,
    start_s: float = 0.0,
    step_s: float = 0.2,
) -> list[ZoneEvent]:
    found = []
    for step, foot in enumerate(path):
        found += counter.update(tracks_at(start_s + step * step_s, {track_id: foot}))
    return found


def test_a_stay_begins_and_ends_where_the_path_cuts_the_border() -> None:
    counter = at_once(SQUARE)

    entered, left = walk(
        counter, [(0.1, 0.5), (0.3, 0.5), (0.7, 0.5), (1.0, 0.5)], start_s=10, step_s=1
    )

    assert (entered.track_id, entered.class_id, entered.dwell_s) == (1, 0, None)
    assert entered.time_s == pytest.approx(10.5)
    assert (left.track_id, left.class_id) == (1, 0)
    assert (left.time_s, left.dwell_s) == pytest.approx((12 + 1 / 3, 11 / 6))
    assert [entered.is_entry, left.is_entry] == [True, False]


def test_everyone_who_comes_again_is_counted_each_time() -> None:
    counter = at_once(SQUARE)

    walk(counter, [(0.1, 0.5), (0.5, 0.5)] * 3 + [(0.1, 0.5)])

    figures = counter.figures()
    assert (figures.entries, figures.exits, figures.people) == ({0: 3}, {0: 3}, {})
    assert figures.finished == figures.all
    assert figures.finished.count == 3


def test_stays_that_go_on_count_with_their_length_so_far() -> None:
    counter = at_once(SQUARE)

    walk(counter, [(0.5, 0.5)] * 51)

    figures = counter.figures()
    assert figures.people == {0: 1}
    assert figures.person_s == pytest.approx(10)
    assert figures.finished.count == 0
    assert figures.all.median_s == pytest.approx(10)


def test_classes_are_counted_apart_and_a_stay_keeps_its_own() -> None:
    counter = at_once(SQUARE)
    feet = {1: (0.3, 0.5), 2: (0.5, 0.5), 3: (0.6, 0.5)}

    counter.update(replace(tracks_at(0.0, feet), class_id=np.array([0, 1, 1], np.int32)))
    assert counter.figures().people == {0: 1, 1: 2}
    counter.update(replace(tracks_at(0.2, feet), class_id=np.array([1, 1, 1], np.int32)))
    counter.gap()

    assert counter.figures().exits == counter.figures().entries == {0: 1, 1: 2}


def test_a_track_first_seen_inside_has_been_there_since_it_began() -> None:
    counter = at_once(SQUARE)

    (entered,) = counter.update(replace(tracks_at(5.0, {1: (0.5, 0.5)}), begun_s=np.array([4.6])))

    assert entered.time_s == 4.6


@pytest.mark.parametrize("begun_s", [1.0, 9.0, math.nan], ids=["long ago", "later", "unknown"])
def test_a_beginning_that_can_not_be_that_of_the_stay_is_not_taken(begun_s: float) -> None:
    counter = at_once(SQUARE)

    (entered,) = counter.update(
        replace(tracks_at(5.0, {1: (0.5, 0.5)}), begun_s=np.array([begun_s]))
    )

    assert entered.time_s == 5.0


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(-0.9, 0.9), st.floats(-0.1, 0.1)), min_size=1, max_size=15))
def test_trembling_on_the_border_neither_enters_nor_leaves(
    trembling: list[tuple[float, float]],
) -> None:
    near = [(0.2 + x * MARGIN_X, 0.5 + y) for x, y in trembling]

    counter = at_once(SQUARE)
    assert walk(counter, [(0.1, 0.5), *near, (0.1, 0.5)]) == []

    counter = at_once(SQUARE)
    assert len(walk(counter, [(0.4, 0.5), *near, (0.4, 0.5)])) == 1
    assert counter.figures().person_s == pytest.approx(0.2 * (len(near) + 1))


def test_who_stands_still_just_inside_has_entered_after_a_while() -> None:
    counter = at_once(SQUARE)
    path = [(0.2 - MARGIN_X / 2, 0.5)] + [(0.2 + MARGIN_X / 2, 0.5)] * 17

    assert walk(counter, path[:15]) == []
    (entered,) = walk(counter, path[15:], start_s=3.0)

    assert entered.time_s == pytest.approx(0.1)


def test_who_stands_still_just_outside_has_left_after_a_while() -> None:
    counter = at_once(SQUARE)
    path = [(0.2 + MARGIN_X / 2, 0.5)] + [(0.2 - MARGIN_X / 2, 0.5)] * 17

    walk(counter, [(0.5, 0.5)], start_s=-0.2)
    found = walk(counter, path)

    assert [event.time_s for event in found] == [pytest.approx(0.1)]
    assert found[0].dwell_s == pytest.approx(0.3)


def test_a_zone_smaller_than_the_margin_is_entered_all_the_same() -> None:
    counter = at_once([(0.5, 0.5), (0.506, 0.5), (0.506, 0.506), (0.5, 0.506)])

    walk(counter, [(0.4, 0.503), (0.503, 0.503), (0.6, 0.503)])

    assert counter.figures().entries == counter.figures().exits == {0: 1}


def test_who_vanishes_stays_for_the_time_given_and_has_then_left_at_the_last_sighting() -> None:
    counter = at_once(SQUARE, keep_s=3.0)
    walk(counter, [(0.5, 0.5)] * 6)

    assert counter.update(tracks_at(3.9, {})) == []
    assert counter.figures().people == {0: 1}
    (left,) = counter.update(tracks_at(4.1, {}))

    assert (left.time_s, left.dwell_s) == (1.0, 1.0)
    assert counter.figures().people == {}


def test_who_is_seen_again_in_time_has_stayed() -> None:
    counter = at_once(SQUARE, keep_s=3.0)

    walk(counter, [(0.5, 0.5)] * 3, step_s=2.5)

    assert counter.figures().entries == {0: 1}
    assert counter.figures().person_s == 5


def test_who_comes_back_after_that_enters_again_and_not_since_the_track_began() -> None:
    counter = at_once(SQUARE)
    walk(counter, [(0.5, 0.5)] * 6)

    found = counter.update(replace(tracks_at(20.0, {1: (0.5, 0.5)}), begun_s=np.array([0.0])))

    assert [event.time_s for event in found] == [1.0, 20.0]
    assert counter.figures().person_s == 1


def test_all_leave_at_their_last_sighting_in_a_gap() -> None:
    counter = at_once(SQUARE)
    walk(counter, [(0.5, 0.5)] * 6)

    (left,) = counter.gap()
    again = counter.update(replace(tracks_at(1.5, {2: (0.5, 0.5)}), begun_s=np.array([0.8])))

    assert (left.time_s, left.dwell_s) == (1.0, 1.0)
    assert [event.time_s for event in again] == [1.0]
    assert counter.figures().entries == {0: 2}


def test_a_concave_zone_is_left_at_the_first_cut_and_entered_at_the_last() -> None:
    counter = at_once(HORSESHOE)

    found = walk(counter, [(0.3, 0.6), (0.5, 0.6), (0.0, 0.6), (0.7, 0.6)], step_s=1.0)

    assert [event.time_s for event in found] == pytest.approx([0, 0.5, 2 + 6 / 7])


def test_feet_on_every_edge_and_corner_are_counted_without_a_fault() -> None:
    edges = [*HORSESHOE, (0.5, 0.2), (0.8, 0.5), (0.7, 0.8), (0.6, 0.6), (0.5, 0.4), (0.3, 0.8)]
    counter = at_once(HORSESHOE)

    for step in range(40):
        counter.update(tracks_at(step * 0.2, dict(enumerate(edges, 1))))

    figures = counter.figures()
    assert sum(figures.people.values()) == sum(figures.entries.values())
    assert figures.exits == {}


def test_time_that_stands_still_or_goes_back_changes_nothing() -> None:
    counter = at_once(SQUARE)
    walk(counter, [(0.5, 0.5)] * 6)
    before = counter.figures()

    assert walk(counter, [(0.1, 0.5)], start_s=1.0) == []
    assert walk(counter, [(0.1, 0.5)], start_s=-5) == []

    assert counter.figures() == before


def test_boxes_without_a_place_are_passed_over() -> None:
    counter = at_once(SQUARE)

    walk(counter, [(0.5, 0.5), (math.nan, 0.5), (0.5, 0.5)])

    assert counter.figures().entries == {0: 1}


feet = st.tuples(st.floats(0, 1), st.floats(0, 1))
moments = st.lists(
    st.tuples(st.sampled_from([0.1, 0.2, 0.5, 1.0, 3.0]), st.dictionaries(st.integers(1, 4), feet)),
    max_size=40,
)


@settings(deadline=None)
@given(moments)
def test_the_time_in_a_zone_is_the_sum_of_all_stays_and_never_shrinks(
    steps: list[tuple[float, dict[int, tuple[float, float]]]],
) -> None:
    counter = at_once(HORSESHOE)
    events: list[ZoneEvent] = []
    time_s, last_s = 0.0, 0.0

    for step_s, seen in steps:
        time_s += step_s
        events += counter.update(tracks_at(time_s, seen))
        figures = counter.figures()
        assert figures.person_s >= last_s - 1e-9
        assert figures.person_s == pytest.approx((figures.all.mean_s or 0) * figures.all.count)
        people = sum(figures.entries.values()) - sum(figures.exits.values())
        assert people == sum(figures.people.values())
        last_s = figures.person_s
    kept = counter.state()
    events += counter.gap()

    figures = counter.figures()
    assert sum(event.dwell_s or 0 for event in events) == pytest.approx(last_s)
    assert figures.person_s == pytest.approx(last_s)
    assert figures.finished == figures.all
    assert counter.state().exits == kept.exits == kept.entries
    assert kept.dwell.total_s == pytest.approx(last_s)


def people(seed: int) -> list[Tracks]:
    """Ten people who walk at random."""
    rng = np.random.default_rng(seed)
    places = rng.random((10, 2))
    found = []
    for step in range(60):
        places = np.clip(places + rng.normal(0, 0.05, (10, 2)), 0, 1)
        found.append(tracks_at(step * 0.2, {key + 1: (x, y) for key, (x, y) in enumerate(places)}))
    return found


def test_the_order_of_the_tracks_changes_nothing() -> None:
    ordered, mixed = at_once(HORSESHOE), at_once(HORSESHOE)

    for step, tracks in enumerate(people(1)):
        ordered.update(tracks)
        turn = np.random.default_rng(step).permutation(10)
        mixed.update(replace(tracks, track_id=tracks.track_id[turn], xyxy=tracks.xyxy[turn]))

    assert mixed.figures().entries == ordered.figures().entries
    assert mixed.figures().person_s == pytest.approx(ordered.figures().person_s)
    assert ordered.figures().finished.count > 5


def test_a_picture_of_other_proportions_changes_nothing() -> None:
    """Half as wide, with the zone and all boxes in its left half."""
    whole = at_once(HORSESHOE)
    half = at_once([(x / 2, y) for x, y in HORSESHOE])
    wide = np.array([0.04, 0, -0.04, 0], np.float32)

    for tracks in people(2):
        larger = replace(tracks, xyxy=tracks.xyxy - wide)
        whole.update(larger)
        half.update(replace(larger, xyxy=larger.xyxy * np.array([0.5, 1, 0.5, 1], np.float32)))

    assert whole.figures().entries == half.figures().entries
    assert whole.figures().person_s == pytest.approx(half.figures().person_s, abs=1e-4)


def test_a_snapshot_through_json_keeps_the_figures_with_nobody_in_the_zone() -> None:
    counter, restored = at_once(SQUARE), at_once(SQUARE)
    walk(counter, [(0.1, 0.5), (0.5, 0.5), (0.5, 0.5), (0.1, 0.5)])
    walk(counter, [(0.5, 0.5)] * 11, start_s=10)
    walk(restored, [(0.5, 0.5)])

    text = msgspec.json.encode(counter.state())
    restored.restore(msgspec.json.decode(text, type=ZoneState))

    before, after = counter.figures(), restored.figures()
    assert (before.people, after.people) == ({0: 1}, {})
    assert after.entries == after.exits == before.entries == {0: 2}
    assert after.person_s == before.person_s
    assert after.finished == after.all == before.all


def test_reset_begins_from_zero_and_counts_again_who_is_in_the_zone() -> None:
    counter = at_once(SQUARE)
    walk(counter, [(0.5, 0.5)] * 11)

    counter.reset()
    (entered,) = counter.update(replace(tracks_at(2.5, {1: (0.5, 0.5)}), begun_s=np.array([0.9])))

    assert entered.time_s == 2.0
    assert counter.figures().entries == {0: 1}
    assert counter.figures().person_s == 0.5


def test_nothing_grows_with_the_number_of_people_that_were_there() -> None:
    counter = at_once(SQUARE)

    for step in range(1_000):
        counter.update(tracks_at(step * 2.1, {step * 100 + key: (0.5, 0.4) for key in range(100)}))

    assert len(counter._visitors) <= 200
    assert len(counter.state().dwell.buckets) == 1
    assert counter.figures().entries == {0: 100_000}


def test_what_is_no_polygon_is_refused() -> None:
    with pytest.raises(ValueError, match="polygon has 2 corners"):
        at_once(SQUARE[:2])


def test_who_is_inside_for_less_than_a_second_has_not_entered() -> None:
    counter = ZoneCounter(SQUARE)
    for step in range(10):
        counter.update(tracks_at(step * 0.1, {1: (0.05, 0.5)}))
    events = []
    for step in range(10, 16):
        events += counter.update(tracks_at(step * 0.1, {1: (0.5, 0.5)}))
    for step in range(16, 40):
        events += counter.update(tracks_at(step * 0.1, {1: (0.05, 0.5)}))

    assert events == []
    assert counter.figures().entries == {}


def test_a_foot_that_jumps_out_and_back_within_a_second_does_not_end_the_stay() -> None:
    counter = ZoneCounter(SQUARE)
    for step in range(60):
        x = 0.05 if 30 <= step < 38 else 0.5
        counter.update(tracks_at(step * 0.1, {1: (x, 0.5)}))

    figures = counter.figures()

    assert (figures.entries, figures.exits) == ({0: 1}, {})


def test_an_entry_is_told_a_second_late_with_the_time_at_the_border() -> None:
    counter = ZoneCounter(SQUARE)
    counter.update(tracks_at(0.0, {1: (0.05, 0.5)}))
    told = [counter.update(tracks_at(0.2 + step * 0.2, {1: (0.5, 0.5)})) for step in range(8)]

    (entered,) = [event for events in told for event in events]
    assert entered.time_s < 0.2
    assert told.index([entered]) >= 4
