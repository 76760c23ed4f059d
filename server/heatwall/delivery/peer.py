"""One viewer's WebRTC connection, by aiortc.

aiortc encodes for each viewer by itself. Here its senders are hooked, instance by instance, to send
payloads that were packetised once for all viewers instead. The hooks rest on private names of
aiortc, which `check_aiortc` verifies.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import StrEnum

from aiortc import (
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.exceptions import InvalidStateError, OperationError

from heatwall.clock import monotonic
from heatwall.delivery.hearing import Hearing
from heatwall.delivery.hooks import HookedTrack, hook
from heatwall.delivery.known_aiortc import CONNECT, check_aiortc
from heatwall.delivery.lean import LeanLinks
from heatwall.delivery.offer import Offer, quickened
from heatwall.delivery.payloads import packetise
from heatwall.delivery.slot import Loss, Slot
from heatwall.errors import DeliveryError

__all__ = ["Loss", "Peer", "PeerState", "Slot", "check_aiortc", "packetise"]

_ANSWER_S = 10.0
"""Longest wait for an answer; gathering local candidates takes milliseconds."""

_CLOSE_S = 5.0
"""Longest wait for a connection to close."""


class PeerState(StrEnum):
    """Where a connection stands, in the words of RTCPeerConnection.connectionState."""

    NEW = "new"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    FAILED = "failed"
    CLOSED = "closed"


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
        self._links = LeanLinks()
        self._hearing = Hearing(monotonic)
        self._handshakes: set[asyncio.Task[None]] = set()
        self._watch_handshakes()
        self.slots = tuple(self._add_slot() for _ in range(offer.videos))

    @property
    def state(self) -> PeerState:
        """Where the connection stands."""
        return PeerState(self._connection.connectionState)

    @property
    def heard_s(self) -> float:
        """When the viewer was last heard, monotonic seconds; at first when this was made."""
        return self._hearing.heard_s

    async def answer(self) -> str:
        """Return the SDP answer with all candidates; the connection then builds up by itself.

        Raises:
            DeliveryError: 406 when no codec fits, 400 when the offer can't be used.
        """
        connection = self._connection
        offer = RTCSessionDescription(sdp=quickened(self._offer.sdp), type="offer")
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
        self._hearing.listen(connection)
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
        connect = getattr(self._connection, CONNECT)

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

        setattr(self._connection, CONNECT, connect_watched)

    def _state_changed(self) -> None:
        self._on_state(self.state)

    def _add_slot(self) -> Slot:
        transceiver = self._connection.addTransceiver(HookedTrack(), direction="sendonly")
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
        hook(transceiver.sender, slot, self._links)
        return slot
