from __future__ import annotations

import pytest

from heatwall.analysis.tracker import Tracker
from heatwall.errors import ModelError
from support.tracks import detections_of

BOX = (0.4, 0.3, 0.5, 0.8)


def walk(tracker: Tracker, steps: int, start_s: float = 0.0) -> list[int]:
    """Let one person walk to the right; returns the ids seen."""
    ids: list[int] = []
    for step in range(steps):
        x = 0.1 + 0.01 * step
        found = tracker.update(detections_of([(x, 0.3, x + 0.1, 0.8)]), start_s + step * 0.2)
        ids += found.track_id.tolist()
    return ids


@pytest.mark.parametrize("name", ["bytetrack", "botsort", "ocsort", "deepocsort", "fasttrack"])
def test_a_person_who_walks_keeps_one_id(name: str) -> None:
    ids = walk(Tracker(name, 0.25, 2.0), 20)

    assert set(ids) == {1}
    assert len(ids) >= 15


def test_two_cameras_number_their_own_tracks() -> None:
    one, other = Tracker("bytetrack", 0.25, 2.0), Tracker("bytetrack", 0.25, 2.0)

    many: set[int] = set()
    few: set[int] = set()
    for step in range(5):
        boxes = [BOX, (0.7, 0.3, 0.8, 0.8), (0.1, 0.3, 0.2, 0.8)]
        many |= set(one.update(detections_of(boxes), step * 0.2).track_id.tolist())
        few |= set(other.update(detections_of([BOX]), step * 0.2).track_id.tolist())

    assert many == {1, 2, 3}
    assert few == {1}


def test_a_new_camera_does_not_disturb_the_ids_of_another() -> None:
    old = Tracker("bytetrack", 0.25, 2.0)
    walk(old, 5)

    Tracker("bytetrack", 0.25, 2.0)
    ids = walk(old, 5, 1.0)

    assert set(ids) == {1}


def test_after_a_gap_no_id_is_used_again() -> None:
    tracker = Tracker("bytetrack", 0.25, 2.0)
    before = set(walk(tracker, 5))

    tracker.reset()
    after = set(walk(tracker, 5, 60.0))

    assert before == {1}
    assert after == {2}


def test_low_scores_keep_a_track_alive_and_begin_none() -> None:
    tracker = Tracker("bytetrack", 0.25, 2.0)

    assert len(tracker.update(detections_of([BOX], confidence=0.15), 0.0)) == 0
    for step in range(3):
        tracker.update(detections_of([BOX]), 0.2 + step * 0.2)
    kept = tracker.update(detections_of([BOX], confidence=0.15), 1.0)

    assert kept.track_id.tolist() == [1]


def test_an_empty_frame_gives_no_tracks() -> None:
    assert len(Tracker("bytetrack", 0.25, 2.0).update(detections_of([]), 0.0)) == 0


def test_a_tracker_that_does_not_exist_is_a_clear_error() -> None:
    with pytest.raises(ModelError, match="no tracker nonsense"):
        Tracker("nonsense", 0.25, 2.0)
