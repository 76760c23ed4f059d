"""The lean sender: what aiortc's `RTCRtpSender` sends, at a third of its cost.

aiortc negotiates, connects, reports (RTCP) and ends as ever. Only RTP packets go past it: they are
made from payloads that all viewers share and sent in the call that brings them. It needs private
names of aiortc and aioice that `why_not_lean` looks for; without them, and on a way other than a
plain UDP socket, such as a relay, aiortc sends by itself.
"""

# ruff: noqa: SLF001 -- private names are the point here; `known_aiortc` looks for them

from __future__ import annotations

import functools
import logging
import secrets
import time
from collections.abc import Callable
from typing import Any

from heatwall.clock import monotonic
from heatwall.delivery.known_aiortc import why_not_lean
from heatwall.delivery.packets import Packets
from heatwall.delivery.rtp import Extensions, RtpStream, retransmission
from heatwall.delivery.wire import Wire, can_protect, is_plain
from heatwall.ntp import ntp_time

_MID = "urn:ietf:params:rtp-hdrext:sdes:mid"
"""RFC 9143 section 15."""

_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"

_COMPONENT = 1
"""RTP and RTCP share one (RFC 5761), which ICE counts from 1."""

_log = logging.getLogger(__name__)


class LeanSender:
    """Sends one slot's pictures to one viewer. Event loop only.

    Args:
        sender: aiortc's, hooked and started.
        parameters: What aiortc's `send` was given: the answer's outcome.
        link: Shared by all senders of the viewer.
        when_free: Called when a picture that `send` refused may be tried again.
    """

    def __init__(
        self, sender: Any, parameters: Any, link: LeanLink, when_free: Callable[[], None]
    ) -> None:
        codec = parameters.codecs[0]
        ids = {extension.uri: extension.id for extension in parameters.headerExtensions}
        self._sender = sender
        self._link = link
        self._when_free = when_free
        self._stream = RtpStream(
            ssrc=sender._ssrc,
            payload_type=codec.payloadType,
            extensions=Extensions(
                mid=parameters.muxId.encode(),
                mid_id=ids.get(_MID, 0),
                send_time_id=ids.get(_SEND_TIME, 0),
            ),
            sequence=secrets.randbelow(1 << 15),
            origin=secrets.randbits(32),
        )
        self._rtx_payload_type = next(
            (
                other.payloadType
                for other in parameters.codecs
                if other.mimeType.lower() == "video/rtx"
                and other.parameters.get("apt") == codec.payloadType
            ),
            None,
        )
        self._rtx_sequence = secrets.randbelow(1 << 15)
        self._packets = 0
        self._octets = 0

    def send(self, packets: Packets, rtp_time: int) -> bool:
        """Send a picture at once; False, and `when_free` is called soon, while there is no room.

        Args:
            packets: The picture's payloads.
            rtp_time: Its RTP time, of the slot's own count.
        """
        if not self._link.is_up() or not self._sender._enabled:
            return True  # nobody is there, as far as pictures are concerned
        wire = self._link.wire
        if not wire.has_room(self._when_free):
            return False
        payloads = packets.payloads
        ntp = ntp_time(time.time_ns())
        sent = self._stream.take(payloads, rtp_time, ntp)
        wire.send(self._stream.headers(sent), payloads)
        self._packets += len(payloads)
        self._octets += packets.octets
        sender = self._sender
        # What aiortc's sender reports are made of (RFC 3550 section 6.4.1).
        sender._RTCRtpSender__ntp_timestamp = ntp
        sender._RTCRtpSender__rtp_timestamp = sent.time
        sender._RTCRtpSender__packet_count = self._packets
        sender._RTCRtpSender__octet_count = self._octets
        return True

    async def retransmit(self, sequence: int) -> None:
        """Send a packet again that the viewer reports as lost; aiortc calls it for each."""
        found = self._stream.again(sequence)
        if found is None or not self._link.is_up() or not self._link.wire.has_room(_nothing):
            return
        header, payload = found
        if self._rtx_payload_type is not None:
            header, payload = retransmission(
                header,
                payload,
                payload_type=self._rtx_payload_type,
                ssrc=self._sender._rtx_ssrc,
                sequence=self._rtx_sequence,
            )
            self._rtx_sequence = (self._rtx_sequence + 1) & 0xFFFF
        self._link.wire.send((header,), (payload,))


class LeanLink:
    """One viewer's connection as the lean senders use it: its keys and its way.

    Args:
        transport: aiortc's DTLS transport, connected by a plain UDP socket.
    """

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._connected = transport._state
        self._nominated = transport.transport._connection._nominated
        self._pair: Any = None
        self.wire = Wire(transport._tx_srtp, monotonic)

    def is_up(self) -> bool:
        """Return whether packets reach the viewer; follows ICE to another pair of addresses."""
        if self._transport._state is not self._connected:
            return False
        pair = self._nominated.get(_COMPONENT)
        if pair is not self._pair:
            self._pair = pair
            if pair is not None:
                self.wire.aim(pair.protocol.transport, pair.remote_addr)
        return pair is not None


class LeanLinks:
    """The links of one viewer: one, since all its m-lines share a transport."""

    def __init__(self) -> None:
        self._links: dict[Any, LeanLink | None] = {}

    def of(self, transport: Any) -> LeanLink | None:
        """Return the link by a connected DTLS transport; None where aiortc must send by itself."""
        if transport.state != "connected":
            return None  # just closed; nobody will send any more
        if transport not in self._links:
            reason = _why_not_by(transport)
            if reason is not None:
                _say_once(reason)
            self._links[transport] = None if reason is not None else LeanLink(transport)
        return self._links[transport]


def _why_not_by(transport: Any) -> str | None:
    """Return what keeps lean senders from using this transport; None for nothing."""
    reason = why_not_lean()
    if reason is not None:
        return reason
    if not can_protect(transport._tx_srtp):
        return "pylibsrtp's sessions have changed"
    pair = transport.transport._connection._nominated.get(_COMPONENT)
    if pair is None or pair.local_candidate.type != "host" or not is_plain(pair.protocol.transport):
        return "the viewer is not reached by a plain UDP socket"
    return None


@functools.cache
def _say_once(reason: str) -> None:
    """Log why aiortc sends by itself: once, however many viewers are like that."""
    _log.info("aiortc sends to a viewer by itself: %s", reason)


def _nothing() -> None:
    """Do nothing: a retransmission that finds no room is not tried again, the viewer asks again."""
