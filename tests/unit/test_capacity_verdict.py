from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from heatwall.capacity.trial import Asked, Trial
from heatwall.capacity.verdict import answer, best_count, next_count, shortfalls

GOOD = Trial(
    Asked(cameras=4, detect_fps=5, tile_fps=15, cores=2),
    detect_fps=(4.9, 4.6),
    tile_fps=(15.0, 14.8),
    latency_ms=(80.0, 120.0),
    growth_ms=3.0,
)
COUNTS = (1, 2, 4, 8, 16, 32)


def tried(holds: Callable[[int], bool], counts: tuple[int, ...] = COUNTS) -> dict[int, bool]:
    """Play a ramp to its end."""
    held: dict[int, bool] = {}
    while (count := next_count(counts, held)) is not None:
        assert count not in held
        held[count] = holds(count)
    return held


def test_a_machine_that_keeps_up_has_no_shortfall() -> None:
    assert shortfalls(GOOD) == []


@pytest.mark.parametrize(
    ("trial", "words"),
    [
        (replace(GOOD, tile_fps=(15.0, 14.5)), "a tile had 14.5 of 15 pictures a second"),
        (replace(GOOD, detect_fps=(4.4, 4.4)), "4.4 of 5 detections a second"),
        (replace(GOOD, drop_share=0.005), "0.5% of the pictures were dropped"),
        (replace(GOOD, growth_ms=51.0), "the delay grew by 51 ms"),
        (replace(GOOD, latency_ms=(300.0, 501.0)), "the delay rose to 501 ms"),
        (replace(GOOD, fault="after 60 s 3 of 4 cameras are live"), "3 of 4 cameras are live"),
    ],
)
def test_what_falls_short_is_said(trial: Trial, words: str) -> None:
    (said,) = shortfalls(trial)
    assert words in said


def test_just_enough_is_enough() -> None:
    enough = replace(
        GOOD, tile_fps=(15.0, 14.55), detect_fps=(4.5, 3.0), growth_ms=50.0, drop_share=0.0049
    )
    assert shortfalls(enough) == []


def test_the_ramp_stops_at_the_first_that_does_not_hold_and_narrows_the_limit_down() -> None:
    held = tried(lambda count: count <= 11)

    assert list(held)[:5] == [1, 2, 4, 8, 16]
    assert 32 not in held
    assert best_count(held) == 11


def test_a_finer_answer_than_a_tenth_is_not_sought() -> None:
    held = tried(lambda count: count <= 27)

    assert 25 <= best_count(held) <= 27
    assert len(held) <= 9


def test_a_machine_that_holds_all_is_asked_no_more() -> None:
    assert tried(lambda _: True) == dict.fromkeys(COUNTS, True)


def test_a_machine_that_holds_nothing_is_tried_once() -> None:
    assert tried(lambda _: False) == {1: False}


def test_a_ramp_that_begins_too_high_goes_down() -> None:
    assert best_count(tried(lambda count: count <= 5, (16,))) == 5


def test_a_count_that_held_above_one_that_did_not_is_luck() -> None:
    assert best_count({1: True, 8: False, 12: True}) == 1


@pytest.mark.parametrize(
    ("results", "sentence"),
    [
        (
            {5.0: {8: True, 12: True, 13: False}, 2.0: {12: True, 13: True, 16: False}},
            "This machine holds 12 cameras at 5 detections a second (13 at 2).",
        ),
        ({1.0: {1: True, 2: False}}, "This machine holds 1 camera at 1 detection a second."),
        ({5.0: {32: True}}, "This machine holds at least 32 cameras at 5 detections a second."),
        ({5.0: {1: False}}, "This machine does not hold 1 camera at 5 detections a second."),
        ({5.0: {}}, "Nothing was measured."),
    ],
)
def test_the_answer_is_one_sentence(results: dict[float, dict[int, bool]], sentence: str) -> None:
    assert answer(results, is_whole=True) == sentence


def test_an_answer_that_was_cut_short_says_so() -> None:
    said = answer({5.0: {4: True}, 2.0: {}}, is_whole=False)

    assert said == (
        "This machine holds at least 4 cameras at 5 detections a second; it was stopped before it "
        "had tried more."
    )
