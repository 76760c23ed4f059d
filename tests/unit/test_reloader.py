from __future__ import annotations

import asyncio
from pathlib import Path
from typing import NoReturn

import pytest

from heatwall.config import Config, load_config
from heatwall.config.takeover import taken_over
from heatwall.errors import ModelError, StartError
from heatwall.reloader import Reloader, needs_restart
from heatwall.status import ConfigStatus
from support.eventually import eventually_async

ONE = "cameras:\n  door: {url: rtsp://h/}\n"
TWO = ONE + "  till: {url: rtsp://h/}\n"


class Wall:
    def __init__(self) -> None:
        self.taken: list[Config] = []
        self.told: list[ConfigStatus] = []
        self.refuses = False
        self.bug: Exception | None = None
        self.is_slow = False
        self.most_at_once = self._at_once = 0

    async def reconfigure(self, config: Config) -> None:
        if self.refuses:
            raise ModelError("cameras.door.classes: unknown")
        if self.bug is not None:
            raise self.bug
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        if self.is_slow:
            await asyncio.to_thread(lambda: None)
        self._at_once -= 1
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


async def test_a_listener_that_fails_keeps_nothing_from_the_others_and_hears_it_again(
    desk: Desk,
) -> None:
    heard: list[Config] = []
    is_broken = True

    def fails(config: Config) -> None:
        if is_broken:
            raise StartError("no such network")
        heard.append(config)

    desk.reloader._listeners = [fails, desk.heard.append]
    await desk.reloader.look()
    desk.file.write_text(TWO)
    await desk.reloader.look()
    assert len(desk.heard) == 1
    assert "no such network" in (desk.wall.told[-1].error or "")

    is_broken = False
    desk.reloader.ask()
    await desk.reloader.look()
    assert [list(one.cameras) for one in heard] == [["door", "till"]]
    assert desk.wall.told[-1] == ConfigStatus()


async def test_a_bug_in_a_reload_is_told_without_its_text_and_the_next_one_works(
    desk: Desk,
) -> None:
    desk.wall.bug = KeyError("rtsp://me:canary@h/")
    desk.file.write_text(TWO)
    task = asyncio.create_task(desk.reloader.keep())
    await eventually_async(lambda: bool(desk.wall.told))
    assert (
        desk.wall.told[-1].error == f"{desk.file}: a bug kept it from being taken over, see the log"
    )
    assert "canary" not in (desk.wall.told[-1].error or "")

    desk.wall.bug = None
    desk.reloader.ask()
    await eventually_async(lambda: desk.wall.told[-1].error is None)
    assert len(desk.wall.taken) == 1
    await ended(task)


async def test_a_folder_that_can_not_be_watched_is_looked_at_and_that_is_said_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def deaf(*_: object, **__: object) -> NoReturn:
        raise RuntimeError("no more watches")

    monkeypatch.setattr("heatwall.reloader.awatch", deaf)
    monkeypatch.setattr("heatwall.reloader._LOOK_EVERY_MS", 20)
    task = asyncio.create_task(desk.reloader.keep())
    await eventually_async(lambda: "can't be watched" in caplog.text)
    desk.file.write_text(TWO)
    await eventually_async(lambda: len(desk.wall.taken) == 1)
    assert caplog.text.count("can't be watched") == 1
    await ended(task)


async def test_who_asks_and_who_watches_take_turns(desk: Desk) -> None:
    await desk.reloader.look()
    desk.wall.is_slow = True
    desk.file.write_text(TWO)
    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(desk.reloader.look())
    assert desk.wall.most_at_once == 1
    assert len(desk.wall.taken) == 1


async def ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_tracker_file_that_changes_is_taken_over_like_the_config(desk: Desk) -> None:
    tracker = desk.file.with_name("own.yaml")
    tracker.write_text("tracker_type: bytetrack\n")
    desk.file.write_text("cameras:\n  door: {url: rtsp://h/, tracker: own.yaml}\n")
    await desk.reloader.look()
    await desk.reloader.look()
    assert len(desk.wall.taken) == 1

    tracker.write_text("tracker_type: botsort\n# longer than before\n")
    await desk.reloader.look()
    assert len(desk.wall.taken) == 2

    desk.wall.refuses = True  # as it does when the tracker's file can't be used
    tracker.write_text("tracker_type: no\n")
    await desk.reloader.look()
    assert desk.wall.told[-1].error is not None
    desk.file.write_text(desk.file.read_text() + "# a remark\n")
    await desk.reloader.look()
    assert desk.wall.told[-1].error is not None


async def test_a_secret_of_a_file_and_a_swapped_link_are_seen(desk: Desk, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("one")
    desk.file.write_text("cameras:\n  door: {url: 'rtsp://u:${file:secret}@h/'}\n")
    await desk.reloader.look()
    secret.write_text("another")
    await desk.reloader.look()
    assert [one.cameras["door"].url.secret for one in desk.wall.taken] == [
        "rtsp://u:one@h/",
        "rtsp://u:another@h/",
    ]

    for version, text in (("v1", ONE), ("v2", TWO)):  # as Kubernetes mounts a ConfigMap
        (tmp_path / version).mkdir()
        (tmp_path / version / "store.yaml").write_text(text)
    swap(tmp_path / "..data", tmp_path / "v1")
    swap(desk.file, Path("..data/store.yaml"))
    await desk.reloader.look()
    swap(tmp_path / "..data", tmp_path / "v2")
    await desk.reloader.look()
    assert [list(one.cameras) for one in desk.wall.taken[2:]] == [["door"], ["door", "till"]]


async def test_a_file_that_is_away_for_a_moment_changes_nothing(desk: Desk) -> None:
    await desk.reloader.look()
    desk.file.unlink()
    async with asyncio.TaskGroup() as group:
        looking = group.create_task(desk.reloader.look())
        await asyncio.wait({looking}, timeout=0.3)
        desk.file.write_text(ONE)
    assert desk.wall.taken == []
    assert all(status.error is None for status in desk.wall.told)


def test_what_is_live_and_what_is_not_is_known_of_each_section() -> None:
    def config(**more: object) -> Config:
        return Config.model_validate({"cameras": {"door": {"url": "rtsp://h/"}}, **more})

    def needed(**more: object) -> tuple[str, ...]:
        return needs_restart(config(), config(**more))

    assert needed(log={"format": "json"}) == ("log.format",)
    assert needed(server={"host": "0.0.0.0", "max_sessions_per_user": 3}) == ("server.host",)
    assert needed(webrtc={"ports": "50000-50100", "announce": ["192.0.2.1"]}) == ()
    assert needed(alarms={}, groups={"all": {"cameras": ["door"]}}) == ()


def swap(link: Path, to: Path) -> None:
    """Let a link lead elsewhere, in one step."""
    beside = link.with_name("beside")
    beside.symlink_to(to)
    beside.replace(link)


async def test_who_asks_during_a_reload_gets_another_one(desk: Desk) -> None:
    desk.wall.is_slow = True
    desk.file.write_text(TWO)
    async with asyncio.TaskGroup() as group:
        group.create_task(desk.reloader.look())
        await eventually_async(lambda: desk.wall.most_at_once == 1)
        desk.reloader.ask()
    await desk.reloader.look()
    assert len(desk.wall.taken) == 2


async def test_a_tracker_file_that_changes_during_a_reload_is_another_change(desk: Desk) -> None:
    tracker = desk.file.with_name("own.yaml")
    tracker.write_text("tracker_type: bytetrack\n")
    desk.file.write_text("cameras:\n  door: {url: rtsp://h/, tracker: own.yaml}\n")

    def changes_it(_: Config) -> None:
        tracker.write_text("tracker_type: botsort\n# later\n")

    desk.reloader._listeners = [changes_it]
    await desk.reloader.look()
    desk.reloader._listeners = []
    await desk.reloader.look()
    assert len(desk.wall.taken) == 2
