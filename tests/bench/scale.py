"""What a camera costs when there are few, and when there are many."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.report import Row, Table
from bench.rig import small_cameras, watched_wall
from bench.setup import Setup
from heatwall.capacity import proc
from heatwall.capacity.trying import Rig

_ROUNDS = (1, 4, 32, 16, 32, 4, 16, 1)
"""Forth and back, so that what else the machine does meets few and many alike."""

_FPS = 5
"""Two cores hold 32 cameras at this rate with room to spare; where they do not, the cost of a
frame would be that of waiting."""

_DETECT_FPS = 1.0
_SETTLE_S = 4.0
_WATCH_S = 12.0


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU milliseconds of a decoded frame, and how busy the machine was.

    Attributes:
        loop_ms: Of main's event loop.
        workers_ms: Of the workers.
        busy: Share of the machine's cores, whoever kept them busy.
    """

    loop_ms: float
    workers_ms: float
    busy: float

    @property
    def total_ms(self) -> float:
        """Both together: all of the server but the analyst's thread with the model in it."""
        return self.loop_ms + self.workers_ms


def measure(setup: Setup) -> Table:
    """Measure it all; takes four minutes."""
    costs: defaultdict[int, list[Cost]] = defaultdict(list)
    with small_cameras(setup, max(_ROUNDS), _FPS) as cameras:
        for count in _ROUNDS:
            with watched_wall(setup, cameras, count, _DETECT_FPS) as rig:
                rig.rest(_SETTLE_S)
                costs[count].append(_cost(rig))
    title = (
        f"CPU of a camera's frame by number of cameras, 640×360 at {_FPS} fps, watched, inference "
        "aside"
    )
    return Table(title, rows(costs))


def rows(costs: Mapping[int, Sequence[Cost]]) -> tuple[Row, ...]:
    """Return the rows; each number of cameras was measured more than once."""
    typical = {
        count: statistics.median(cost.total_ms for cost in found)
        for count, found in sorted(costs.items())
    }
    shown = [
        Row(
            f"scale: {count} cameras",
            total_ms,
            "ms/frame",
            note="; ".join(
                f"event loop {cost.loop_ms:.2f} + worker {cost.workers_ms:.2f}, machine "
                f"{cost.busy:.0%} busy"
                for cost in costs[count]
            ),
        )
        for count, total_ms in typical.items()
    ]
    ratio = Row(
        "scale: 32 cameras / 4 cameras, a frame of a camera",
        typical[32] / typical[4],
        target=1.15,
        note="the event loop's thread and the workers; the analyst's thread is left out, with the "
        "model, tracker and heat in it",
    )
    return (*shown, ratio)


def _cost(rig: Rig) -> Cost:
    begin, begin_loop_s = rig.moment(), proc.thread_cpu_s(rig.server.pid, rig.server.pid)
    rig.rest(_WATCH_S)
    end, end_loop_s = rig.moment(), proc.thread_cpu_s(rig.server.pid, rig.server.pid)
    frames = sum(end.decoded.values()) - sum(begin.decoded.values())
    took_s = end.at_s - begin.at_s
    return Cost(
        loop_ms=(end_loop_s - begin_loop_s) * 1000 / frames,
        workers_ms=(sum(end.workers_s) - sum(begin.workers_s)) * 1000 / frames,
        busy=(end.machine_s - begin.machine_s) / took_s / proc.cores(),
    )
