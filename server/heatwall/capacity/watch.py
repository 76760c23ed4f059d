"""The process of the viewers: `python -m heatwall.capacity.watch`, talked to by lines of JSON.

It reads one `WatchOrder`, prints `Watching` once every slot has shown a picture that could be read
or the deadline has passed, and then answers each line `take` with a list of `SlotReport`, and
`look` with nothing. It ends with its input.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Sequence

import msgspec

from heatwall.capacity.messages import SlotReport, Watching, WatchOrder
from heatwall.capacity.viewer import LightViewer, watch_all


def report(viewers: Sequence[LightViewer]) -> list[SlotReport]:
    """Return what all slots got since the last call."""
    return [
        SlotReport(
            camera=slot.camera,
            pictures=len(taken.pictures),
            broken=taken.broken,
            packets=taken.packets,
            lost=taken.lost,
            latency_ms=[
                round((arrival_s - slot.times.captured_s(rtp_time)) * 1000, 1)
                for rtp_time, arrival_s in taken.pictures
            ]
            if slot.times.is_known
            else [],
        )
        for viewer in viewers
        for slot, taken in zip(viewer.slots, viewer.take(), strict=True)
    ]


async def watch(order: WatchOrder) -> None:
    """Do what the order says until the input ends."""
    viewers = await watch_all(order.address, order.cameras, order.viewers)
    try:
        slots = [slot for viewer in viewers for slot in viewer.slots]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(order.timeout_s):
                await asyncio.gather(*(slot.times_known.wait() for slot in slots))
        _say(Watching(len(slots), sum(slot.times.is_known for slot in slots)))
        while line := await asyncio.to_thread(sys.stdin.readline):
            if line.strip() == "take":
                _say(report(viewers))
            else:
                for viewer in viewers:
                    await viewer.look_again()
    finally:
        for viewer in viewers:
            await viewer.close()


def _say(message: Watching | list[SlotReport]) -> None:
    print(msgspec.json.encode(message).decode(), flush=True)  # noqa: T201 -- what the parent reads


if __name__ == "__main__":
    asyncio.run(watch(msgspec.json.decode(sys.stdin.readline(), type=WatchOrder)))
