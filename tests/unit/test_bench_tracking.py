from __future__ import annotations

import pytest

from bench.tracking import Box, score_trackers, tracking_rows
from heatwall.config.kinds import TRACKERS
from heatwall.values import Detections
from support.tracks import detections_of

LEFT: Box = (0.1, 0.3, 0.2, 0.8)
RIGHT: Box = (0.7, 0.3, 0.8, 0.8)
TIMES_S = [step * 0.2 for step in range(20)]


def found() -> list[Detections]:
    return [detections_of([LEFT, RIGHT]) for _ in TIMES_S]


def test_people_who_are_found_and_kept_apart_score_full_marks() -> None:
    scores = score_trackers(found(), TIMES_S, [[(1, LEFT), (3, RIGHT)] for _ in TIMES_S])

    assert [score.name for score in scores] == list(TRACKERS)
    for score in scores:
        assert (score.switches, score.idf1, score.mota) == (0, 1.0, 1.0)
        assert (score.ids, score.people) == (2, 2)


def test_people_who_change_places_unseen_are_two_switches() -> None:
    truth = [[(1, LEFT), (3, RIGHT)]] * 10 + [[(1, RIGHT), (3, LEFT)]] * 10

    (score,) = score_trackers(found(), TIMES_S, truth, names=["bytetrack"])

    assert score.switches == 2
    assert score.idf1 == pytest.approx(0.5)
    assert score.mota == pytest.approx(1 - 2 / 40)


def test_misses_and_false_boxes_count_against_mota() -> None:
    missed: Box = (0.4, 0.3, 0.5, 0.8)

    (score,) = score_trackers(
        found(), TIMES_S, [[(1, LEFT), (5, missed)] for _ in TIMES_S], names=["bytetrack"]
    )

    assert score.mota == pytest.approx(0.0)
    assert score.idf1 == pytest.approx(0.5)


def test_the_table_has_three_figures_for_each_tracker() -> None:
    scores = score_trackers(found(), TIMES_S, [[] for _ in TIMES_S], names=["bytetrack", "botsort"])

    names = [row.name for row in tracking_rows(scores)]

    assert len(names) == 6
    assert "botsort: IDF1" in names
