"""A line between page and server on which everything takes a while."""

from __future__ import annotations

import asyncio

from playwright.async_api import Route


class SlowLine:
    """Holds requests up, each for itself, so that one could pass another; a page's route.

    Args:
        takes_s: How long each is held up, seconds.
    """

    def __init__(self, takes_s: float) -> None:
        self.most = 0
        """Most requests that were under way at once."""
        self._takes_s = takes_s
        self._under_way = 0

    async def __call__(self, route: Route) -> None:
        """Let a request through, later."""
        self._under_way += 1
        self.most = max(self.most, self._under_way)
        await asyncio.sleep(self._takes_s)
        self._under_way -= 1
        await route.continue_()
