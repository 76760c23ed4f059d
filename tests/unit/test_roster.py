from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ultralytics.utils import ROOT

from heatwall.analysis.per_camera import CameraAnalysis
from heatwall.analysis.roster import Roster
from heatwall.analysis.spec import AnalysisSpec
from heatwall.config import Config
from heatwall.errors import ModelError
from heatwall.specs import analysis_spec
from support.tracks import detections_of

STANDING = (0.4, 0.3, 0.5, 0.8)
NAMES = {0: "person"}


@pytest.fixture
def spec() -> AnalysisSpec:
    config = Config.model_validate({"cameras": {"door": {"url": "rtsp://h/"}}})
    return analysis_spec(config.cameras["door"])


def seen(spec: AnalysisSpec) -> Roster:
    """Return a roster of two cameras that both saw somebody."""
    roster = Roster({"door": spec, "till": spec}, lambda: 0.0)
    roster.know(NAMES, "x.pt")
    for camera in ("door", "till"):
        for step in range(10):
            analysis = roster.camera(camera)
            analysis.update(detections_of([STANDING]), 10 + step / 5, (320, 180))
    return roster


@pytest.mark.parametrize("error", [ValueError("other grid"), RuntimeError("a bug")])
def test_a_camera_whose_memory_can_not_be_taken_over_begins_anew_and_alone(
    spec: AnalysisSpec, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember = CameraAnalysis.remember

    def fails_at_the_door(self: CameraAnalysis, *given: Any) -> None:
        if self._camera == "door":
            raise error
        remember(self, *given)

    roster = seen(spec)
    monkeypatch.setattr(CameraAnalysis, "remember", fails_at_the_door)
    other = replace(spec, confidence=0.5)
    roster.change({"door": other, "till": other}, (), 12.0)
    assert roster.camera("door").memory(12.0) is None
    assert roster.camera("till").memory(12.0) is not None
    roster.camera("door").update(detections_of([STANDING]), 12.0, (320, 180))


def test_a_change_in_place_that_fails_makes_its_camera_begin_anew(
    spec: AnalysisSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("a bug")

    roster = seen(spec)
    before = roster.camera("door")
    monkeypatch.setattr(CameraAnalysis, "become", fails)
    roster.change({"door": replace(spec, style=replace(spec.style, opacity=0.1))}, (), 12.0)
    assert roster.camera("door") is not before
    assert roster.camera("till").memory(12.0) is not None


def test_a_tracker_file_that_holds_something_else_is_taken_with_heat_kept(
    spec: AnalysisSpec, tmp_path: Path
) -> None:
    shipped = ROOT / "cfg" / "trackers" / "bytetrack.yaml"
    file = tmp_path / "own.yaml"
    file.write_text(shipped.read_text())
    own = replace(spec, tracker=str(file))
    roster = seen(own)
    before = roster.camera("door")
    roster.change({"door": own}, (), 12.0)
    assert roster.camera("door") is before

    file.write_text(shipped.read_text() + "# other\n")
    roster.change({"door": own}, (), 12.0)
    assert roster.camera("door") is not before
    assert roster.camera("door").memory(12.0) is not None

    file.write_text("tracker_type: other\n")
    with pytest.raises(ModelError, match="tracker_type 'other'"):
        roster.change({"door": own}, (), 12.0)
