from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from heatwall.analysis.per_camera import CameraAnalysis
from heatwall.clock import monotonic, wall
from heatwall.config import Config
from heatwall.errors import DeliveryError, ModelError
from heatwall.specs import analysis_spec
from heatwall.states import CameraState
from heatwall.status import GroupStatus
from heatwall.wall import Wall
from support.tracks import detections_of


class IdleCamera:
    """A supervisor that starts no worker."""

    def __init__(self, order: Any, *_: object) -> None:
        self.camera = order.camera

    async def run(self) -> None:
        await asyncio.Event().wait()

    lag_s = None

    def show(self, overlay: object) -> None:
        """Has no picture."""


class Model:
    names = {0: "person"}  # noqa: RUF012 - as the detector's
    device = "cpu"

    def prepare(self, _: int) -> None:
        """Has nothing to get ready."""


def made(state: Path, monkeypatch: pytest.MonkeyPatch, load: Any) -> Wall:
    monkeypatch.setattr("heatwall.wall.CameraSupervisor", IdleCamera)
    config = Config.model_validate(
        {"server": {"state": str(state)}, "cameras": {"door": {"url": "rtsp://h/"}}}
    )
    one = Wall(config, "x.pt", lambda *_: [], monotonic, wall)
    monkeypatch.setattr(one._analyst, "_load_model", load)
    return one


def test_a_wall_tells_its_groups_in_the_configs_order() -> None:
    camera = {"url": "rtsp://h/"}
    groups = {"up": {"cameras": ["till"]}, "all": {"name": "All", "cameras": ["till", "door"]}}
    config = Config.model_validate({"cameras": {"door": camera, "till": camera}, "groups": groups})
    assert Wall(config, "x.pt", lambda *_: [], monotonic, wall).groups() == [
        GroupStatus("up", "Up", ("till",)),
        GroupStatus("all", "All", ("till", "door")),
    ]


async def is_closed(one: Wall) -> bool:
    try:
        return await one.desk.off_loop(lambda: False)
    except DeliveryError:
        return True


async def test_a_model_that_can_not_be_loaded_ends_the_wall_and_closes_the_desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> Model:
        raise ModelError("no such file")

    one = made(tmp_path, monkeypatch, fail)
    with pytest.raises(ExceptionGroup) as caught:
        async with one.running():
            await asyncio.wait_for(asyncio.Event().wait(), 10)

    assert caught.group_contains(ModelError, match="no such file")
    assert not one.is_ready()
    assert await is_closed(one)


async def test_heat_is_saved_also_when_something_fails_while_the_wall_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = made(tmp_path, monkeypatch, lambda _: Model())
    is_ready, is_over = asyncio.Event(), threading.Event()
    one.subscribe_changes(is_ready.set)
    fails = asyncio.Event()

    async def fail() -> None:
        await fails.wait()
        is_over.set()
        raise RuntimeError("a camera fails while the wall ends")

    monkeypatch.setattr(one._cameras["door"], "run", fail)
    stop = one._analyst.stop
    loop = asyncio.get_running_loop()

    def slow_stop() -> None:
        loop.call_soon_threadsafe(fails.set)
        is_over.wait(10)
        stop()

    monkeypatch.setattr(one._analyst, "stop", slow_stop)
    with pytest.raises(ExceptionGroup, match="unhandled"):
        async with one.running():
            await asyncio.wait_for(is_ready.wait(), 60)
            analysis = one._analyst.camera("door")
            for step in range(5):
                analysis.update(detections_of([(0.4, 0.3, 0.5, 0.8)]), 10 + step / 5, (320, 180))

    assert await is_closed(one)
    assert (tmp_path / "door.heat.npz").exists()


async def test_a_wall_that_ends_while_the_model_is_being_loaded_closes_its_desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_loading, may_end = threading.Event(), threading.Event()

    def load(_: object) -> Model:
        is_loading.set()
        may_end.wait(10)
        return Model()

    one = made(tmp_path, monkeypatch, load)
    async with one.running():
        await asyncio.to_thread(is_loading.wait, 10)
    assert await is_closed(one)

    may_end.set()
    assert not any(await asyncio.to_thread(os.scandir, tmp_path))


@pytest.mark.parametrize(("half_life", "left"), [("30s", 2.0**-1), ("none", 9.8 / (9.8 + 30.0))])
def test_of_a_camera_that_is_away_nobody_is_there_now_and_its_heat_fades(
    half_life: str, left: float
) -> None:
    now_s = 100.0
    heat = {"half_lives": [half_life]}
    zones = {"all": {"polygon": [[0, 0], [1, 0], [1, 1], [0, 1]]}}
    config = Config.model_validate(
        {"cameras": {"door": {"url": "rtsp://h/", "heat": heat, "zones": zones}}}
    )
    one = Wall(config, "x.pt", lambda *_: [], lambda: now_s, wall)
    analysis = CameraAnalysis("door", analysis_spec(config.cameras["door"]), {0: "person"})
    for step in range(50):
        now_s = 100 + step / 5
        one._keep(analysis.update(detections_of([(0.4, 0.3, 0.5, 0.8)]), now_s, (320, 180)))
    one._cameras["door"].state = CameraState.LIVE
    seen = one.status("door")
    assert seen.heat is not None
    assert seen.heat.peak > 0.05
    assert (seen.people_now, seen.zones["all"].people_now) == (1, 1)

    now_s += 30
    assert one.status("door").heat == seen.heat, "no frame for a while is for the watch to tell"
    one._cameras["door"].state = CameraState.RETRYING
    away = one.status("door")

    assert away.heat is not None
    assert away.heat.peak == pytest.approx(seen.heat.peak * left, abs=1e-3)
    assert away.heat.scale == seen.heat.scale
    assert (away.people_now, away.zones["all"].people_now) == (None, None)
    assert away.zones["all"].classes_now == {}
    assert away.zones["all"].in_count == seen.zones["all"].in_count
    assert away.zones["all"].dwell == seen.zones["all"].dwell
