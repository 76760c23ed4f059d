from __future__ import annotations

from pathlib import Path

import pytest

from heatwall.config import Config, load_config
from heatwall.config.takeover import taken_over
from heatwall.errors import ModelError
from heatwall.reloader import Reloader
from heatwall.status import ConfigStatus

ONE = "cameras:\n  door: {url: rtsp://h/}\n"
TWO = ONE + "  till: {url: rtsp://h/}\n"


class Wall:
    def __init__(self) -> None:
        self.taken: list[Config] = []
        self.told: list[ConfigStatus] = []
        self.refuses = False

    async def reconfigure(self, config: Config) -> None:
        if self.refuses:
            raise ModelError("cameras.door.classes: unknown")
        self.taken.append(config)

    def tell_config(self, status: ConfigStatus) -> None:
        self.told.append(status)


class Desk:
    """A reloader over a file of the test's."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "store.yaml"
        self.file.write_text(ONE)
        self.wall = Wall()
        self.heard: list[Config] = []
        config = load_config(self.file)
        self.reloader = Reloader(self.file, config, self.wall, [self.heard.append], lambda: 50.0)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


async def test_a_file_that_means_the_same_changes_nothing(desk: Desk) -> None:
    desk.file.write_text("# a remark\n" + ONE)
    await desk.reloader.look()
    assert desk.wall.taken == desk.heard == []


async def test_a_new_camera_reaches_the_wall_and_then_all_who_listen(desk: Desk) -> None:
    await desk.reloader.look()
    desk.file.write_text(TWO)
    await desk.reloader.look()
    assert [list(one.cameras) for one in desk.wall.taken] == [["door", "till"]]
    assert desk.heard == desk.wall.taken


async def test_a_fault_is_told_with_its_line_and_goes_when_it_is_mended(desk: Desk) -> None:
    await desk.reloader.look()
    desk.file.write_text(TWO + "    colour: red\n")
    await desk.reloader.look()
    told = desk.wall.told[-1]
    assert told.error is not None
    assert told.error.startswith("store.yaml:4")
    assert told.since == 50.0
    assert desk.wall.taken == []

    desk.file.write_text(TWO)
    await desk.reloader.look()
    assert desk.wall.told[-1] == ConfigStatus()
    assert len(desk.wall.taken) == 1


async def test_what_the_model_does_not_know_refuses_the_whole_file(desk: Desk) -> None:
    desk.wall.refuses = True
    desk.file.write_text(TWO)
    await desk.reloader.look()
    assert "classes: unknown" in (desk.wall.told[-1].error or "")
    assert desk.heard == []


async def test_what_only_a_restart_takes_over_is_said(desk: Desk) -> None:
    await desk.reloader.look()
    desk.file.write_text("server: {port: 9, max_viewers: 3}\nmodel: {imgsz: 320}\n" + ONE)
    await desk.reloader.look()
    assert desk.wall.told[-1].needs_restart == ("server.port", "model.imgsz")


def test_the_file_wins_where_it_changed_and_what_was_changed_live_stays_elsewhere() -> None:
    def camera(**more: object) -> Config:
        return Config.model_validate({"cameras": {"door": {"url": "rtsp://h/", **more}}})

    zone = {"polygon": [[0, 0], [1, 0], [1, 1]]}
    before = camera().cameras["door"]
    live = camera(overlay={"opacity": 0.1, "gamma": 2}, zones={"drawn": zone}).cameras["door"]
    after = camera(overlay={"opacity": 0.9}, zones={"written": zone}).cameras["door"]
    result = taken_over(before, live, after)
    assert (result.overlay.opacity, result.overlay.gamma) == (0.9, 2)
    assert set(result.zones) == {"drawn", "written"}
