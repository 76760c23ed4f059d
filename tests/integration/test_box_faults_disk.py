"""A disk that is full: what is on it stays whole, and what is said is where and why.

Where this user may not mount a small disk, the system's calls fail as on a full one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from heatwall.analysis.memory import CameraMemory
from heatwall.config import Regions, load_config
from heatwall.config_file import ConfigFile
from heatwall.errors import DeliveryError
from heatwall.feet import PersonSize
from heatwall.heat import HeatMap
from heatwall.snapshots import Snapshots
from support.small_disk import SmallDisk, no_space, small_disk

NOW = 1_700_000_000.0
LINE = {"from": [0.1, 0.7], "to": [0.9, 0.7], "inside": "below"}
WANTED = Regions.model_validate({"lines": {f"line{n}": LINE for n in range(99)}, "zones": {}})


class Disk:
    """A small disk, or a make-believe one."""

    def __init__(self, real: SmallDisk | None, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self._real, self.folder, self._patch = real, folder, patch

    @contextlib.contextmanager
    def full(self) -> Iterator[None]:
        if self._real is not None:
            self._real.fill()
            yield
            self._real.empty()
            return
        with self._patch.context() as broken:
            broken.setattr("os.fsync", no_space)
            yield


@pytest.fixture(params=["real", "make-believe"])
def disk(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Disk]:
    with small_disk(tmp_path / "disk", 256) as real:
        yield Disk(real if request.param == "real" else None, tmp_path / "disk", monkeypatch)


def memory(seconds: float) -> CameraMemory:
    heat = HeatMap(80, 45, [30.0, None])
    state = heat.state()
    grids = np.full_like(state.grids, seconds)
    heats = {"": type(state)(80, 45, state.half_lives_s, grids, 60.0)}
    return CameraMemory(heats, PersonSize().state(), {}, {}, 3)


def test_heat_on_a_full_disk_stays_as_it_was_and_is_saved_when_there_is_room_again(
    disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    snapshots = Snapshots(disk.folder / "state")
    assert snapshots.save("door", memory(1.0), NOW)

    with disk.full():
        for later in range(3):
            for camera in ("door", "till"):
                assert not snapshots.save(camera, memory(2.0), NOW + later)
        assert snapshots.fault == "No space left on device"
        assert [one.name for one in (disk.folder / "state").iterdir()] == ["door.heat.npz"]
        kept = snapshots.load("door", NOW)
        assert kept is not None
        assert kept[0].heats[""].grids.max() == 1.0
    assert caplog.text.count("can't be saved") == 1

    for camera in ("door", "till"):
        assert snapshots.save(camera, memory(3.0), NOW + 9)
    assert snapshots.fault is None
    assert caplog.text.count("is saved in") == 1
    kept = snapshots.load("door", NOW + 9)
    assert kept is not None
    assert kept[0].heats[""].grids.max() == 3.0


def test_the_config_on_a_full_disk_keeps_every_byte_and_the_reason_is_told(disk: Disk) -> None:
    path = disk.folder / "wall.yaml"
    path.write_text("# mine\ncameras:\n  cam: {url: rtsp://h/1}\n")
    before = path.read_bytes()
    file = ConfigFile(path, load_config(path))

    with disk.full():
        with pytest.raises(DeliveryError, match="No space left on device") as caught:
            file.save("cam", WANTED)
        assert caught.value.status == 409
        assert path.read_bytes() == before
    assert [one.name for one in disk.folder.iterdir()] == ["wall.yaml"]

    file.save("cam", WANTED)
    assert len(load_config(path).cameras["cam"].lines) == 99
