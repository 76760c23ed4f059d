"""The hooks on one of aiortc's senders, by which it sends what a slot shows."""

# ruff: noqa: SLF001 -- private names are the point here; `known_aiortc` looks for them

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from aiortc import MediaStreamTrack, RTCRtpSender
from aiortc.rtcrtpsender import RTCEncodedFrame
from aiortc.rtp import RtcpRrPacket, RtcpSrPacket

from heatwall.delivery.lean import LeanLinks, LeanSender
from heatwall.delivery.slot import Loss, Slot


class HookedTrack(MediaStreamTrack):
    """Stands for a slot in aiortc's eyes; never read, since the sender's reading is hooked."""

    kind = "video"

    async def recv(self) -> Any:
        """Never called, as the sender's reading is hooked."""
        raise AssertionError("aiortc reads a track in spite of the hook")


def hook(sender: RTCRtpSender, slot: Slot, links: LeanLinks) -> None:
    """Make `sender` send what `slot` shows, and tell `slot` what the viewer reports.

    Args:
        sender: Not started yet.
        slot: Whose pictures it sends.
        links: The viewer's, of whom the lean senders share one.
    """
    hooked = _Hooked(sender, slot, links)
    hooks: dict[str, Callable[..., Any]] = {
        "send": hooked.send,
        "_next_encoded_frame": hooked.next_encoded_frame,
        "_send_keyframe": slot.request_idr,
        "_handle_rtcp_packet": hooked.handle_rtcp_packet,
    }
    for name, function in hooks.items():
        setattr(sender, name, function)


class _Hooked:
    """What stands in for a sender's methods, and calls those that it stands in for."""

    def __init__(self, sender: Any, slot: Slot, links: LeanLinks) -> None:
        self._sender = sender
        self._slot = slot
        self._links = links
        self._parameters: Any = None
        self._send = sender.send
        self._handle_rtcp_packet = sender._handle_rtcp_packet

    async def send(self, parameters: Any) -> None:
        """Note what was agreed on, then start as ever."""
        self._parameters = parameters
        await self._send(parameters)

    async def next_encoded_frame(self, _codec: Any) -> RTCEncodedFrame | None:
        """Leave the sending to a lean sender for good, or wait for the next picture."""
        link = self._links.of(self._sender.transport)
        if link is not None and self._parameters is not None:
            lean = LeanSender(self._sender, self._parameters, link, self._slot.go_on)
            self._sender._retransmit = lean.retransmit
            self._slot.send_by(lean)
            await asyncio.Event().wait()  # until the sender is stopped, which cancels this
        payloads, rtp_time = await self._slot.next()
        if not self._sender._enabled:
            return None
        return RTCEncodedFrame(payloads, rtp_time, None)  # type: ignore[arg-type] # None: no audio

    async def handle_rtcp_packet(self, packet: Any) -> None:
        """Tell the slot what the viewer reports, then do as ever."""
        if isinstance(packet, RtcpRrPacket | RtcpSrPacket):
            for report in packet.reports:
                if report.ssrc == self._sender._ssrc:
                    self._slot.loss = Loss(
                        share=report.fraction_lost / 256,
                        packets=report.packets_lost,
                        jitter_s=report.jitter / 90_000,
                    )
        await self._handle_rtcp_packet(packet)
