from __future__ import annotations

import errno
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from heatwall.config import Regions, in_words, load_config, regions_of
from heatwall.config_file import ConfigFile
from heatwall.errors import DeliveryError

DOOR = {"from": [0.1, 0.7], "to": [0.9, 0.7], "inside": "below"}
TEXT = "# mine\r\ncameras:\r\n  cam:  # the door\r\n    url: rtsp://h/1"
WANTED = Regions.model_validate({"lines": {"door": DOOR}, "zones": {}})
NONE = Regions(lines={}, zones={})


def written(folder: Path, text: str = TEXT) -> Path:
    path = folder / "wall.yaml"
    path.write_bytes(text.encode())
    return path


def opened(path: Path) -> ConfigFile:
    return ConfigFile(path, load_config(path))


def lines_in(path: Path) -> dict[str, Any]:
    lines: dict[str, Any] = in_words(regions_of(load_config(path).cameras["cam"]))["lines"]
    return lines


def refused(file: ConfigFile, wanted: Regions = WANTED) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        file.save("cam", wanted)
    assert caught.value.status == 409
    assert "hold until the server ends, but were not saved" in str(caught.value)
    return caught.value


def test_a_save_changes_the_lines_and_no_other_byte(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    path = written(tmp_path)
    file = opened(path)

    file.save("cam", WANTED)

    assert lines_in(path) == {"door": DOOR}
    assert path.read_bytes().startswith(TEXT.encode())
    assert "lines and zones are saved in" in caplog.text
    file.save("cam", NONE)
    assert lines_in(path) == {}
    assert [one.name for one in tmp_path.iterdir()] == ["wall.yaml"]


def test_what_is_written_by_hand_between_two_saves_stays(tmp_path: Path) -> None:
    path = written(tmp_path)
    file = opened(path)
    file.save("cam", WANTED)
    path.write_bytes(path.read_bytes() + b"\r\n    conf: 0.5 # better\r\n")
    hand = b"lines:\r\n      hand: {from: [0.1, 0.2], to: [0.9, 0.2], inside: above}\r\n"
    path.write_bytes(path.read_bytes().replace(b"lines:\r\n", hand))

    file.save("cam", NONE)

    assert list(lines_in(path)) == ["hand"]
    assert path.read_bytes().endswith(b"conf: 0.5 # better\r\n")


def test_the_files_mode_stays_and_of_a_link_its_target_is_changed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    real = written(tmp_path / "real")
    real.chmod(0o640)
    link = tmp_path / "wall.yaml"
    link.symlink_to(Path("real") / "wall.yaml")

    opened(link).save("cam", WANTED)

    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert lines_in(real) == {"door": DOOR}


def test_a_save_that_changes_nothing_writes_nothing(tmp_path: Path) -> None:
    path = written(tmp_path)
    before = path.stat()
    opened(path).save("cam", NONE)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_file_that_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    path = written(tmp_path)
    file = opened(path)
    path.unlink()
    error = refused(file)
    assert (error.code, path.exists()) == ("file_invalid", False)
    assert "is not there" in str(error)


def test_a_file_that_is_invalid_by_now_is_left_alone_and_its_fault_told(tmp_path: Path) -> None:
    path = written(tmp_path)
    file = opened(path)
    spoilt = TEXT + "\r\n    confi: 1\r\n"
    path.write_bytes(spoilt.encode())
    error = refused(file)
    assert error.code == "file_invalid"
    assert "wall.yaml:5: cameras.cam.confi: is not a known key" in str(error)
    assert path.read_bytes().decode() == spoilt


def test_an_edit_that_can_not_be_made_tells_what_to_write(tmp_path: Path) -> None:
    text = "cameras:\n  cam: &a {url: 'rtsp://h/1'}\n  two: *a\n"
    path = written(tmp_path, text)
    error = refused(opened(path))
    assert error.code == "not_editable"
    assert "  door: {from: [0.1, 0.7], to: [0.9, 0.7], inside: below}" in str(error)
    assert path.read_text() == text


def fail_with(number: int) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize(
    ("place", "number", "told"),
    [
        ("tempfile.mkstemp", errno.EACCES, "Permission denied"),
        ("tempfile.mkstemp", errno.EROFS, "can only be read"),
        ("os.fsync", errno.ENOSPC, "No space left"),
        ("Path.replace", errno.EBUSY, "mount its folder instead"),
    ],
)
def test_what_can_not_be_written_is_told_and_leaves_the_old_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, number: int, told: str
) -> None:
    path = written(tmp_path)
    file = opened(path)
    with monkeypatch.context() as broken:
        broken.setattr(f"heatwall.config_file.{place}", fail_with(number))
        error = refused(file)
    assert error.code == "not_saved"
    assert told in str(error)
    assert path.read_bytes() == TEXT.encode()
    assert [one.name for one in tmp_path.iterdir()] == ["wall.yaml"]
    file.save("cam", WANTED)  # nothing was taken for saved
    assert lines_in(path) == {"door": DOOR}


def test_a_file_that_may_not_be_written_is_not_replaced_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path)
    # As it is for all but root, for whom nothing is read-only.
    monkeypatch.setattr("heatwall.config_file.os.access", lambda *_: False)
    assert "Permission denied" in str(refused(opened(path)))
    assert path.read_bytes() == TEXT.encode()


def edited_meanwhile(path: Path, monkeypatch: pytest.MonkeyPatch, times: int) -> list[int]:
    """Let somebody write the file while it is being saved, that many times."""
    edits: list[int] = []
    real = os.fsync

    def fsync(number: int) -> None:
        real(number)
        if len(edits) < times:
            edits.append(1)
            path.write_bytes(path.read_bytes() + b"\r\n# more")

    monkeypatch.setattr("heatwall.config_file.os.fsync", fsync)
    return edits


def test_a_file_that_is_written_during_the_save_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path)
    edited_meanwhile(path, monkeypatch, 1)
    opened(path).save("cam", WANTED)
    assert lines_in(path) == {"door": DOOR}
    assert path.read_bytes().count(b"# more") == 1


def test_a_save_does_not_fight_with_somebody_who_writes_all_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path)
    edits = edited_meanwhile(path, monkeypatch, 99)
    assert "all the time" in str(refused(opened(path)))
    assert path.read_bytes().count(b"# more") == len(edits) == 3
    assert lines_in(path) == {}
    assert [one.name for one in tmp_path.iterdir()] == ["wall.yaml"]
