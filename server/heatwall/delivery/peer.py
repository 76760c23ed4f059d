"""One viewer's WebRTC connection; the only module that knows aiortc.

aiortc encodes for each viewer by itself. Here its senders are hooked, instance by instance, to send
payloads that were packetised once for all viewers instead. The hooks rest on private names of
aiortc, which `check_aiortc` verifies.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.codecs.h264 import H264Encoder
from aiortc.exceptions import InvalidStateError, OperationError
from aiortc.rtcrtpsender import RTCEncodedFrame
from aiortc.rtp import RtcpRrPacket, RtcpSrPacket

from heatwall.delivery.offer import Offer
from heatwall.delivery.packets import PacketSource
from heatwall.errors import DeliveryError, StartError

_ANSWER_S = 10.0
"""Longest wait for an answer; gathering local candidates takes milliseconds."""

_CLOSE_S = 5.0
"""Longest wait for a connection to close."""

_RTP_STEP = 3000
"""Ticks of 1/90000 s between the last picture of one source and the first of the next, a usual
frame interval, where the sources' own times would run backwards."""


class PeerState(StrEnum):
    """Where a connection stands, in the words of RTCPeerConnection.connectionState."""

    NEW = "new"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    FAILED = "failed"
    CLOSED = "closed"


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


class Slot:
    """One video m-line of a viewer: what it shows can change while it is connected."""

    def __init__(self) -> None:
        self.loss: Loss | None = None
        self._source: PacketSource | None = None
        self._changed = asyncio.Event()
        self._last_rtp: int | None = None
        self._offset = 0

    @property
    def source(self) -> PacketSource | None:
        """What it shows now, or None."""
        return self._source

    def show(self, source: PacketSource | None) -> None:
        """Show `source` from its next IDR on and close the one shown before."""
        before, self._source = self._source, source
        self._changed.set()
        if before is not None:
            before.close()

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
            if self._changed.is_set():
                self._changed.clear()
                self._offset = 0
            return list(packets.payloads), self._follow(packets.picture.rtp_time)

    def _follow(self, rtp_time: int) -> int:
        if self._last_rtp is not None and rtp_time + self._offset <= self._last_rtp:
            self._offset = self._last_rtp + _RTP_STEP - rtp_time
        self._last_rtp = rtp_time + self._offset
        return self._last_rtp


class Peer:
    """One `RTCPeerConnection` that answers an offer and sends one video per slot.

    Args:
        offer: What the viewer offered; each of its video m-lines becomes a slot.
        on_state: Called on the event loop at every change of state.
    """

    def __init__(self, offer: Offer, on_state: Callable[[PeerState], None]) -> None:
        check_aiortc()
        self._offer = offer
        self._on_state = on_state
        # aiortc's default is a public STUN server, which costs up to 5 s where it can't be reached.
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._connection.on("connectionstatechange", self._state_changed)
        self._handshakes: set[asyncio.Task[None]] = set()
        self._watch_handshakes()
        self.slots = tuple(self._add_slot() for _ in range(offer.videos))

    @property
    def state(self) -> PeerState:
        """Where the connection stands."""
        return PeerState(self._connection.connectionState)

    async def answer(self) -> str:
        """Return the SDP answer with all candidates; the connection then builds up by itself.

        Raises:
            DeliveryError: 406 when no codec fits, 400 when the offer can't be used.
        """
        connection = self._connection
        offer = RTCSessionDescription(sdp=self._offer.sdp, type="offer")
        try:
            async with asyncio.timeout(_ANSWER_S):
                await connection.setRemoteDescription(offer)
                for transceiver in connection.getTransceivers():
                    if transceiver.kind != "video":
                        transceiver.direction = "inactive"
                await connection.setLocalDescription()
        except OperationError as error:
            raise DeliveryError(406, "no_codec", "The offer has no codec in common.") from error
        except TimeoutError as error:
            raise DeliveryError(503, "no_answer", "The answer took too long.") from error
        except Exception as error:  # aiortc's SDP parser raises whatever a bad line leads to
            raise DeliveryError(400, "bad_sdp", "The offer could not be understood.") from error
        return connection.localDescription.sdp

    async def close(self) -> None:
        """End the connection and leave all sources. May be called again."""
        for slot in self.slots:
            slot.show(None)
        async with asyncio.timeout(_CLOSE_S):
            await self._connection.close()
            if self._handshakes:
                await asyncio.wait(self._handshakes)
                # A handshake that succeeded in the moment of closing has begun to ask for consent
                # (aioice 0.13 looks for its success every 20 ms, and not for the closing).
                for transceiver in self._connection.getTransceivers():
                    await transceiver.sender.transport.transport.stop()

    def _watch_handshakes(self) -> None:
        """Know the tasks in which aiortc connects, so that closing can wait for their end.

        aiortc keeps no reference to them. Closed in the midst of one, it fails at the next m-line,
        which is no fault.
        """
        connect = getattr(self._connection, _CONNECT)

        async def connect_watched() -> None:
            task = asyncio.current_task()
            assert task is not None  # noqa: S101 -- coroutines run in tasks
            self._handshakes.add(task)
            try:
                await connect()
            except InvalidStateError:
                if self.state is not PeerState.CLOSED:
                    raise
            finally:
                self._handshakes.discard(task)

        setattr(self._connection, _CONNECT, connect_watched)

    def _state_changed(self) -> None:
        self._on_state(self.state)

    def _add_slot(self) -> Slot:
        transceiver = self._connection.addTransceiver(_HookedTrack(), direction="sendonly")
        # Before the offer is applied, since aiortc prefers VP8 on its own.
        transceiver.setCodecPreferences(
            [
                codec
                for codec in RTCRtpSender.getCapabilities("video").codecs
                if codec.mimeType == "video/rtx"
                or codec.parameters.get("profile-level-id") == "42e01f"
            ]
        )
        slot = Slot()
        _hook(transceiver.sender, slot)
        return slot


def packetise(annexb: bytes) -> list[bytes]:
    """Cut one Annex B access unit into RTP payloads of at most 1300 bytes (RFC 6184, 5.6-5.8)."""
    return H264Encoder._packetize(H264Encoder._split_bitstream(annexb))  # noqa: SLF001 -- see check_aiortc


@functools.cache
def check_aiortc() -> None:
    """Check that aiortc still has what is hooked here.

    Raises:
        StartError: This version of aiortc is another one than Heatwall knows.
    """
    expected: dict[Callable[..., Any], tuple[str, ...]] = {}
    try:
        for name, parameters in _HOOKED.items():
            expected[getattr(RTCRtpSender, name)] = parameters
        expected[getattr(RTCPeerConnection, _CONNECT)] = ("self",)
        for name, parameters in _USED.items():
            expected[getattr(H264Encoder, name)] = parameters
        expected[RTCEncodedFrame] = ("payloads", "timestamp", "audio_level")
        callers = {
            _CONNECT: RTCPeerConnection.setLocalDescription,
            "_next_encoded_frame": RTCRtpSender._run_rtp,  # noqa: SLF001 -- that is the check
            "_send_keyframe": RTCRtpSender._handle_rtcp_packet,  # noqa: SLF001 -- the same
        }
    except AttributeError as error:
        raise StartError(f"This aiortc can't be used: {error}.") from error
    wrong = [
        function.__qualname__
        for function, parameters in expected.items()
        if tuple(inspect.signature(function).parameters) != parameters
    ]
    wrong += [
        f"{caller.__qualname__} without {name}"
        for name, caller in callers.items()
        if name not in caller.__code__.co_names
    ]
    if wrong:
        raise StartError(f"This aiortc can't be used: changed are {', '.join(wrong)}.")


_HOOKED = {
    "_next_encoded_frame": ("self", "codec"),
    "_send_keyframe": ("self",),
    "_handle_rtcp_packet": ("self", "packet"),
}
_CONNECT = "_RTCPeerConnection__connect"
_USED = {"_split_bitstream": ("buf",), "_packetize": ("packages",)}


class _HookedTrack(MediaStreamTrack):
    """Stands for a slot in aiortc's eyes; never read, since the sender's reading is hooked."""

    kind = "video"

    async def recv(self) -> Any:
        """Never called, as the sender's reading is hooked."""
        raise AssertionError("aiortc reads a track in spite of the hook")


def _hook(sender: RTCRtpSender, slot: Slot) -> None:
    """Make `sender` send what `slot` shows, and tell `slot` what the viewer reports."""

    async def next_encoded_frame(_codec: Any) -> RTCEncodedFrame | None:
        payloads, rtp_time = await slot.next()
        if not sender._enabled:  # noqa: SLF001 -- as in the method that is replaced
            return None
        return RTCEncodedFrame(payloads, rtp_time, None)  # type: ignore[arg-type] # None: no audio

    handle_rtcp = sender._handle_rtcp_packet  # noqa: SLF001 -- called on below

    async def handle_rtcp_packet(packet: Any) -> None:
        if isinstance(packet, RtcpRrPacket | RtcpSrPacket):
            for report in packet.reports:
                if report.ssrc == sender._ssrc:  # noqa: SLF001 -- as in the method that is hooked
                    slot.loss = Loss(
                        share=report.fraction_lost / 256,
                        packets=report.packets_lost,
                        jitter_s=report.jitter / 90_000,
                    )
        await handle_rtcp(packet)

    hooks: dict[str, Callable[..., Any]] = {
        "_next_encoded_frame": next_encoded_frame,
        "_send_keyframe": slot.request_idr,
        "_handle_rtcp_packet": handle_rtcp_packet,
    }
    for name, hook in hooks.items():
        setattr(sender, name, hook)
