"""Main's end of the link to a worker."""

from __future__ import annotations

import asyncio
from typing import cast
from unittest.mock import Mock

from heatwall.camera.link import Notice, pack
from heatwall.camera.process import WorkerProcess

FLOOD = 10_000
"""Tiny messages that are in main's buffer all at once"""


async def test_a_worker_that_floods_main_leaves_the_event_loop_its_turns() -> None:
    reader = asyncio.StreamReader(limit=1 << 22)
    reader.feed_data(pack(Notice("late", "")) * FLOOD)
    reader.feed_eof()
    writer = cast("asyncio.StreamWriter", Mock())
    worker = WorkerProcess("door", Mock(pid=1), reader, writer)
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(others())
    received = 0
    while await worker.receive() is not None:
        received += 1
    beside.cancel()
    assert received == FLOOD
    assert turns > FLOOD / 100
