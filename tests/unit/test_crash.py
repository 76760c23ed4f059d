from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from heatwall.crash import MOST_REPORTS, CrashReports, Fault
from heatwall.redaction import KNOWN

AT = 1_700_000_000.0


def reports(folder: Path, settings: object = None) -> CrashReports:
    return CrashReports(
        folder / "crashes",
        {"heatwall": "1.2.3", "ffmpeg": "8.1"},
        lambda: settings,
        lambda: ["INFO camera door: live", "ERROR all is lost"],
        lambda: AT,
    )


def test_a_report_names_fault_camera_versions_settings_and_what_led_to_it(tmp_path: Path) -> None:
    settings = {"cameras": {"door": {"name": "Tür"}}}
    fault = Fault("it broke", "Traceback …\nValueError: no", "door")
    path = reports(tmp_path, settings).write(fault)
    assert path == tmp_path / "crashes" / "crash-20231114-221320.txt"
    text = path.read_text()
    for part in (
        "it broke\ncamera door",
        "ValueError: no",
        "heatwall 1.2.3\nffmpeg 8.1",
        json.dumps(settings, indent=2, ensure_ascii=False),
        "INFO camera door: live\nERROR all is lost",
    ):
        assert part in text


def test_a_report_has_no_secret_and_is_its_owners_alone(tmp_path: Path) -> None:
    KNOWN.add(["canary-of-anna"])
    settings = {"url": "rtsp://u:canary@h/x", "hash": "canary-of-anna"}
    path = reports(tmp_path, settings).write(Fault("as canary-of-anna", "http://h?pw=canary"))
    assert path is not None
    assert "canary" not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_newest_twenty_reports_are_kept(tmp_path: Path) -> None:
    writer = reports(tmp_path)
    for number in range(MOST_REPORTS + 5):
        assert writer.write(Fault(f"number {number} of them", "")) is not None
    texts = [path.read_text() for path in (tmp_path / "crashes").iterdir()]
    assert len(texts) == MOST_REPORTS
    assert any("number 24 of them" in text for text in texts)
    assert not any("number 4 of them" in text for text in texts)


def test_a_huge_traceback_makes_no_huge_file(tmp_path: Path) -> None:
    path = reports(tmp_path).write(Fault("too deep", "frame\n" * 1_000_000))
    assert path is not None
    assert path.stat().st_size <= 200_000


def test_a_folder_that_can_not_be_written_is_said_and_ends_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "crashes").write_text("in the way")
    assert reports(tmp_path).write(Fault("it broke", "")) is None
    assert "a crash report can't be written: " in caplog.text
