from __future__ import annotations

import re
from collections import Counter

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from heatwall.delivery.fanout import TierStatistics
from heatwall.delivery.peer import Loss
from heatwall.delivery.quality import Move
from heatwall.metrics import Metrics
from heatwall.states import CameraState
from heatwall.status import DetectionStatus, SavingStatus
from heatwall.values import Tier
from support.wall import FakeWall


class _Viewers:
    """Three sessions, two slots of one camera."""

    def __len__(self) -> int:
        return 3

    def viewers(self) -> Counter[str]:
        return Counter(door=2)

    def statistics(self) -> dict[tuple[str, Tier], TierStatistics]:
        return {("door", Tier.TILE): TierStatistics(100, 180, 20, 4, 2)}

    def losses(self) -> list[Loss]:
        return [Loss(0.25, 10, 0.01), Loss(0.5, 1, 0.01)]

    def reduced(self) -> int:
        return 1

    def moves(self) -> dict[Move, int]:
        return {Move.DOWN: 5, Move.UP: 4}


def _samples(wall: FakeWall) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    _, body = Metrics(wall, _Viewers()).exposition()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(body.decode())
        for sample in family.samples
    }


@pytest.mark.parametrize(
    ("name", "labels", "value"),
    [
        ("heatwall_frames_decoded_total", {"camera": "door"}, 100),
        ("heatwall_frames_detected_total", {"camera": "door"}, 40),
        ("heatwall_frames_shown_total", {"camera": "door", "tier": "tile"}, 60),
        ("heatwall_frames_dropped_total", {"camera": "door", "reason": "detector_busy"}, 2),
        ("heatwall_detection_up", {}, 0),
        ("heatwall_analyst_restarts_total", {}, 4),
        ("heatwall_analyst_hung_threads", {}, 1),
        ("heatwall_heat_saving_failed", {}, 1),
        ("heatwall_heat_saved_timestamp_seconds", {}, 1_700_000_000),
        ("heatwall_pace_ratio", {"what": "detect"}, 0.5),
        ("heatwall_pace_ratio", {"what": "pictures"}, 1),
        ("heatwall_camera_connects_total", {"camera": "door"}, 1),
        ("heatwall_worker_restarts_total", {"camera": "door"}, 0),
        ("heatwall_encoders_running", {"camera": "door", "tier": "tile"}, 1),
        ("heatwall_encoders_running", {"camera": "door", "tier": "focus"}, 0),
        ("heatwall_frame_age_seconds", {"camera": "door"}, 0.08),
        ("heatwall_people_now", {"camera": "door"}, 3),
        ("heatwall_camera_state", {"camera": "door", "state": "live"}, 1),
        ("heatwall_camera_state", {"camera": "door", "state": "refused"}, 0),
        (
            "heatwall_line_crossings_total",
            {"camera": "door", "line": "door", "direction": "in", "class": "person"},
            5,
        ),
        (
            "heatwall_line_crossings_total",
            {"camera": "door", "line": "door", "direction": "out", "class": "person"},
            3,
        ),
        ("heatwall_zone_people", {"camera": "door", "zone": "queue"}, 2),
        (
            "heatwall_zone_entries_total",
            {"camera": "door", "zone": "queue", "class": "person"},
            9,
        ),
        ("heatwall_zone_exits_total", {"camera": "door", "zone": "queue", "class": "person"}, 7),
        ("heatwall_zone_person_seconds_total", {"camera": "door", "zone": "queue"}, 812.5),
        (
            "heatwall_zone_dwell_seconds",
            {"camera": "door", "zone": "queue", "statistic": "mean"},
            90,
        ),
        ("heatwall_viewers", {}, 3),
        ("heatwall_slots", {"camera": "door"}, 2),
        ("heatwall_slots", {"camera": "till"}, 0),
        ("heatwall_viewer_worst_loss_ratio", {}, 0.5),
        ("heatwall_viewers_reduced", {}, 1),
        ("heatwall_viewer_moves_total", {"direction": "down"}, 5),
        ("heatwall_viewer_moves_total", {"direction": "up"}, 4),
        ("heatwall_encoders_running", {"camera": "door", "tier": "preview"}, 0),
        ("heatwall_pictures_sent_total", {"camera": "door", "tier": "tile"}, 180),
        ("heatwall_pictures_dropped_total", {"camera": "door", "tier": "tile"}, 20),
        ("heatwall_idr_requests_total", {"camera": "door", "tier": "tile"}, 4),
        ("heatwall_stage_seconds_total", {"camera": "door", "stage": "encode"}, 0.3),
        ("heatwall_stage_frames_total", {"camera": "door", "stage": "encode"}, 60),
        ("heatwall_stage_seconds_total", {"camera": "door", "stage": "new"}, 0.1),
    ],
)
def test_a_scrape_tells_the_walls_own_figure(
    name: str, labels: dict[str, str], value: float
) -> None:
    wall = FakeWall("door", "till")
    wall.detection_status = DetectionStatus(is_up=False, restarts=4, hung_threads=1)
    wall.saving_status = SavingStatus("No space left on device", 5.0, 1_700_000_000.0)
    samples = _samples(wall)
    assert samples[name, tuple(sorted(labels.items()))] == value


def test_a_camera_without_a_frame_has_no_age() -> None:
    wall = FakeWall("door")
    wall.cameras["door"] = msgspec.structs.replace(
        wall.cameras["door"], frame_age_s=None, people_now=None, state=CameraState.CONNECTING
    )
    names = {name for name, _ in _samples(wall)}
    assert "heatwall_frame_age_seconds" not in names
    assert "heatwall_people_now" not in names


def test_exactly_one_state_of_a_camera_is_1() -> None:
    states = {
        labels: value
        for (name, labels), value in _samples(FakeWall("door")).items()
        if name == "heatwall_camera_state"
    }
    assert len(states) == len(CameraState)
    assert sum(states.values()) == 1


def test_the_process_has_some_memory() -> None:
    assert _samples(FakeWall())["process_resident_memory_bytes", ()] > 1_000_000


def test_the_names_follow_the_conventions_of_prometheus() -> None:
    content_type, body = Metrics(FakeWall("door"), _Viewers()).exposition()
    assert content_type.startswith("text/plain")
    for family in text_string_to_metric_families(body.decode()):
        assert family.documentation.endswith(".")
        assert re.fullmatch(r"(heatwall|process)_[a-z_]+", family.name)
        for sample in family.samples:
            assert sample.name.endswith("_total") == (family.type == "counter")
            assert not re.search(r"_(ms|milliseconds|counts?|mb)(_|$)", sample.name)


def test_nothing_is_read_before_the_first_scrape(monkeypatch: pytest.MonkeyPatch) -> None:
    wall = FakeWall("door")
    monkeypatch.setattr(wall, "statuses", lambda: pytest.fail("was read too soon"))
    Metrics(wall, _Viewers())
