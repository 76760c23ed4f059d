from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from functools import partial

import pytest
import pytest_asyncio

from heatwall.errors import DeliveryError
from heatwall.side_thread import SideThread
from support.eventually import eventually_async


class Blocker:
    """Work that goes on until it may end."""

    def __init__(self) -> None:
        self.has_begun, self.may_end = threading.Event(), threading.Event()

    def __call__(self) -> str:
        self.has_begun.set()
        assert self.may_end.wait(10)
        return threading.current_thread().name


@pytest_asyncio.fixture
async def side() -> AsyncIterator[SideThread]:
    one = SideThread("beside", most_waiting=2)
    yield one
    await one.close(5)


async def busy_with(side: SideThread) -> tuple[Blocker, asyncio.Future[str]]:
    blocker = Blocker()
    result = side.begin(blocker)
    await eventually_async(blocker.has_begun.is_set)
    return blocker, result


async def test_work_is_done_in_its_thread_and_in_order(side: SideThread) -> None:
    done: list[int] = []
    blocker, first = await busy_with(side)
    rest = [side.begin(partial(done.append, number)) for number in range(2)]
    assert done == []

    blocker.may_end.set()

    assert await first == "beside"
    await asyncio.gather(*rest)
    assert done == [0, 1]


async def test_what_work_raises_is_raised_where_it_is_awaited_and_ends_nothing(
    side: SideThread,
) -> None:
    with pytest.raises(ZeroDivisionError):
        await side.begin(lambda: 1 // 0)
    assert await side.begin(lambda: 7) == 7


async def test_more_than_may_wait_is_refused_until_there_is_room(side: SideThread) -> None:
    blocker, first = await busy_with(side)
    waiting = [side.begin(lambda: 1), side.begin(lambda: 2)]

    with pytest.raises(DeliveryError) as caught:
        await side.begin(lambda: 3)
    assert (caught.value.status, caught.value.code) == (503, "busy")
    assert caught.value.retry_after_s

    blocker.may_end.set()
    await first
    assert await asyncio.gather(*waiting) == [1, 2]
    assert await side.begin(lambda: 3) == 3


async def test_work_that_is_cancelled_in_time_is_left_out_and_leaves_its_place(
    side: SideThread,
) -> None:
    done: list[str] = []
    blocker, first = await busy_with(side)
    for _ in range(10):  # more than may wait
        left = side.begin(lambda: done.append("left"))
        left.cancel()
        await asyncio.wait({left})
        await asyncio.sleep(0)  # the thread's side of it hears of it in the next turn
    kept = side.begin(lambda: done.append("kept"))

    blocker.may_end.set()
    await first
    await kept

    assert done == ["kept"]


async def test_its_end_waits_for_all_that_was_taken_and_takes_no_more(side: SideThread) -> None:
    blocker, first = await busy_with(side)
    second = side.begin(lambda: 2)
    closing = asyncio.create_task(side.close(5))
    await asyncio.sleep(0)

    with pytest.raises(DeliveryError) as caught:
        await side.begin(lambda: 3)
    assert (caught.value.status, caught.value.code) == (503, "stopping")

    blocker.may_end.set()
    await closing
    assert (await first, await second) == ("beside", 2)
    assert "beside" not in {thread.name for thread in threading.enumerate()}


async def test_its_end_is_bounded_when_the_work_hangs_and_tells_those_who_wait() -> None:
    side = SideThread("beside", most_waiting=2)
    blocker, first = await busy_with(side)
    second = side.begin(lambda: 2)

    await asyncio.wait_for(side.close(0.01), 5)

    with pytest.raises(DeliveryError, match="ending"):
        await second
    assert not first.done()
    blocker.may_end.set()
    assert await first == "beside"
    await side.close(5)


async def test_one_that_never_had_work_has_no_thread_and_ends_at_once() -> None:
    before = threading.active_count()
    side = SideThread("beside", most_waiting=2)
    assert threading.active_count() == before
    await side.close(0)
    await side.close(0)


def test_a_thread_that_hangs_keeps_no_process_from_ending() -> None:
    script = """
import asyncio, threading
from heatwall.side_thread import SideThread

async def main():
    side = SideThread("beside", 1)
    try:
        async with asyncio.timeout(0.05):
            await side.begin(threading.Event().wait)
    except TimeoutError:
        await side.close(0.05)
        print("ended")

asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=True
    )
    assert (done.stdout, done.stderr) == ("ended\n", "")
