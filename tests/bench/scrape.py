"""What it costs to be watched over, and to know who asks."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable

from bench.report import Row, Table
from bench.setup import Setup
from heatwall.access.door import Access
from heatwall.access.passwords import hash_password
from heatwall.clock import monotonic, wall
from heatwall.metrics import Metrics
from heatwall.roles import OpenRole, Role
from support.access import PASSWORD, TOKEN, guarded_config
from support.sessions import NoSessions
from support.wall import FakeWall

_CAMERAS = 64
_ROUNDS, _HASHES = 50, 5
_MS = 1e3
_NOBODY = OpenRole(Role.VIEWER, Role.VIEWER)


def measure(_setup: Setup) -> Table:
    """Measure it all; takes seconds."""
    metrics = Metrics(FakeWall(*(f"cam{index}" for index in range(_CAMERAS))), NoSessions())
    rows = [
        Row(
            f"scrape of {_CAMERAS} cameras",
            _median_s(metrics.exposition) * _MS,
            "ms",
            50,
            f"{len(metrics.exposition()[1]) / 1000:.0f} kB",
        ),
        *asyncio.run(_of_access()),
    ]
    return Table("Metrics and log-ins", tuple(rows))


async def _of_access() -> list[Row]:
    """Measure who comes in by what; one log-in after the other, as the server takes them."""
    async with Access(guarded_config(), _NOBODY, monotonic, wall) as access:
        cookie, _ = await access.log_in("admin", PASSWORD, "192.0.2.1")
        log_ins = []
        for _ in range(_ROUNDS):
            began_s = time.perf_counter()
            await access.log_in("admin", PASSWORD, "192.0.2.1")
            log_ins.append(time.perf_counter() - began_s)
        checks = {
            "check of a cookie": _median_s(lambda: access.by_cookie(cookie)),
            "check of a token": _median_s(lambda: access.by_token(TOKEN)),
            "log-in, with a hash that costs next to nothing": statistics.median(log_ins),
        }
    return [
        *(Row(name, seconds * _MS, "ms", 1) for name, seconds in checks.items()),
        Row(
            "hash of a password, argon2id",
            _median_s(lambda: hash_password(PASSWORD), _HASHES) * _MS,
            "ms",
            note="64 MiB, in a thread of its own, one at a time",
        ),
    ]


def _median_s(call: Callable[[], object], rounds: int = _ROUNDS) -> float:
    times = []
    for _ in range(rounds):
        began_s = time.perf_counter()
        call()
        times.append(time.perf_counter() - began_s)
    return statistics.median(times)
