"""Stand-ins for whoever runs the encoders."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from heatwall.clock import monotonic
from heatwall.values import Picture, Tier
from support.h264 import TestEncoder

_INTERVAL_S = 1 / 15


class Publisher(Protocol):
    """Takes pictures; see `Fanout`."""

    def publish(self, picture: Picture) -> None:
        """Take a picture."""


class NotedDemand:
    """Notes what is asked of the encoders."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, Tier]] = []

    def start_tier(self, camera: str, tier: Tier) -> None:
        """Note a start."""
        self.calls.append(("start", camera, tier))

    def stop_tier(self, camera: str, tier: Tier) -> None:
        """Note a stop."""
        self.calls.append(("stop", camera, tier))

    def request_idr(self, camera: str, tier: Tier) -> None:
        """Note a request."""
        self.calls.append(("idr", camera, tier))

    def count(self, word: str) -> int:
        """Return how many calls of one kind there were."""
        return sum(call[0] == word for call in self.calls)


class TestSource(NotedDemand):
    """Encodes test pictures for whatever tier is watched, 15 a second, on the event loop."""

    __test__ = False

    def __init__(self, sizes: dict[tuple[str, Tier], tuple[int, int]]) -> None:
        super().__init__()
        self.encoders: dict[tuple[str, Tier], TestEncoder] = {}
        self._sizes = sizes

    def start_tier(self, camera: str, tier: Tier) -> None:
        """Begin to encode."""
        super().start_tier(camera, tier)
        self.encoders[camera, tier] = TestEncoder(camera, tier, self._sizes[camera, tier])

    def stop_tier(self, camera: str, tier: Tier) -> None:
        """Encode no more."""
        super().stop_tier(camera, tier)
        del self.encoders[camera, tier]

    def request_idr(self, camera: str, tier: Tier) -> None:
        """Make the next picture an IDR."""
        super().request_idr(camera, tier)
        self.encoders[camera, tier].is_idr_wanted = True

    async def run(self, fanout: Publisher) -> None:
        """Publish until cancelled."""
        while True:
            for encoder in list(self.encoders.values()):
                fanout.publish(encoder.picture(rtp_time=round(monotonic() * 90_000)))
            await asyncio.sleep(_INTERVAL_S)

    @asynccontextmanager
    async def running(self, fanout: Publisher) -> AsyncIterator[None]:
        """Publish for the length of a `with` block."""
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(self.run(fanout), name="test source")
            try:
                yield
            finally:
                task.cancel()
