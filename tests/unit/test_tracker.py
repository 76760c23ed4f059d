from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatwall.analysis.tracker import Tracker
from heatwall.config.kinds import TRACKERS
from heatwall.errors import ModelError
from heatwall.values import Tracks
from support.tracks import detections_of

Box = tuple[float, float, float, float]

BOX = (0.4, 0.3, 0.5, 0.8)
OTHER = (0.7, 0.3, 0.8, 0.8)

BYTETRACK = """\
tracker_type: bytetrack
track_high_thresh: 0.25
track_low_thresh: 0.1
new_track_thresh: 0.25
track_buffer: 30
match_thresh: 0.8
fuse_score: true
"""


def walk(tracker: Tracker, steps: int, start_s: float = 0.0) -> list[int]:
    """Let one person walk to the right; returns the ids seen."""
    ids: list[int] = []
    for step in range(steps):
        x = 0.1 + 0.01 * step
        found = tracker.update(detections_of([(x, 0.3, x + 0.1, 0.8)]), start_s + step * 0.2)
        ids += found.track_id.tolist()
    return ids


def show(tracker: Tracker, boxes: Sequence[Box], times_s: Iterable[float]) -> list[Tracks]:
    """Show the same boxes at each time."""
    return [tracker.update(detections_of(boxes), time_s) for time_s in times_s]


def ids_around_absence(tracker: Tracker, rate_hz: float, absent_s: float) -> tuple[set[int], int]:
    """Let a person stand, be gone, and stand there again.

    Returns:
        The ids before, and the id after.
    """
    step_s = 1 / rate_hz
    before = show(tracker, [BOX], [number * step_s for number in range(5)])
    last_s = before[-1].time_s
    empty = [last_s + number * step_s for number in range(1, round(absent_s * rate_hz))]
    show(tracker, [], empty)
    after = show(tracker, [BOX], [last_s + absent_s + number * step_s for number in range(4)])
    return {key for found in before for key in found.track_id.tolist()}, int(after[-1].track_id[0])


def own_file(folder: Path, text: str, name: str = "mine.yaml") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("name", TRACKERS)
def test_a_person_who_walks_keeps_one_id(name: str) -> None:
    ids = walk(Tracker(name, 0.25, 2.0), 20)

    assert set(ids) == {1}
    assert len(ids) == 20


@pytest.mark.parametrize("name", TRACKERS)
def test_two_people_who_cross_keep_their_ids(name: str) -> None:
    tracker = Tracker(name, 0.25, 2.0)
    pairs: list[tuple[int, int]] = []

    for step in range(31):
        right, left = 0.2 + 0.02 * step, 0.8 - 0.02 * step
        near, far = (right - 0.05, 0.3, right + 0.05, 0.9), (left - 0.04, 0.25, left + 0.04, 0.7)
        is_far_hidden = abs(right - left) < 0.05
        found = tracker.update(detections_of([near] if is_far_hidden else [near, far]), step * 0.2)
        if len(found) == 2:
            pairs.append(tuple(found.track_id[np.argsort(-found.xyxy[:, 3])].tolist()))

    assert len(pairs) >= 27
    assert len(set(pairs)) == 1


@pytest.mark.parametrize("name", TRACKERS)
def test_a_person_who_walks_by_half_a_width_at_each_update_keeps_one_id(name: str) -> None:
    tracker = Tracker(name, 0.25, 2.0)
    show(tracker, [], [0.0, 0.2])

    found = [
        tracker.update(detections_of([(x, 0.3, x + 0.08, 0.8)], 0.6), 0.4 + 5 * x)
        for x in np.arange(0.02, 0.9, 0.04).tolist()
    ]

    assert [len(tracks) for tracks in found[3:]] == [1] * len(found[3:])
    assert {key for tracks in found for key in tracks.track_id.tolist()} == {1}


@pytest.mark.parametrize("name", TRACKERS)
@pytest.mark.parametrize("box", [BOX, (0.0, 0.1, 0.02, 0.3), (0.9, 0.7, 1.0, 1.0)])
def test_a_track_has_the_box_of_its_detection(name: str, box: Box) -> None:
    found = show(Tracker(name, 0.25, 2.0), [box], [0.0, 0.2, 0.4])[-1]

    assert found.xyxy[0] == pytest.approx(box, abs=1e-4)


@pytest.mark.parametrize("name", TRACKERS)
def test_low_scores_keep_a_track_alive_and_begin_none(name: str) -> None:
    tracker = Tracker(name, 0.25, 2.0)

    assert len(tracker.update(detections_of([BOX], confidence=0.15), 0.0)) == 0
    for step in range(3):
        tracker.update(detections_of([BOX]), 0.2 + step * 0.2)
    kept = tracker.update(detections_of([BOX], confidence=0.15), 1.0)

    assert kept.track_id.tolist() == [1]


@pytest.mark.parametrize("name", TRACKERS)
def test_a_track_begins_from_the_confidence_on(name: str) -> None:
    def ids_at(score: float) -> set[int]:
        tracker = Tracker(name, 0.4, 2.0)
        shown = [tracker.update(detections_of([BOX], score), step * 0.2) for step in range(6)]
        return {key for found in shown for key in found.track_id.tolist()}

    assert ids_at(0.45) == {1}
    assert ids_at(0.35) == set()


@pytest.mark.parametrize("rate_hz", [0.5, 5.0, 15.0])
@pytest.mark.parametrize("name", TRACKERS)
def test_a_lost_track_is_kept_for_the_same_seconds_at_any_rate(name: str, rate_hz: float) -> None:
    before, after = ids_around_absence(Tracker(name, 0.25, 5.0), rate_hz, 4.0)
    assert before == {1}
    assert after == 1

    before, after = ids_around_absence(Tracker(name, 0.25, 5.0), rate_hz, 6.0)
    assert before == {1}
    assert after == 2


@pytest.mark.parametrize("name", TRACKERS)
def test_a_buffer_shorter_than_a_step_loses_nobody_who_stays(name: str) -> None:
    found = show(Tracker(name, 0.25, 0.5), [BOX], [0.0, 2.0, 4.0, 6.0, 8.0])

    assert found[-1].track_id.tolist() == [1]


@given(
    absences_s=st.lists(st.floats(0.05, 0.9), min_size=2, max_size=30), buffer_s=st.floats(0.5, 8)
)
@settings(deadline=None, max_examples=40)
def test_the_buffer_holds_at_an_uneven_rate(absences_s: list[float], buffer_s: float) -> None:
    times_s = (1.0 + np.cumsum(absences_s)).tolist()
    absent_s = times_s[-1] - 1.0
    tracker = Tracker("bytetrack", 0.25, buffer_s)

    show(tracker, [BOX], [0.6, 0.8, 1.0])
    show(tracker, [], times_s[:-1])
    found = show(tracker, [BOX], [times_s[-1], times_s[-1] + 0.1])

    if abs(absent_s - buffer_s) > 1e-6:
        assert found[-1].track_id.tolist() == ([1] if absent_s < buffer_s else [2])


def test_somebody_hidden_behind_another_is_kept_no_longer_than_the_buffer() -> None:
    tracker = Tracker("fasttrack", 0.25, 0.7)
    cover = (0.38, 0.28, 0.52, 0.82)
    show(tracker, [BOX], [0.0, 0.2, 0.4])

    show(tracker, [cover, BOX], [0.6, 0.8])
    show(tracker, [cover], [1.0, 1.2, 1.4, 1.6, 1.8])
    after = show(tracker, [cover, BOX], [2.0, 2.2, 2.4])

    assert 1 not in after[-1].track_id.tolist()


@pytest.mark.parametrize("name", TRACKERS)
def test_a_track_began_one_step_before_its_first_sighting(name: str) -> None:
    tracker = Tracker(name, 0.25, 2.0)
    show(tracker, [OTHER], [10.0, 10.2, 10.4, 10.7])

    found = show(tracker, [OTHER, BOX], [11.0, 11.2, 11.4])[-1]

    assert found.begun_s is not None
    begun_s = dict(zip(found.track_id.tolist(), found.begun_s.tolist(), strict=True))
    assert begun_s == {1: 10.0, 2: pytest.approx(10.7)}


@pytest.mark.parametrize("name", TRACKERS)
def test_a_track_keeps_its_beginning_through_its_life(name: str) -> None:
    tracker = Tracker(name, 0.25, 2.0)
    show(tracker, [], [10.0, 10.2])

    seen = show(tracker, [BOX], [10.4 + 0.2 * step for step in range(100)])
    show(tracker, [], [30.4, 30.6, 30.8])
    seen += show(tracker, [BOX], [31.0, 31.2])

    begun_s = {value for found in seen if found.begun_s is not None for value in found.begun_s}
    assert begun_s == {10.2}
    assert seen[-1].track_id.tolist() == [1]


def test_a_long_step_before_the_first_sighting_counts_for_one_second() -> None:
    tracker = Tracker("bytetrack", 0.25, 20.0)
    show(tracker, [OTHER], [10.0])

    found = show(tracker, [OTHER, BOX], [15.0, 20.0])[-1]

    assert found.begun_s is not None
    assert found.begun_s.tolist() == [10.0, 14.0]


def test_no_step_is_known_at_the_start_and_after_a_gap() -> None:
    tracker = Tracker("bytetrack", 0.25, 2.0)
    first = tracker.update(detections_of([BOX]), 5.0)
    tracker.reset()
    second = tracker.update(detections_of([BOX]), 9.0)

    assert first.begun_s is not None
    assert second.begun_s is not None
    assert first.begun_s.tolist() == [5.0]
    assert second.begun_s.tolist() == [9.0]


def test_times_that_go_back_date_nothing_forward() -> None:
    tracker = Tracker("bytetrack", 0.25, 2.0)
    show(tracker, [OTHER], [10.0, 10.2])

    found = show(tracker, [OTHER, BOX], [10.1, 10.3])[-1]

    assert found.begun_s is not None
    assert found.begun_s.tolist() == [10.0, 10.1]


def test_two_cameras_number_their_own_tracks() -> None:
    one, other = Tracker("bytetrack", 0.25, 2.0), Tracker("bytetrack", 0.25, 2.0)

    many: set[int] = set()
    few: set[int] = set()
    for step in range(5):
        boxes = [BOX, OTHER, (0.1, 0.3, 0.2, 0.8)]
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


@pytest.mark.parametrize("name", TRACKERS)
def test_an_empty_frame_gives_no_tracks(name: str) -> None:
    assert len(Tracker(name, 0.25, 2.0).update(detections_of([]), 0.0)) == 0


def test_a_tracker_that_does_not_exist_is_a_clear_error() -> None:
    with pytest.raises(ModelError, match=r"no tracker nonsense; allowed: botsort, bytetrack"):
        Tracker("nonsense", 0.25, 2.0)


@pytest.mark.parametrize("name", TRACKERS)
def test_a_shipped_tracker_may_be_named_as_its_file(name: str) -> None:
    assert set(walk(Tracker(f"{name}.yaml", 0.25, 2.0), 5)) == {1}


def test_a_file_of_ones_own_is_taken_as_it_stands(tmp_path: Path) -> None:
    name = own_file(tmp_path, BYTETRACK.replace("track_buffer: 30", "track_buffer: 3"))

    # Its buffer counts updates, whatever the camera's own says in seconds.
    assert ids_around_absence(Tracker(name, 0.9, 0.1), 5.0, 0.6)[1] == 1
    assert ids_around_absence(Tracker(name, 0.9, 60.0), 5.0, 2.0)[1] == 2
    # Its scores count, not the camera's.
    low = [Tracker(name, 0.9, 2.0).update(detections_of([BOX], 0.3), 0.0)]
    assert low[0].track_id.tolist() == [1]


def test_a_file_beside_the_config_stands_before_the_shipped_one_only_when_named_as_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_file(tmp_path, BYTETRACK.replace("0.25", "0.8"), "bytetrack.yaml")
    monkeypatch.chdir(tmp_path)

    shipped = Tracker("bytetrack", 0.25, 2.0).update(detections_of([BOX], 0.5), 0.0)
    own = Tracker("bytetrack.yaml", 0.25, 2.0).update(detections_of([BOX], 0.5), 0.0)

    assert (len(shipped), len(own)) == (1, 0)


def test_motion_compensation_of_ones_own_file_is_left_out(tmp_path: Path) -> None:
    text = BYTETRACK.replace("bytetrack", "tracktrack") + "gmc_method: orb\n"

    assert set(walk(Tracker(own_file(tmp_path, text), 0.25, 2.0), 10)) == {1}


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"there is no tracker .*gone\.yaml; allowed: botsort"):
        Tracker(str(tmp_path / "gone.yaml"), 0.25, 2.0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [b", "is not a YAML file of keys and values"),
        ("- a\n- b\n", "is not a YAML file of keys and values"),
        ("", "has no tracker_type; allowed: botsort, bytetrack"),
        (
            BYTETRACK.replace("bytetrack", "sort"),
            r"has the tracker_type 'sort'; allowed: botsort, bytetrack",
        ),
        (
            BYTETRACK.replace("tracker_type: bytetrack", "tracker_type: [bytetrack]"),
            r"has the tracker_type \['bytetrack'\]; allowed: botsort, bytetrack",
        ),
        (BYTETRACK.replace("match_thresh: 0.8", "match_thresh: high"), "makes its tracker fail: "),
        (BYTETRACK.replace("track_buffer: 30", "track_buffer: long"), "makes its tracker fail: "),
        (BYTETRACK.replace("bytetrack", "botsort") + "with_reid: true\n", "with_reid needs"),
    ],
)
def test_a_file_that_does_not_fit_is_named_with_its_fault(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(ModelError, match=rf"mine\.yaml:? {message}"):
        Tracker(own_file(tmp_path, text), 0.25, 2.0)


@pytest.mark.parametrize(
    "key",
    [
        "track_high_thresh",
        "track_low_thresh",
        "new_track_thresh",
        "track_buffer",
        "match_thresh",
        "fuse_score",
    ],
)
def test_a_key_that_the_library_lacks_is_named_before_the_first_frame(
    tmp_path: Path, key: str
) -> None:
    text = "".join(line for line in BYTETRACK.splitlines(keepends=True) if key not in line)

    with pytest.raises(ModelError, match=rf"mine\.yaml lacks the key {key}$"):
        Tracker(own_file(tmp_path, text), 0.25, 2.0)
