from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from heatwall.alarms.alarms import Alarms
from heatwall.alarms.delivering import Attempt, Result
from heatwall.alarms.events import Event
from heatwall.clock import Clock
from heatwall.config import Config, TargetConfig
from heatwall.states import CameraState
from support.eventually import eventually_async
from support.wall import FakeWall

AT = 1_700_000_000.0
ZONE = {"polygon": [[0, 0], [1, 0], [1, 1]]}
OFFLINE = {"camera": "door", "offline": "2s", "clear_for": "1s"}
QUEUE = {"camera": "door", "zone": "queue", "people_over": 5, "for": "2s", "clear_for": "1s"}
HOT = {"camera": "door", "zone": "queue", "heat_over": 0.4, "for": "2s", "clear_for": "1s"}


class Shop:
    """Alarms over a fake wall, told to a fake office, on a clock that runs fast."""

    def __init__(self, folder: Path | None, **rules: dict[str, Any]) -> None:
        self.wall = FakeWall("door", "till")
        self.told: list[Event] = []
        self.answer = Attempt(Result.DELIVERED)
        self.now_s = 0.0
        self.folder = folder
        self.alarms = Alarms(
            self.config(rules), self.wall, self.wall, self.clock, lambda: AT + self.now_s,
            self.sender, look_every_s=0.001,
        )  # fmt: skip

    def config(self, rules: dict[str, Any], url: str = "http://office/") -> Config:
        return Config.model_validate(
            {
                "server": {"state": self.folder or "none"},
                "cameras": {
                    "door": {"url": "rtsp://h/", "zones": {"queue": ZONE}},
                    "till": {"url": "rtsp://h/"},
                },
                "alarms": {
                    "notify": {"office": {"webhook": url}},
                    "rules": rules,
                },
            }
        )

    def clock(self) -> float:
        """Return a time that goes on with each look."""
        self.now_s += 0.1
        return self.now_s

    def sender(self, _target: TargetConfig, _wall: Clock) -> Shop:
        return self

    @contextlib.asynccontextmanager
    async def open(self, _current: Iterable[Event]) -> AsyncIterator[Shop]:
        yield self

    async def tell(self, event: Event) -> Attempt:
        self.told.append(event)
        return self.answer

    async def broken(self) -> str:
        await asyncio.get_running_loop().create_future()
        return ""

    def people(self, count: int) -> None:
        door = self.wall.cameras["door"]
        zone = msgspec.structs.replace(door.zones["queue"], people_now=count)
        self.wall.cameras["door"] = msgspec.structs.replace(door, zones={"queue": zone})

    @property
    def events(self) -> list[str]:
        return [event.event for event in self.told]

    async def passes(self, seconds: float) -> None:
        until_s = self.now_s + seconds
        await eventually_async(lambda: self.now_s > until_s)


async def test_a_camera_that_is_offline_is_told_once_and_so_is_its_return() -> None:
    shop = Shop(None, gone=OFFLINE)
    async with shop.alarms.running():
        await shop.passes(5)
        assert shop.events == []
        shop.wall.change("door", CameraState.RETRYING)
        await eventually_async(lambda: shop.events == ["fired"])
        await shop.passes(10)
        shop.wall.change("door", CameraState.LIVE)
        await eventually_async(lambda: shop.events == ["fired", "cleared"])
    first, last = shop.told
    assert (first.rule, first.camera, first.since) == ("gone", "door", last.since)
    assert first.id != last.id


async def test_all_watches_each_camera_by_itself() -> None:
    shop = Shop(None, gone=OFFLINE | {"camera": "all"})
    async with shop.alarms.running():
        shop.wall.change("till", CameraState.REFUSED)
        await eventually_async(lambda: shop.events)
    assert [event.camera for event in shop.told] == ["till"]


async def test_a_zone_with_too_many_people_is_told() -> None:
    shop = Shop(None, full=QUEUE)
    async with shop.alarms.running():
        shop.people(6)
        await eventually_async(lambda: shop.events == ["fired"])
    (event,) = shop.told
    assert (event.zone, event.value, event.limit) == ("queue", 6.0, 5.0)
    assert event.text == "Door: 6 in queue, over 5 for 2s."


async def test_nobody_knows_the_zones_of_a_camera_that_is_offline() -> None:
    shop = Shop(None, full=QUEUE)
    async with shop.alarms.running():
        shop.people(6)
        await eventually_async(lambda: shop.events == ["fired"])
        shop.wall.change("door", CameraState.RETRYING)
        shop.people(0)
        await shop.passes(20)
        (status,) = shop.alarms.statuses()
        assert (status.state, status.is_known, status.value) == ("firing", False, None)
    assert shop.events == ["fired"]


async def test_counts_that_stand_still_are_not_known() -> None:
    shop = Shop(None, full=QUEUE)
    shop.people(6)
    door = shop.wall.cameras["door"]
    fps = msgspec.structs.replace(door.fps, detected=0.0)
    shop.wall.cameras["door"] = msgspec.structs.replace(door, fps=fps)
    async with shop.alarms.running():
        await shop.passes(20)
    assert shop.events == []


async def test_the_hottest_place_of_a_zone_is_looked_at() -> None:
    shop = Shop(None, hot=HOT)
    async with shop.alarms.running():
        await eventually_async(lambda: shop.events == ["fired"])
    assert shop.told[0].value == 0.5
    assert shop.wall.asked[0] == ("door", 30.0, None)


@pytest.mark.parametrize("is_back", [False, True])
async def test_a_restart_neither_tells_twice_nor_forgets_the_end(
    tmp_path: Path, is_back: bool
) -> None:
    before = Shop(tmp_path, gone=OFFLINE)
    async with before.alarms.running():
        before.wall.change("door", CameraState.RETRYING)
        await eventually_async(lambda: before.events == ["fired"])
    after = Shop(tmp_path, gone=OFFLINE)
    if not is_back:
        after.wall.change("door", CameraState.RETRYING)
    async with after.alarms.running():
        await after.passes(10)
        await eventually_async(lambda: after.events == (["cleared"] if is_back else []))
    assert all(event.since == before.told[0].since for event in after.told)


async def test_what_nobody_has_taken_is_told_after_a_restart(tmp_path: Path) -> None:
    before = Shop(tmp_path, gone=OFFLINE)
    before.answer = Attempt(Result.FAILED, "away")
    async with before.alarms.running():
        before.wall.change("door", CameraState.RETRYING)
        await eventually_async(lambda: before.told)
        assert before.alarms.waiting() == {"office": 1}
    after = Shop(tmp_path, gone=OFFLINE)
    after.wall.change("door", CameraState.RETRYING)
    async with after.alarms.running():
        await eventually_async(lambda: after.told)
    assert [event.id for event in after.told] == [before.told[0].id]


async def test_a_rule_that_is_taken_out_while_it_fires_ends() -> None:
    shop = Shop(None, gone=OFFLINE)
    async with shop.alarms.running():
        shop.wall.change("door", CameraState.RETRYING)
        await eventually_async(lambda: shop.events == ["fired"])
        shop.alarms.reconfigure(shop.config({"full": QUEUE}))
        await eventually_async(lambda: shop.events == ["fired", "cleared"])
        assert [status.rule for status in shop.alarms.statuses()] == ["full"]
    assert "config" in shop.told[1].text


async def test_another_limit_goes_on_with_the_same_alarm() -> None:
    shop = Shop(None, full=QUEUE)
    async with shop.alarms.running():
        shop.people(6)
        await eventually_async(lambda: shop.events == ["fired"])
        shop.alarms.reconfigure(shop.config({"full": QUEUE | {"people_over": 4}}))
        await shop.passes(10)
        assert shop.events == ["fired"]


async def test_a_target_that_moved_is_told_what_waited_for_it() -> None:
    shop = Shop(None, gone=OFFLINE)
    shop.answer = Attempt(Result.FAILED, "away")
    async with shop.alarms.running():
        shop.wall.change("door", CameraState.RETRYING)
        await eventually_async(lambda: shop.told)
        shop.answer = Attempt(Result.DELIVERED)
        shop.alarms.reconfigure(shop.config({"gone": OFFLINE}, "http://new/"))
        await eventually_async(lambda: shop.alarms.waiting() == {"office": 0})
        assert shop.alarms.deliveries()["office", Result.DELIVERED] == 1


async def test_what_is_rejected_holds_up_nobody_and_is_counted() -> None:
    shop = Shop(None, gone=OFFLINE)
    shop.answer = Attempt(Result.REJECTED, "it answered 404")
    async with shop.alarms.running():
        shop.wall.change("door", CameraState.RETRYING)
        await eventually_async(lambda: shop.alarms.deliveries().get(("office", Result.REJECTED)))
        assert shop.alarms.waiting() == {"office": 0}
