"""Viewers by the hundred: those that come and go, and those that never say goodbye."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from heatwall.values import Tier
from support.delivery import open_sockets, serving_delivery
from support.eventually import eventually_async
from support.sdp import Section, offer
from support.soak import amount, tell

COME_AND_GO = amount(100, 1_000)
AT_ONCE = 8

SILENT = 200
GONE_S = 10.0
"""How long a session may outlive its viewer."""

SPARE_S = 5.0
"""What a busy machine may add."""

GROWTH_MB = 24
"""More than the allocator keeps back; a leak of a connection each would be 100 KB and more."""


@contextlib.asynccontextmanager
async def crowd(*words: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a crowd of viewers; it is killed at the end unless it has gone."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "support.crowd",
        *words,
        cwd=Path(__file__).parents[1],
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def told(process: asyncio.subprocess.Process, within_s: float) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(within_s):
        return (await process.stdout.readline()).decode().strip()


def memory_mb() -> float:
    """Return what this process, the server, holds of memory."""
    gc.collect()
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("no VmRSS")


@pytest.mark.timeout(600)
async def test_viewers_that_come_and_go_leave_nothing(tmp_path: Path) -> None:
    async with serving_delivery(tmp_path, linger_s=0.1, max_viewers=AT_ONCE + 2) as stand:
        words = (stand.base, "--at-once", str(AT_ONCE), "--camera", "door", "--viewers")
        async with crowd(*words, "40") as first:  # what is made once is made now
            assert await told(first, 120) == "done 40"
        await eventually_async(lambda: len(stand.sessions) == 0)
        tasks, sockets, before_mb = len(asyncio.all_tasks()), open_sockets(), memory_mb()
        async with crowd(*words, str(COME_AND_GO)) as many:
            assert await told(many, 500) == f"done {COME_AND_GO}"
        await eventually_async(lambda: len(stand.sessions) == 0)
        await eventually_async(lambda: len(asyncio.all_tasks()) <= tasks)
        await eventually_async(lambda: open_sockets() <= sockets)
        after_mb = memory_mb()
        tell(f"{COME_AND_GO} viewers: {before_mb:.1f} MB before, {after_mb:.1f} MB after")
        assert after_mb - before_mb < GROWTH_MB


@pytest.mark.timeout(600)
async def test_sessions_whose_viewers_never_say_goodbye_are_gone_in_ten_seconds(
    tmp_path: Path,
) -> None:
    """Half of them never connect, the other half falls silent without closing anything."""
    half = SILENT // 2
    async with serving_delivery(tmp_path, linger_s=0.1, max_viewers=SILENT) as stand:
        tasks, sockets = len(asyncio.all_tasks()), open_sockets()
        words = (stand.base, "--viewers", str(half), "--at-once", "8", "--stay")
        async with crowd(*words) as staying:
            assert await told(staying, 300) == f"here {half}"
            await asyncio.gather(
                *(
                    stand.sessions.create(offer(Section()), ["door"], Tier.TILE)
                    for _ in range(SILENT - half)
                )
            )
            assert len(stand.sessions) == SILENT
            began_s = asyncio.get_running_loop().time()
            os.kill(staying.pid, signal.SIGSTOP)
            try:
                await eventually_async(lambda: len(stand.sessions) == 0, timeout_s=GONE_S + SPARE_S)
            finally:
                os.kill(staying.pid, signal.SIGCONT)
            tell(f"gone after {asyncio.get_running_loop().time() - began_s:.1f} s")
            await eventually_async(lambda: len(asyncio.all_tasks()) <= tasks + 2)
            await eventually_async(lambda: open_sockets() <= sockets + 4)
