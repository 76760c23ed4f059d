from __future__ import annotations

import asyncio
import errno
import os
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
import pytest_asyncio

from heatwall.analysis.analyst import Analyst
from heatwall.analysis.per_camera import Findings
from heatwall.camera.link import InkSpec
from heatwall.config import Config, in_words, load_config, regions_of
from heatwall.desk import DeskLimits, HeatDesk
from heatwall.errors import ConfigError, DeliveryError
from heatwall.saving import SaveTimes
from heatwall.specs import analyst_spec
from support.eventually import eventually_async
from support.faketime import FakeTime
from support.tracks import detections_of

STANDING = (0.4, 0.3, 0.5, 0.8)
FLOOR = {"polygon": [[0.0, 0.5], [1.0, 0.5], [1.0, 1.0], [0.0, 1.0]]}
LINE = {"from": [0.1, 0.7], "to": [0.9, 0.7], "inside": "below"}
DRAWN = {"lines": {"way": LINE}, "zones": {"floor": FLOOR}}


class Model:
    names = {0: "person", 1: "cart"}  # noqa: RUF012 - as the detector's
    device = "cpu"

    def prepare(self, _: int) -> None:
        """Has nothing to get ready."""

    def detect(self, _: Any) -> NoReturn:
        raise AssertionError("nothing is detected here")


class Screens:
    """Notes what is to be seen."""

    def __init__(self) -> None:
        self.shown: list[Findings] = []
        self.inks: list[tuple[str, InkSpec]] = []

    def found(self, findings: Findings) -> None:
        self.shown.append(findings)

    def change_ink(self, camera: str, ink: InkSpec) -> None:
        self.inks.append((camera, ink))


class Bench:
    """A desk over real analyses that no thread feeds."""

    def __init__(
        self,
        state: Path | None,
        *,
        now_s: float = 1000.0,
        limits: DeskLimits | None = None,
        config_file: Path | None = None,
    ) -> None:
        camera = {
            "url": "rtsp://u:p@h/",
            "heat": {"half_lives": ["30s", "10m"]},
            "overlay": {"scale": 0.25},
            "zones": {"floor": {"polygon": [[0, 0.5], [1, 0.5], [1, 1], [0, 1]]}},
        }
        server = {"state": "none" if state is None else str(state)}
        config = Config.model_validate(
            {"server": server, "cameras": {"door": camera, "till": camera}}
        )
        self.time, self.wall = FakeTime(), FakeTime()
        self.time.now_s = now_s
        self.screens = Screens()
        self.analyst = Analyst(
            analyst_spec(config, "x.pt"), lambda _: None, lambda _: Model(), self.wall
        )
        self.desk = HeatDesk(
            config, self.analyst, self.screens, self.time, self.wall, limits, config_file
        )

    def stand(self, camera: str = "door", for_s: float = 10.0) -> None:
        """Let somebody stand in a camera's picture until now."""
        for _ in range(round(for_s * 5)):
            self.time.now_s += 0.2
            found = detections_of([STANDING])
            self.analyst.camera(camera).update(found, self.time.now_s, (320, 180))


@pytest_asyncio.fixture
async def bench() -> AsyncIterator[Bench]:
    one = Bench(None)
    one.analyst.load()
    yield one
    await one.desk.close()


async def test_the_heat_is_that_of_now(bench: Bench) -> None:
    bench.stand()
    there = await bench.desk.heat("door", 30.0, None)
    bench.time.now_s += 30
    away = await bench.desk.heat("door", 30.0, None)

    assert there.person_s == pytest.approx(9, abs=1)
    assert away.person_s == pytest.approx(there.person_s / 2, rel=1e-3)
    with pytest.raises(KeyError):
        await bench.desk.heat("door", 30.0, "person")


async def test_half_lives_that_stay_in_the_file_keep_their_heat(bench: Bench) -> None:
    bench.stand("door")
    bench.stand("till")
    before = await bench.desk.heat("door", 600.0, None)
    camera = {"url": "rtsp://h/", "heat": {"half_lives": ["10m", "1h"]}}
    bench.screens.shown.clear()
    await bench.desk.reconfigure(Config.model_validate({"cameras": {"door": camera}}))

    after = await bench.desk.heat("door", 600.0, None)
    assert after.person_s == pytest.approx(before.person_s, rel=1e-3)
    assert (await bench.desk.heat("door", 3600.0, None)).person_s >= 0
    assert [found.camera for found in bench.screens.shown] == ["door"]
    with pytest.raises(DeliveryError):
        await bench.desk.heat("till", 600.0, None)


async def test_a_reset_is_seen_at_once_and_touches_one_camera(bench: Bench) -> None:
    bench.stand("door")
    bench.stand("till")

    await bench.desk.reset_heat("door")

    (shown,) = bench.screens.shown
    assert (shown.camera, shown.heat.peak) == ("door", 0)
    assert not any(shown.overlay.levels)
    assert (await bench.desk.heat("door", 30.0, None)).person_s == 0
    assert (await bench.desk.heat("till", 30.0, None)).person_s > 5


async def test_a_reset_of_the_counts_leaves_the_heat(bench: Bench) -> None:
    bench.stand()
    found = bench.analyst.camera("door").findings()
    assert found is not None
    assert (found.total_tracks, found.zones["floor"].in_count) == (1, 1)

    await bench.desk.reset_counts("door")

    (shown,) = bench.screens.shown
    assert (shown.total_tracks, shown.zones["floor"].in_count) == (0, 0)
    assert shown.heat.peak > 0.1


async def test_a_camera_that_saw_nothing_yet_may_be_reset_and_shows_nothing(bench: Bench) -> None:
    await bench.desk.reset_heat("door")
    await bench.desk.reset_counts("door")

    assert bench.screens.shown == []


async def test_a_change_of_the_overlay_reaches_ink_picture_and_settings(bench: Bench) -> None:
    bench.stand()
    before = bench.desk.overlay("door")

    await bench.desk.change_overlay(
        "door", {"colormap": "turbo", "shown": "10m", "scale": 0.5, "show_trails": True}
    )

    ((camera, ink),) = bench.screens.inks
    assert (camera, ink.colormap, ink.trails) == ("door", "turbo", True)
    (shown,) = bench.screens.shown
    heat = shown.heat
    assert (heat.colormap, heat.half_life_s, heat.scale) == ("turbo", 600.0, 0.5)
    assert bench.desk.overlay("door") == before | {
        "colormap": "turbo",
        "shown": "10m",
        "scale": 0.5,
        "show_trails": True,
    }
    assert bench.desk.overlay("till") == before
    assert (await bench.desk.heat("door", 30.0, None)).person_s > 5


async def test_a_change_with_a_fault_changes_nothing(bench: Bench) -> None:
    bench.stand()
    before = bench.desk.overlay("door")

    with pytest.raises(ConfigError, match="opacity"):
        await bench.desk.change_overlay("door", {"colormap": "turbo", "opacity": 7})

    assert bench.desk.overlay("door") == before
    assert bench.screens.inks == []
    assert bench.screens.shown == []
    found = bench.analyst.camera("door").findings()
    assert found is not None
    assert found.heat.colormap == before["colormap"]


async def test_lines_that_are_drawn_are_seen_at_once_and_what_did_not_change_counts_on(
    bench: Bench,
) -> None:
    bench.stand()
    assert bench.desk.regions("door") == {"lines": {}, "zones": {"floor": FLOOR}}

    await bench.desk.change_regions("door", DRAWN)

    (shown,) = bench.screens.shown
    assert [mark.name for mark in shown.overlay.lines] == ["way"]
    assert (shown.lines["way"].in_count, shown.zones["floor"].in_count) == (0, 1)
    assert bench.desk.regions("door") == DRAWN
    assert bench.desk.regions("till") == {"lines": {}, "zones": {"floor": FLOOR}}
    assert (await bench.desk.heat("door", 30.0, None)).person_s > 5


async def test_lines_and_the_overlay_change_without_each_other(bench: Bench) -> None:
    bench.stand()
    await asyncio.gather(
        bench.desk.change_regions("door", DRAWN),
        bench.desk.change_overlay("door", {"colormap": "turbo"}),
    )
    assert bench.desk.regions("door") == DRAWN
    assert bench.desk.overlay("door")["colormap"] == "turbo"


async def test_lines_with_a_fault_change_nothing(bench: Bench) -> None:
    bench.stand()
    before = bench.desk.regions("door")

    with pytest.raises(ConfigError, match=r"lines\.way\.inside"):
        await bench.desk.change_regions("door", DRAWN | {"lines": {"way": LINE | {"inside": 1}}})

    assert bench.desk.regions("door") == before
    assert bench.screens.shown == []


async def test_without_a_config_file_nothing_is_saved(bench: Bench) -> None:
    with pytest.raises(DeliveryError) as caught:
        await bench.desk.save_regions("door")
    assert (caught.value.status, caught.value.code) == (409, "no_file")


async def test_what_was_drawn_is_saved_and_a_save_that_was_accepted_is_done_at_the_end(
    tmp_path: Path,
) -> None:
    file = tmp_path / "wall.yaml"
    file.write_text(f"cameras:\n  door: {{url: 'rtsp://h/', zones: {{floor: {FLOOR}}}}} # mine\n")
    bench = Bench(None, config_file=file)
    bench.analyst.load()
    await bench.desk.change_regions("door", DRAWN)

    saving = asyncio.create_task(bench.desk.save_regions("door"))
    await asyncio.sleep(0)
    await bench.desk.close()
    await saving

    door = load_config(file).cameras["door"]
    assert in_words(regions_of(door)) == DRAWN
    assert file.read_text().endswith(" # mine\n")


async def test_a_config_file_on_a_disk_that_hangs_holds_up_no_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hangs, may_end = threading.Event(), threading.Event()

    def hang(*_: object) -> str:
        hangs.set()
        may_end.wait(10)
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("heatwall.config_file.read_text", hang)
    limits = DeskLimits(answer_s=0.5)
    bench = Bench(None, limits=limits, config_file=tmp_path / "wall.yaml")
    bench.analyst.load()
    bench.stand()
    saving = asyncio.create_task(bench.desk.save_regions("door"))
    await eventually_async(hangs.is_set)

    await bench.desk.change_regions("door", DRAWN)
    assert (await bench.desk.heat("door", 30.0, None)).person_s > 5

    with pytest.raises(DeliveryError, match="still be made"):
        await saving
    may_end.set()
    await bench.desk.close()


async def test_before_the_model_is_loaded_all_is_answered_with_503_and_nothing_changes() -> None:
    bench = Bench(None)
    desk = bench.desk
    before = desk.overlay("door")
    for asked in (
        desk.heat("door", 30.0, None),
        desk.history("door"),
        desk.reset_heat("door"),
        desk.reset_counts("door"),
        desk.change_overlay("door", {"colormap": "turbo"}),
        desk.change_regions("door", DRAWN),
    ):
        with pytest.raises(DeliveryError) as caught:
            await asked
        assert (caught.value.status, caught.value.code) == (503, "starting")

    assert desk.regions("door")["lines"] == {}
    assert desk.overlay("door") == before
    assert bench.screens.inks == []
    await desk.close()


async def test_what_was_known_at_the_end_is_shown_after_a_restart(tmp_path: Path) -> None:
    before = Bench(tmp_path)
    before.analyst.load()
    before.stand("door")
    old = await before.desk.heat("door", 30.0, None)
    await before.desk.close()

    after = Bench(tmp_path, now_s=5.0)
    after.wall.now_s += 30
    after.analyst.load()
    await after.desk.remember()

    (shown,) = after.screens.shown
    assert (shown.camera, shown.total_tracks) == ("door", 1)
    assert shown.zones["floor"].in_count == 1
    assert max(shown.overlay.levels) > 0
    new = await after.desk.heat("door", 30.0, None)
    assert new.person_s == pytest.approx(old.person_s / 2, rel=1e-3)
    last_hour = await after.desk.history("door")
    assert [(one.people, one.most) for one in last_hour] == [(1.0, 1), (None, None)]
    await after.desk.close()


async def test_an_outage_before_the_restart_takes_heat_away_too(tmp_path: Path) -> None:
    before = Bench(tmp_path)
    before.analyst.load()
    before.stand("door")
    old = await before.desk.heat("door", 30.0, None)
    for clock in (before.time, before.wall):
        clock.now_s += 60  # the camera is away, and the server goes on
    await before.desk.close()

    after = Bench(tmp_path, now_s=5.0)
    after.wall.now_s += 60 + 30
    after.analyst.load()
    await after.desk.remember()

    new = await after.desk.heat("door", 30.0, None)
    assert new.person_s == pytest.approx(old.person_s / 8, rel=1e-3)
    await after.desk.close()


async def test_a_spoilt_file_costs_one_camera_its_heat(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = Bench(tmp_path)
    before.analyst.load()
    before.stand("door")
    before.stand("till")
    await before.desk.close()
    (tmp_path / "door.heat.npz").write_bytes(b"spoilt")

    after = Bench(tmp_path, now_s=5.0)
    after.analyst.load()
    await after.desk.remember()

    assert [found.camera for found in after.screens.shown] == ["till"]
    assert caplog.text.count("begins without heat") == 1
    await after.desk.close()


async def test_nothing_is_saved_before_a_camera_saw_anything(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    await bench.desk.close()
    bench = Bench(tmp_path)
    bench.analyst.load()
    await bench.desk.close()

    assert not any(await asyncio.to_thread(os.scandir, tmp_path))


async def test_heat_is_saved_now_and_then(tmp_path: Path) -> None:
    bench = Bench(tmp_path, limits=DeskLimits(saves=SaveTimes(every_s=0.01)))
    bench.analyst.load()
    bench.stand("door")
    saving = asyncio.create_task(bench.desk.keep_saving())

    await eventually_async((tmp_path / "door.heat.npz").exists)

    saving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await saving
    await bench.desk.close()


async def test_a_disk_that_fails_does_not_end_the_saving(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tries: list[int] = []

    def full(number: int) -> None:
        tries.append(number)
        if len(tries) < 3:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("heatwall.snapshots.os.fsync", full)
    bench = Bench(tmp_path, limits=DeskLimits(saves=SaveTimes(every_s=0.01)))
    bench.analyst.load()
    bench.stand("door")
    saving = asyncio.create_task(bench.desk.keep_saving())

    await eventually_async((tmp_path / "door.heat.npz").exists)

    assert not saving.done()
    saving.cancel()
    assert caplog.text.count("can't be saved") == 1
    await bench.desk.close()


async def test_close_may_be_called_twice_and_later_questions_are_answered_with_503() -> None:
    bench = Bench(None)
    bench.analyst.load()
    bench.stand("door")
    await bench.desk.close()
    await bench.desk.close()

    with pytest.raises(DeliveryError) as caught:
        await bench.desk.heat("door", 30.0, None)
    assert (caught.value.status, caught.value.code) == (503, "stopping")


class Held:
    """Holds a camera's heat up, as a long piece of work in front of it does."""

    def __init__(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        self.has_begun, self.may_end = threading.Event(), threading.Event()
        analysis = bench.analyst.camera("door")
        reset = analysis.reset_counts

        def held() -> None:
            self.has_begun.set()
            assert self.may_end.wait(10)
            reset()

        monkeypatch.setattr(analysis, "reset_counts", held)
        self._desk = bench.desk

    async def begin(self) -> asyncio.Task[None]:
        request = asyncio.create_task(self._desk.reset_counts("door"))
        await eventually_async(self.has_begun.is_set)
        return request


async def test_a_change_that_was_accepted_is_made_shown_and_saved_whoever_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(tmp_path)
    bench.analyst.load()
    bench.stand("door")
    held = Held(bench, monkeypatch)
    request = await held.begin()
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    closing = asyncio.create_task(bench.desk.close())
    await asyncio.sleep(0)
    assert not closing.done()

    held.may_end.set()
    await asyncio.wait_for(closing, 5)

    assert [shown.total_tracks for shown in bench.screens.shown] == [0]
    after = Bench(tmp_path, now_s=5.0)
    after.analyst.load()
    await after.desk.remember()
    assert [shown.total_tracks for shown in after.screens.shown] == [0]
    await after.desk.close()


async def test_a_desk_with_too_much_to_do_says_so_and_a_refused_change_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = Bench(None, limits=DeskLimits(most_waiting=1))
    bench.analyst.load()
    bench.stand("door")
    before = bench.desk.overlay("door")
    held = Held(bench, monkeypatch)
    first = await held.begin()
    second = asyncio.create_task(bench.desk.reset_heat("till"))
    await asyncio.sleep(0)

    for asked in (
        bench.desk.heat("door", 30.0, None),
        bench.desk.reset_heat("door"),
        bench.desk.change_overlay("door", {"colormap": "turbo"}),
    ):
        with pytest.raises(DeliveryError) as caught:
            await asked
        assert (caught.value.status, caught.value.code) == (503, "busy")
        assert caught.value.retry_after_s
    assert bench.desk.overlay("door") == before
    assert bench.screens.inks == []

    held.may_end.set()
    await first
    await second
    await bench.desk.change_overlay("door", {"colormap": "turbo"})
    await bench.desk.close()


async def test_an_answer_that_takes_too_long_is_busy_and_the_change_is_still_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = Bench(None, limits=DeskLimits(answer_s=0.05))
    bench.analyst.load()
    bench.stand("door")
    held = Held(bench, monkeypatch)
    first = await held.begin()

    for asked, otherwise in (
        (bench.desk.heat("door", 30.0, None), "try again"),
        (bench.desk.change_overlay("door", {"colormap": "turbo"}), "still be made"),
        (first, "still be made"),
    ):
        with pytest.raises(DeliveryError, match=otherwise) as caught:
            await asked
        assert (caught.value.status, caught.value.code) == (503, "busy")

    held.may_end.set()
    await eventually_async(lambda: len(bench.screens.shown) == 2)
    assert bench.screens.shown[-1].heat.colormap == "turbo"
    assert bench.desk.overlay("door")["colormap"] == "turbo"
    await bench.desk.close()


async def test_files_in_the_making_hold_up_no_change() -> None:
    bench = Bench(None)
    bench.analyst.load()
    bench.stand("door")
    may_end = threading.Event()
    files = [asyncio.create_task(bench.desk.off_loop(lambda: may_end.wait(10))) for _ in range(9)]
    await asyncio.sleep(0)

    await asyncio.wait_for(bench.desk.change_overlay("door", {"colormap": "turbo"}), 5)
    assert (await asyncio.wait_for(bench.desk.heat("door", 30.0, None), 5)).person_s > 5

    may_end.set()
    assert all(await asyncio.gather(*files))
    await bench.desk.close()


async def test_a_disk_that_hangs_holds_up_no_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hangs, may_end = threading.Event(), threading.Event()

    def hang(_: int) -> None:
        hangs.set()
        may_end.wait(10)

    monkeypatch.setattr("heatwall.snapshots.os.fsync", hang)
    bench = Bench(tmp_path, limits=DeskLimits(saves=SaveTimes(every_s=0.01)))
    bench.analyst.load()
    bench.stand("door")
    saving = asyncio.create_task(bench.desk.keep_saving())
    await eventually_async(hangs.is_set)

    assert (await asyncio.wait_for(bench.desk.heat("door", 30.0, None), 5)).person_s > 5
    await asyncio.wait_for(bench.desk.change_overlay("door", {"colormap": "turbo"}), 5)
    assert await asyncio.wait_for(bench.desk.off_loop(lambda: b"png"), 5) == b"png"

    saving.cancel()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await saving
    await bench.desk.close()


async def test_a_disk_that_hangs_at_the_start_costs_the_old_heat_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    before = Bench(tmp_path)
    before.analyst.load()
    before.stand("door")
    await before.desk.close()
    may_end = threading.Event()

    def hang(*_: object) -> None:
        may_end.wait(10)

    monkeypatch.setattr("heatwall.snapshots.Snapshots.load", hang)
    after = Bench(tmp_path, now_s=5.0, limits=DeskLimits(saves=SaveTimes(load_s=0.05)))
    after.analyst.load()

    await asyncio.wait_for(after.desk.remember(), 5)

    assert "begin without their old heat" in caplog.text
    assert after.screens.shown == []
    may_end.set()
    await after.desk.close()


async def test_close_does_not_wait_for_ever_for_a_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    may_end = threading.Event()
    monkeypatch.setattr("heatwall.snapshots.os.fsync", lambda _: may_end.wait(10))
    bench = Bench(tmp_path, limits=DeskLimits(saves=SaveTimes(limit_s=0.05)))
    bench.analyst.load()
    bench.stand("door")

    await asyncio.wait_for(bench.desk.close(), 5)
    assert "was not saved at the end" in caplog.text

    may_end.set()
    await eventually_async((tmp_path / "door.heat.npz").exists)
