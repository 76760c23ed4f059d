"""One viewer's slots as MP4, for those who take no WebRTC. Event loop only."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from heatwall.delivery.fragments import Fragments, Segment
from heatwall.delivery.packets import Packets, PacketSource
from heatwall.delivery.slot import Loss


class FilmSlot:
    """One slot: holds what one picture is sent as; what comes meanwhile waits at the source.

    There it is dropped up to the next IDR when the viewer is too slow.

    Attributes:
        index: Its number.
        loss: None, as nothing is lost on the way.
    """

    def __init__(self, index: int, when_ready: Callable[[FilmSlot], None]) -> None:
        self.index = index
        self.loss: Loss | None = None
        self._when_ready = when_ready
        self._source: PacketSource | None = None
        self._fragments = Fragments()
        self._segments: deque[Segment] = deque()

    @property
    def source(self) -> PacketSource | None:
        """What it shows now, or None."""
        source = self._source
        return None if source is None or source.is_closed else source

    def show(self, source: PacketSource | None) -> None:
        """Show `source` from its next IDR on, which an init segment precedes."""
        before, self._source = self._source, source
        self._segments.clear()
        self._fragments.restart()
        if before is not None:
            before.close()
        if source is not None:
            source.feed(self._take)

    def pop(self) -> Segment | None:
        """Return what is sent next, if there is something."""
        if not self._segments:
            return None
        segment = self._segments.popleft()
        if self._segments:
            self._when_ready(self)
        elif self._source is not None:
            self._source.drain()
        return segment

    def _take(self, packets: Packets) -> bool:
        """Take a picture, unless there is one."""
        if self._segments:
            return False
        self._segments.extend(self._fragments.segments(packets.sample()))
        if self._segments:
            self._when_ready(self)
        return True


class Film:
    """All slots of one viewer, who takes a segment at a time from whichever has one.

    Args:
        slots: How many.
    """

    def __init__(self, slots: int) -> None:
        self.slots = tuple(FilmSlot(index, self._ready) for index in range(slots))
        self._waiting: dict[FilmSlot, None] = {}
        self._changed = asyncio.Event()
        self._is_closed = False

    async def next(self) -> tuple[int, Segment] | None:
        """Wait for the next segment and the number of its slot; None once it is closed.

        The slots take turns; each one's segments come in order.
        """
        while not self._is_closed:
            while self._waiting:
                slot = next(iter(self._waiting))
                del self._waiting[slot]
                segment = slot.pop()
                if segment is not None:
                    return slot.index, segment
            self._changed.clear()
            await self._changed.wait()
        return None

    async def close(self) -> None:
        """Leave all sources; a waiting `next` returns None. May be called again."""
        self._is_closed = True
        self._changed.set()
        for slot in self.slots:
            slot.show(None)

    def _ready(self, slot: FilmSlot) -> None:
        self._waiting[slot] = None
        self._changed.set()
