"""One video m-line of a viewer: what it shows can change while it is connected."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Protocol

from heatwall.delivery.packets import Packets, PacketSource

_RTP_STEP = 3000
"""Ticks of 1/90000 s between the last picture of one source and the first of the next, a usual
frame interval, where the sources' own times would run backwards."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What a viewer last reported on one slot (RTCP receiver report, RFC 3550 section 6.4.1).

    Attributes:
        share: Share of packets lost since its previous report, 0 to 1.
        packets: Packets lost since the beginning, less those that came twice.
        jitter_s: Interarrival jitter in seconds.
    """

    share: float
    packets: int
    jitter_s: float


class Sender(Protocol):
    """Sends at once; see `heatwall.delivery.lean.LeanSender`."""

    def send(self, packets: Packets, rtp_time: int) -> bool:
        """Send a picture, or return False and have the slot try again soon."""


class Slot:
    """Takes the pictures of what it shows to the viewer.

    Either somebody waits for them with `next`, or a sender takes them at once (`send_by`).
    """

    def __init__(self) -> None:
        self.loss: Loss | None = None
        self._source: PacketSource | None = None
        self._sender: Sender | None = None
        self._changed = asyncio.Event()
        self._last_rtp: int | None = None
        self._offset = 0

    @property
    def source(self) -> PacketSource | None:
        """What it shows now, or None."""
        source = self._source
        return None if source is None or source.is_closed else source

    def show(self, source: PacketSource | None) -> None:
        """Show `source` from its next IDR on and close the one shown before."""
        before, self._source = self._source, source
        self._changed.set()
        if before is not None:
            before.close()
        if self._sender is not None and source is not None:
            source.feed(self._send)

    def send_by(self, sender: Sender) -> None:
        """Hand all pictures to `sender` from now on, those that wait first."""
        self._sender = sender
        if self._source is not None:
            self._source.feed(self._send)

    def go_on(self) -> None:
        """Hand over what the sender refused before."""
        if self._source is not None:
            self._source.drain()

    def request_idr(self) -> None:
        """Pass on that the viewer's decoder needs an IDR (PLI or FIR, RFC 4585 and RFC 5104)."""
        if self._source is not None:
            self._source.request_idr()

    async def next(self) -> tuple[list[bytes], int]:
        """Wait for the next picture of whatever is shown; its payloads and its RTP time.

        RTP times grow strictly, also when another source is shown whose own times lie behind.
        """
        while True:
            source = self._source
            if source is None:
                self._changed.clear()
                await self._changed.wait()
                continue
            packets = await source.next()
            if source is not self._source:
                continue
            if packets is None:
                self._source = None
                continue
            rtp_time = self._next_time(packets.picture.rtp_time)
            self._note(packets, rtp_time)
            return list(packets.payloads), rtp_time

    def _send(self, packets: Packets) -> bool:
        """Hand a picture to the sender; whether it was taken."""
        if self._sender is None:
            return False
        rtp_time = self._next_time(packets.picture.rtp_time)
        if not self._sender.send(packets, rtp_time):
            return False
        self._note(packets, rtp_time)
        return True

    def _next_time(self, rtp_time: int) -> int:
        """Return the RTP time at which a picture of this own time is sent."""
        time = rtp_time if self._changed.is_set() else rtp_time + self._offset
        if self._last_rtp is not None and time <= self._last_rtp:
            return self._last_rtp + _RTP_STEP
        return time

    def _note(self, packets: Packets, rtp_time: int) -> None:
        """Remember how far this source's times are from those that are sent."""
        self._changed.clear()
        self._last_rtp = rtp_time
        self._offset = rtp_time - packets.picture.rtp_time
