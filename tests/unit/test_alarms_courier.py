"""What becomes of events when somebody can't be told for long, or too many wait."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable

import pytest

from heatwall.alarms import courier as courier_module
from heatwall.alarms.courier import Courier
from heatwall.alarms.delivering import Attempt, Result
from heatwall.alarms.events import Event, event_of
from heatwall.alarms.outbox import MOST_WAITING, Outbox
from heatwall.alarms.retry import GIVE_UP_S
from heatwall.alarms.rules import Key, Kind, Subject, Watched
from heatwall.alarms.watch import Turn
from heatwall.errors import AlarmError
from support.eventually import eventually_async

AT = 1_700_000_000.0
WATCHED = Watched(Key("gone", "door"), "Door", Subject(Kind.OFFLINE), 3.0, 0.0, 0.0, ("office",))


def event(at: float = AT) -> Event:
    return event_of(WATCHED, Turn.FIRED, 4.0, at, at)


class Office:
    """Somebody who is told, and answers as it is wanted."""

    def __init__(self) -> None:
        self.told: list[Event] = []
        self.answers: list[Attempt] = []
        self.is_slow = asyncio.Event()
        self.is_slow.set()
        self.opens = 0
        self.closed_doors = 0
        self.breaks = asyncio.Event()

    @contextlib.asynccontextmanager
    async def open(self, _current: Iterable[Event]) -> AsyncIterator[Office]:
        self.opens += 1
        self.breaks.clear()
        if self.opens <= self.closed_doors:
            raise AlarmError("nobody is there")
        yield self

    async def tell(self, told: Event) -> Attempt:
        self.told.append(told)
        await self.is_slow.wait()
        return self.answers.pop(0) if self.answers else Attempt(Result.DELIVERED)

    async def broken(self) -> str:
        await self.breaks.wait()
        return "the wire was cut"


class Post:
    """A courier on a clock that a test sets; its waits are none."""

    def __init__(self, waiting: Iterable[Event] = (), most: int = MOST_WAITING) -> None:
        self.office = Office()
        self.now = AT
        self.changes = 0
        self.courier = Courier(
            "office", self.office, Outbox(waiting, most), list, self._changed,
            lambda: self.now, lambda: 0.5,
        )  # fmt: skip

    def _changed(self) -> None:
        self.changes += 1

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Post]:
        task = asyncio.ensure_future(self.courier.run())
        self.courier.wake()
        try:
            yield self
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def is_empty(self) -> None:
        await eventually_async(lambda: not len(self.courier.outbox))


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, float | None]]:
    asked: list[tuple[int, float | None]] = []

    def wait_s(failures: int, _random: object, asked_s: float | None = None) -> float:
        asked.append((failures, asked_s))
        return 0.0

    monkeypatch.setattr(courier_module, "wait_s", wait_s)
    return asked


async def test_when_too_many_wait_the_oldest_goes_and_this_is_counted() -> None:
    post = Post(most=3)
    events = [event() for _ in range(5)]
    for one in events:
        post.courier.put(one)
    async with post.running():
        await post.is_empty()
    assert post.office.told == events[2:]
    assert post.courier.totals == {Result.DROPPED: 2, Result.DELIVERED: 3}


async def test_one_that_is_dropped_while_it_is_told_counts_once_and_takes_no_other_with_it() -> (
    None
):
    first, *more = [event() for _ in range(3)]
    post = Post([first], most=2)
    post.office.is_slow.clear()
    async with post.running():
        await eventually_async(lambda: post.office.told)
        for one in more:
            post.courier.put(one)
        post.office.is_slow.set()
        await post.is_empty()
    assert post.office.told == [first, *more]
    assert post.courier.totals == {Result.DROPPED: 1, Result.DELIVERED: 2}


async def test_what_nobody_took_for_a_day_is_told_no_more() -> None:
    old, older, fresh = event(AT - GIVE_UP_S - 1), event(AT - 2 * GIVE_UP_S), event(AT - 60)
    post = Post([older, old, fresh])
    async with post.running():
        await post.is_empty()
    assert post.office.told == [fresh]
    assert post.courier.totals == {Result.EXPIRED: 2, Result.DELIVERED: 1}
    assert post.changes == 3


async def test_an_event_expires_while_its_receiver_is_away() -> None:
    post = Post([event()])
    post.office.answers = [Attempt(Result.FAILED, "503")]
    post.office.is_slow.clear()
    async with post.running():
        await eventually_async(lambda: post.office.told)
        post.now = AT + GIVE_UP_S + 1
        post.office.is_slow.set()
        await post.is_empty()
    assert post.courier.totals == {Result.FAILED: 1, Result.EXPIRED: 1}


async def test_a_clock_that_was_set_back_lets_nothing_expire() -> None:
    post = Post([event(AT + 3600)])
    async with post.running():
        await post.is_empty()
    assert post.courier.totals == {Result.DELIVERED: 1}


async def test_who_fails_is_told_the_same_again_in_order_after_what_it_asked_for(
    waits: list[tuple[int, float | None]],
) -> None:
    events = [event(), event()]
    post = Post(events)
    post.office.answers = [
        Attempt(Result.FAILED, "503", 7.0),
        Attempt(Result.FAILED, "503"),
        Attempt(Result.DELIVERED),
        Attempt(Result.FAILED, "503"),
    ]
    async with post.running():
        await post.is_empty()
    first, second = events
    assert post.office.told == [first, first, first, second, second]
    assert waits == [(1, 7.0), (2, None), (1, None)]
    assert post.courier.totals == {Result.FAILED: 3, Result.DELIVERED: 2}


async def test_who_can_not_be_reached_is_tried_again() -> None:
    post = Post([event()])
    post.office.closed_doors = 3
    async with post.running():
        await post.is_empty()
    assert post.office.opens == 4
    assert post.courier.totals == {Result.FAILED: 3, Result.DELIVERED: 1}


async def test_a_connection_that_breaks_while_nothing_waits_is_made_anew() -> None:
    post = Post()
    async with post.running():
        await eventually_async(lambda: post.office.opens == 1)
        post.office.breaks.set()
        await eventually_async(lambda: post.office.opens == 2)
        post.courier.put(event())
        post.courier.wake()
        await post.is_empty()
    assert len(post.office.told) == 1


async def test_nothing_is_told_before_it_is_saved() -> None:
    post = Post()
    async with post.running():
        await eventually_async(lambda: not post.courier._awake.is_set())
        post.courier.put(event())
        until_s = asyncio.get_running_loop().time() + 0.1
        await eventually_async(lambda: asyncio.get_running_loop().time() > until_s)
        assert post.office.told == []
        post.courier.wake()
        await post.is_empty()
