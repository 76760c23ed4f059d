from __future__ import annotations

import errno
import io
import logging
import pickle
import random
import zipfile
from pathlib import Path
from typing import Any, NoReturn

import msgspec
import numpy as np
import pytest

from heatwall.analysis.memory import CameraMemory
from heatwall.counting.dwell import DwellState
from heatwall.counting.line import LineCounts
from heatwall.counting.zone import ZoneState
from heatwall.feet import PersonSizeState
from heatwall.heat_state import HeatState
from heatwall.history import Minute
from heatwall.snapshots import Snapshots

SAVED_AT = 1_700_000_000.0


def heat(scale: float = 1.0, *, has_covers: bool = True) -> HeatState:
    grids = np.random.default_rng(7).random((2, 5, 8), np.float32) * np.float32(scale)
    return HeatState(8, 5, (30.0, None), grids, 12.5, "rect", grids * 2 if has_covers else None)


def memory(scale: float = 1.0) -> CameraMemory:
    sizes = np.zeros((20, 4))
    sizes[12] = 40, 0.6, 0.3, 0.08
    return CameraMemory(
        heats={"": heat(scale), "person": heat(0.5, has_covers=False)},
        sizes=PersonSizeState(sizes),
        lines={"door": LineCounts({0: 3, 2: 1}, {0: 2})},
        zones={"queue": ZoneState({0: 4}, {0: 4}, DwellState(90.0, 2.0, 60.0, ((10.0, 4),)))},
        total_tracks=17,
        counts_since=1_699_990_000.5,
        history=(Minute(1_699_999_980, 90.5, 60.0, 4, 2, 1), Minute(1_700_000_040, 3.0, 1.5, 2)),
    )


def rewritten(path: Path, **arrays: Any) -> None:
    """Write a snapshot again with some of its arrays replaced; None leaves one out."""
    with np.load(path) as file:
        kept = dict(file) | arrays
    np.savez(path, **{name: array for name, array in kept.items() if array is not None})


def page_with(path: Path, **changes: Any) -> np.ndarray[Any, Any]:
    with np.load(path) as file:
        page = msgspec.json.decode(file["page"].tobytes())
    return np.frombuffer(msgspec.json.encode(page | changes), np.uint8)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The snapshot of the camera `cam`, just saved."""
    assert Snapshots(tmp_path).save("cam", memory(), SAVED_AT)
    return tmp_path / "cam.heat.npz"


def warnings_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]


def test_all_that_was_saved_comes_back_with_the_time_away(tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path / "deep" / "down")
    before = memory()

    assert snapshots.save("cam", before, SAVED_AT)
    loaded = snapshots.load("cam", SAVED_AT + 90)

    assert loaded is not None
    after, down_s = loaded
    assert down_s == 90
    assert list(after.heats) == ["", "person"]
    for name, one in before.heats.items():
        again = after.heats[name]
        assert (again.columns, again.rows, again.age_s) == (8, 5, 12.5)
        assert (again.half_lives_s, again.footprint) == ((30.0, None), "rect")
        np.testing.assert_array_equal(again.grids, one.grids)
        assert (again.covers is None) == (one.covers is None)
        if one.covers is not None and again.covers is not None:
            np.testing.assert_array_equal(again.covers, one.covers)
    np.testing.assert_array_equal(after.sizes.table, before.sizes.table)
    assert (after.lines, after.zones, after.total_tracks) == (before.lines, before.zones, 17)
    assert after.history == before.history
    assert after.counts_since == 1_699_990_000.5


def test_a_file_from_before_there_was_a_history_is_used(path: Path) -> None:
    with np.load(path) as file:
        page = msgspec.json.decode(file["page"].tobytes())
    del page["history"], page["counts_since"]
    rewritten(path, page=np.frombuffer(msgspec.json.encode(page), np.uint8))

    loaded = Snapshots(path.parent).load("cam", SAVED_AT)

    assert loaded is not None
    assert (loaded[0].history, loaded[0].counts_since, loaded[0].total_tracks) == ((), None, 17)


def test_cameras_have_files_of_their_own_and_a_save_leaves_nothing_else(tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path)
    snapshots.save("door", memory(1.0), SAVED_AT)
    snapshots.save("till", memory(3.0), SAVED_AT)

    assert sorted(one.name for one in tmp_path.iterdir()) == ["door.heat.npz", "till.heat.npz"]
    loaded = snapshots.load("till", SAVED_AT)
    assert loaded is not None
    np.testing.assert_array_equal(loaded[0].heats[""].grids, heat(3.0).grids)


def test_a_clock_that_was_set_back_counts_as_no_time(path: Path) -> None:
    loaded = Snapshots(path.parent).load("cam", SAVED_AT - 3600)

    assert loaded is not None
    assert loaded[1] == 0


def test_a_camera_without_a_file_knows_nothing_and_nothing_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert Snapshots(tmp_path).load("cam", SAVED_AT) is None
    assert warnings_of(caplog) == []


def npy_file() -> bytes:
    file = io.BytesIO()
    np.save(file, np.zeros(3))
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [b"", b"x", b"PK\x03\x04", b"garbage" * 100, npy_file(), pickle.dumps({"page": 1})],
    ids=["empty", "one byte", "a zip's head", "garbage", "one array", "pickle"],
)
def test_a_file_that_is_no_snapshot_is_logged_once_and_not_used(
    path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_bytes(content)

    assert Snapshots(path.parent).load("cam", SAVED_AT) is None
    assert len(warnings_of(caplog)) == 1
    assert "begins without heat" in caplog.text
    assert [getattr(record, "camera", None) for record in caplog.records] == ["cam"]


def test_a_file_cut_off_anywhere_is_not_used(path: Path) -> None:
    whole = path.read_bytes()
    snapshots = Snapshots(path.parent)

    for length in range(0, len(whole) - 1, 41):
        path.write_bytes(whole[:length])
        assert snapshots.load("cam", SAVED_AT) is None, length


def test_no_damage_to_a_file_is_more_than_a_camera_without_heat(path: Path) -> None:
    whole = path.read_bytes()
    snapshots, chance = Snapshots(path.parent), random.Random(5)

    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(chance.choice([1, 2, 30])):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        path.write_bytes(damaged)
        snapshots.load("cam", SAVED_AT)

    # These two are not met by chance: another packing, and a password.
    for at, byte in ((10, 99), (8, 1)):
        damaged = bytearray(whole)
        entry = damaged.index(b"PK\x01\x02")
        damaged[entry + at] = byte
        path.write_bytes(damaged)
        assert snapshots.load("cam", SAVED_AT) is None


def test_another_edition_or_another_cameras_file_is_left_alone(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    snapshots = Snapshots(path.parent)
    path.rename(path.with_name("till.heat.npz"))
    assert snapshots.load("till", SAVED_AT) is None

    snapshots.save("cam", memory(), SAVED_AT)
    rewritten(path, page=page_with(path, edition=2))
    assert snapshots.load("cam", SAVED_AT) is None
    assert path.exists()
    assert len(warnings_of(caplog)) == 2


@pytest.mark.parametrize(
    "arrays",
    [
        {"grids0": np.full((2, 5, 8), np.nan, np.float32)},
        {"grids0": np.full((2, 5, 8), -1, np.float32)},
        {"grids0": np.zeros((2, 5, 8))},
        {"grids0": np.zeros((5, 8), np.float32)},
        {"grids1": None},
        {"covers0": np.full((2, 5, 8), np.inf, np.float32)},
        {"sizes": np.full((20, 4), np.nan)},
        {"sizes": np.zeros((3, 4))},
        {"page": np.frombuffer(b"{}", np.uint8)},
        {"page": None},
    ],
    ids=lambda arrays: next(iter(arrays)),
)
def test_a_file_whose_numbers_can_not_be_is_not_used(
    path: Path, arrays: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    rewritten(path, **arrays)

    assert Snapshots(path.parent).load("cam", SAVED_AT) is None
    assert len(warnings_of(caplog)) == 1


class _Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return (pytest.fail, ("a pickle was opened",))


def test_a_pickle_in_a_file_is_not_opened(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as file:
        array = io.BytesIO()
        np.save(array, np.array([_Bomb()], object), allow_pickle=True)
        file.writestr("page.npy", array.getvalue())

    assert Snapshots(path.parent).load("cam", SAVED_AT) is None


def test_a_crash_before_the_end_leaves_the_file_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class CrashError(BaseException):
        pass

    def crash(*_: object) -> NoReturn:
        raise CrashError

    monkeypatch.setattr(Path, "replace", crash)
    with pytest.raises(CrashError):
        Snapshots(path.parent).save("cam", memory(5.0), SAVED_AT + 30)

    loaded = Snapshots(path.parent).load("cam", SAVED_AT)
    assert loaded is not None
    np.testing.assert_array_equal(loaded[0].heats[""].grids, heat().grids)


def test_a_full_disk_is_logged_once_until_it_works_again(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    snapshots = Snapshots(path.parent)

    def full(*_: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("heatwall.snapshots.os.fsync", full)
        assert not snapshots.save("cam", memory(5.0), SAVED_AT + 30)
        assert not snapshots.save("cam", memory(5.0), SAVED_AT + 60)
        # What was written of it would keep the disk full.
        assert [one.name for one in path.parent.iterdir()] == ["cam.heat.npz"]
    assert len(warnings_of(caplog)) == 1
    assert "No space left on device" in caplog.text
    loaded = snapshots.load("cam", SAVED_AT)
    assert loaded is not None
    np.testing.assert_array_equal(loaded[0].heats[""].grids, heat().grids)

    assert snapshots.save("cam", memory(5.0), SAVED_AT + 90)
    assert snapshots.save("cam", memory(5.0), SAVED_AT + 120)
    assert caplog.text.count("is saved in") == 1


def test_a_disk_that_fills_up_while_writing_is_no_crash(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("heatwall.snapshots.np.savez", full)

    assert not Snapshots(path.parent).save("cam", memory(), SAVED_AT)


def test_a_folder_that_can_not_be_made_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "state").write_text("a file")
    snapshots = Snapshots(tmp_path / "state")

    assert not snapshots.save("cam", memory(), SAVED_AT)
    assert snapshots.load("cam", SAVED_AT) is None
    assert len(warnings_of(caplog)) == 2


def test_half_a_file_of_a_run_that_was_killed_goes_and_the_whole_one_is_used(path: Path) -> None:
    partial = path.with_suffix(".partial")
    partial.write_bytes(path.read_bytes()[:100])

    assert Snapshots(path.parent).load("cam", SAVED_AT) is not None
    assert not partial.exists()
