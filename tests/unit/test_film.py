from __future__ import annotations

import asyncio

from heatwall.delivery.fanout import QUEUE_PICTURES, Fanout
from heatwall.delivery.film import Film
from heatwall.delivery.fragments import Kind, Segment
from heatwall.delivery.quality import Rules
from heatwall.delivery.screen import Screen, ShownSlot
from heatwall.values import Picture, Tier
from support.demand import NotedDemand
from support.faketime import FakeTime
from support.h264 import TestEncoder


class _Stand:
    """A fan-out with two cameras, and a viewer's film of two slots."""

    def __init__(self) -> None:
        self.time = FakeTime()
        self.demand = NotedDemand()
        self.fanout = Fanout(
            self.demand, self.time, lambda annexb: [annexb], call_later=self.time.call_later
        )
        self.film = Film(2)
        self.encoders = {camera: TestEncoder(camera) for camera in ("door", "till")}

    def show(self, slot: int, camera: str | None, tier: Tier = Tier.TILE) -> None:
        source = None if camera is None else self.fanout.subscribe(camera, tier)
        self.film.slots[slot].show(source)

    def publish(self, camera: str, pictures: int = 1, *, is_key: bool = False) -> None:
        for _ in range(pictures):
            self.encoders[camera].is_idr_wanted |= is_key
            self.fanout.publish(self.encoders[camera].picture())


async def _taken(film: Film) -> list[tuple[int, Kind]]:
    """Take all that waits."""
    return [(slot, segment.kind) for slot, segment in await _segments(film)]


async def _segments(film: Film) -> list[tuple[int, Segment]]:
    found: list[tuple[int, Segment]] = []
    while True:
        try:
            async with asyncio.timeout(0):
                taken = await film.next()
        except TimeoutError:
            return found
        if taken is None:
            return found
        found.append(taken)


async def test_a_slot_begins_with_its_init_segment() -> None:
    stand = _Stand()
    stand.show(1, "door")
    stand.publish("door", 3)
    assert await _taken(stand.film) == [
        (1, Kind.INIT),
        (1, Kind.KEY),
        (1, Kind.MORE),
        (1, Kind.MORE),
    ]


async def test_slots_take_turns() -> None:
    stand = _Stand()
    stand.show(0, "door")
    stand.show(1, "till")
    stand.publish("door", 3)
    stand.publish("till", 3)
    assert [slot for slot, _ in await _taken(stand.film)] == [0, 1] * 4


async def test_a_waiting_viewer_is_woken() -> None:
    stand = _Stand()
    stand.show(0, "door")
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(stand.film.next())
        await asyncio.sleep(0)
        stand.publish("door")
    taken = waiting.result()
    assert taken is not None
    assert taken[1].kind is Kind.INIT


async def test_a_changed_slot_sends_nothing_more_of_what_it_showed() -> None:
    stand = _Stand()
    stand.show(0, "door")
    stand.publish("door", 2)
    stand.show(0, "till")
    stand.publish("door", 2)
    assert await _taken(stand.film) == []
    stand.publish("till", 2)
    assert await _taken(stand.film) == [(0, Kind.INIT), (0, Kind.KEY), (0, Kind.MORE)]
    stand.show(0, None)
    stand.publish("till", is_key=True)
    assert await _taken(stand.film) == []
    assert stand.film.slots[0].source is None


async def test_who_reads_nothing_gets_no_more_than_a_queue_and_then_an_idr() -> None:
    stand = _Stand()
    stand.show(0, "door")
    stand.publish("door", 500)
    source = stand.film.slots[0].source
    assert source is not None
    assert len(await _taken(stand.film)) <= QUEUE_PICTURES + 2
    stand.publish("door", 3)
    assert await _taken(stand.film) == [], "nothing without an IDR"
    stand.publish("door", is_key=True)
    stand.publish("door")
    assert await _taken(stand.film) == [(0, Kind.KEY), (0, Kind.MORE)]


async def test_one_who_reads_is_not_held_up_by_one_who_does_not() -> None:
    stand = _Stand()
    quick = Film(1)
    stand.show(0, "door")
    quick.slots[0].show(stand.fanout.subscribe("door", Tier.TILE))
    for _ in range(30):
        stand.publish("door")
        assert len(await _taken(quick)) in (1, 2)


async def test_changes_without_end_leave_nothing_behind() -> None:
    stand = _Stand()
    for _ in range(200):
        stand.show(0, "door")
        stand.publish("door", is_key=True)
    assert len(stand.film._waiting) == 1
    assert stand.fanout.statistics()["door", Tier.TILE].viewers == 1


async def test_a_closed_film_leaves_its_cameras_and_wakes_who_waits() -> None:
    stand = _Stand()
    stand.show(0, "door")
    stand.show(1, "till")
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(stand.film.next())
        await asyncio.sleep(0)
        await stand.film.close()
        await stand.film.close()
    assert waiting.result() is None
    assert [figures.viewers for figures in stand.fanout.statistics().values()] == [0, 0]


async def test_a_slow_viewer_is_moved_to_a_smaller_tier() -> None:
    stand = _Stand()
    slots: tuple[ShownSlot, ...] = stand.film.slots
    screen = Screen(stand.fanout, slots, Rules(bad_rounds=2))
    screen.want(0, "door", Tier.TILE)
    for _ in range(20):
        stand.time.advance(0.5)
        stand.publish("door", 8)
        screen.adapt(stand.time())
    assert screen.largest is Tier.PREVIEW
    assert screen.reason == "the connection is too slow"


async def test_a_camera_that_is_gone_shows_nothing() -> None:
    stand = _Stand()
    stand.show(0, "door")
    stand.fanout.forget("door")
    assert stand.film.slots[0].source is None
    picture = Picture("door", Tier.TILE, b"", 0, is_key=True)
    stand.fanout.publish(picture)
    assert await _taken(stand.film) == []
