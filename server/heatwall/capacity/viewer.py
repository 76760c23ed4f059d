"""A viewer that costs next to nothing: it receives tiles over real WebRTC and does not decode them.

ICE, DTLS and the offer are aiortc's. Of the packets only the headers are read, as they come from
the socket; the few pictures that tell the capture time are decrypted and decoded.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Sequence
from typing import Any

import av
import av.error
from aiohttp import ClientSession, ClientTimeout
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.codecs.h264 import h264_depayload
from aiortc.rtp import (
    RTCP_PSFB_PLI,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtpPacket,
)

from heatwall.camera.scaling import frame_planes
from heatwall.capacity.arrivals import (
    CameraClock,
    CaptureTimes,
    StreamLog,
    Taken,
    answered_ssrcs,
    is_rtp,
    ssrc_of,
)
from heatwall.errors import DeliveryError
from heatwall.simulator import barcode

_DEADLINE = ClientTimeout(total=30)
_CLOSE_S = 5.0
_REPORT_EVERY_S = 1.0
"""Receiver reports, as browsers send them: the server learns from them what is lost."""

_OWN_SSRC = 1
_RECEIVE_BUFFER_BYTES = 4 << 20
"""Seconds of packets may wait while others have the processor; what the viewer has no time to
read is not the server's loss."""

_IDR_TYPES = (5, 7)
"""NAL unit types that begin an IDR access unit: its slice, or the SPS before it (H.264, 7.4.1)."""


class Slot:
    """One tile: its packets, and when its pictures were captured."""

    def __init__(self, camera: str, clock: CameraClock) -> None:
        self.camera = camera
        self.log = StreamLog()
        self.times = CaptureTimes(clock)
        self.wants_barcode = True
        self.times_known = asyncio.Event()
        """Set once the capture time of a picture has been read."""
        self._decoder: av.VideoCodecContext | None = None
        self._payloads: list[bytes] = []
        self._reported = self.log.total

    def look_again(self) -> None:
        """Read a barcode again, from the next IDR on."""
        self.wants_barcode = True
        self._decoder = None
        self._payloads = []

    def look(self, payload: bytes, rtp_time: int, arrival_s: float, *, is_last: bool) -> None:
        """Take a decrypted payload until a picture's barcode could be read."""
        try:
            self._payloads.append(h264_depayload(payload))
        except ValueError:
            self._payloads = []
            return
        if is_last:
            picture, self._payloads = b"".join(self._payloads), []
            number = self._number_in(picture)
            if number is not None:
                self.times.anchor(rtp_time, number, arrival_s)
                self.times_known.set()
                self.wants_barcode = False
                self._decoder = None

    def report(self, ssrc: int) -> RtcpReceiverInfo:
        """Return the report block of this stream (RFC 3550 section 6.4.1)."""
        total, before = self.log.total, self._reported
        self._reported = total
        expected = total.lost + total.packets - before.lost - before.packets
        return RtcpReceiverInfo(
            ssrc=ssrc,
            fraction_lost=min(255, 256 * (total.lost - before.lost) // max(1, expected)),
            packets_lost=total.lost,
            highest_sequence=self.log.last_sequence,
            jitter=0,
            lsr=0,
            dlsr=0,
        )

    def _number_in(self, picture: bytes) -> int | None:
        """Return the frame number that a picture shows, None when it can't be read."""
        if self._decoder is None:
            if picture[:3] != b"\0\0\0" or picture[4] & 0x1F not in _IDR_TYPES:
                return None
            decoder = av.CodecContext.create("h264", "r")
            assert isinstance(decoder, av.VideoCodecContext)  # noqa: S101 -- it is a video codec
            decoder.thread_count = 1
            decoder.options = {"flags": "low_delay"}
            self._decoder = decoder
        try:
            frames = self._decoder.decode(av.Packet(picture))
        except av.error.FFmpegError:
            self._decoder = None
            return None
        return barcode.read(frame_planes(frames[0])[0]) if frames else None


class LightViewer:
    """Watches the tiles of some cameras on one peer connection. Event loop only.

    Args:
        address: Of the server, such as `http://127.0.0.1:8080`.
        cameras: The clock of each camera by its id, in the order of the slots.
    """

    def __init__(self, address: str, cameras: dict[str, CameraClock]) -> None:
        self._address = address
        self.slots = [Slot(camera, clock) for camera, clock in cameras.items()]
        self._by_ssrc: dict[int, Slot] = {}
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._location = ""
        self._reports: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Offer, and apply the answer.

        Raises:
            DeliveryError: The server refused.
        """
        connection = self._connection
        for _ in self.slots:
            connection.addTransceiver("video", direction="recvonly")
        await connection.setLocalDescription(await connection.createOffer())
        query = [("camera", slot.camera) for slot in self.slots]
        async with (
            ClientSession(timeout=_DEADLINE) as http,
            http.post(
                f"{self._address}/whep",
                params=[*query, ("tier", "tile")],
                data=connection.localDescription.sdp,
                headers={"Content-Type": "application/sdp"},
            ) as response,
        ):
            answer = await response.text()
            if response.status != 201:
                raise DeliveryError(response.status, "refused", f"no viewer is let in: {answer}")
            self._location = response.headers["Location"]
        self._by_ssrc = dict(zip(answered_ssrcs(answer), self.slots, strict=True))
        self._take_packets()
        await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        self._reports = asyncio.create_task(self._keep_reporting(), name="receiver reports")

    def take(self) -> list[Taken]:
        """Return what came in each slot since the last call."""
        return [slot.log.take() for slot in self.slots]

    async def look_again(self) -> None:
        """Read each slot's barcode again, from an IDR that is asked for (RFC 4585, PLI)."""
        for ssrc, slot in self._by_ssrc.items():
            slot.look_again()
            await self._send_rtcp(
                RtcpPsfbPacket(fmt=RTCP_PSFB_PLI, ssrc=_OWN_SSRC, media_ssrc=ssrc)
            )

    async def close(self) -> None:
        """Leave; idempotent."""
        if self._reports is not None:
            self._reports.cancel()
        async with asyncio.timeout(_CLOSE_S):
            if self._location:
                location, self._location = self._location, ""
                async with ClientSession(timeout=_DEADLINE) as http:
                    await http.delete(self._address + location)
            await self._connection.close()

    @property
    def _dtls(self) -> Any:
        """The one transport that all slots share (BUNDLE, RFC 9143)."""
        return self._connection.getTransceivers()[0].receiver.transport

    def _take_packets(self) -> None:
        """Read RTP where it comes from the socket, and leave everything else to aiortc.

        aiortc would decrypt each packet, put pictures together and decode them, which costs as
        much as the server that is to be measured.
        """
        ice = self._dtls.transport._connection  # noqa: SLF001 -- aioice has no public hook
        receive = ice.data_received

        def data_received(datagram: bytes, component: int) -> None:
            if is_rtp(datagram):
                self._rtp(datagram, time.monotonic())
            else:
                receive(datagram, component)

        ice.data_received = data_received
        for protocol in ice._protocols:  # noqa: SLF001 -- the same
            own: socket.socket = protocol.transport.get_extra_info("socket")
            own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)

    def _rtp(self, packet: bytes, arrival_s: float) -> None:
        slot = self._by_ssrc.get(ssrc_of(packet))
        if slot is None:
            return  # a retransmission
        slot.log.add(packet, arrival_s)
        srtp = self._dtls._rx_srtp  # noqa: SLF001 -- the keys are nowhere else
        if slot.wants_barcode and srtp is not None:
            plain = RtpPacket.parse(srtp.unprotect(packet))
            slot.look(plain.payload, plain.timestamp, arrival_s, is_last=bool(plain.marker))

    async def _keep_reporting(self) -> None:
        while True:
            await asyncio.sleep(_REPORT_EVERY_S)
            reports = [slot.report(ssrc) for ssrc, slot in self._by_ssrc.items()]
            # At most 31 blocks fit into one packet (RFC 3550 section 6.4.2).
            for begin in range(0, len(reports), 31):
                blocks = reports[begin : begin + 31]
                await self._send_rtcp(RtcpRrPacket(ssrc=_OWN_SSRC, reports=blocks))

    async def _send_rtcp(self, packet: RtcpRrPacket | RtcpPsfbPacket) -> None:
        if self._dtls.state == "connected":
            await self._dtls._send_rtp(bytes(packet))  # noqa: SLF001 -- it tells RTCP by itself


async def watch_all(
    address: str, cameras: dict[str, CameraClock], viewers: int
) -> Sequence[LightViewer]:
    """Return viewers that have been let in.

    Raises:
        DeliveryError: The server refused one; those before it have left.
    """
    watching: list[LightViewer] = []
    try:
        for _ in range(viewers):
            watching.append(LightViewer(address, cameras))
            await watching[-1].open()
    except BaseException:  # cancellation too must not leave viewers behind
        for viewer in watching:
            await viewer.close()
        raise
    return watching
