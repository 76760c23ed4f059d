"""A viewer made of aiortc and aiohttp's client."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Sequence
from typing import Any

import av
from aiohttp import ClientSession, ClientTimeout
from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCSessionDescription
from aiortc.jitterbuffer import JitterBuffer

DEADLINE = ClientTimeout(total=15)


class Viewer:
    """Offers `slots` video m-lines and decodes what arrives.

    Args:
        base: The server's address.
        slots: Video m-lines.
        patience: Packets that a lost one is waited for, a power of 2. aiortc waits for 512, which
            is half a minute of a small picture; a browser asks for an IDR long before.
        ice_servers: STUN and TURN servers; aiortc uses the first of each.
    """

    def __init__(
        self,
        base: str,
        slots: int = 1,
        patience: int | None = None,
        ice_servers: Sequence[RTCIceServer] = (),
    ) -> None:
        self.base = base
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=list(ice_servers)))
        self.frames: list[list[tuple[int, int]]] = [[] for _ in range(slots)]
        self.newest: list[av.VideoFrame | None] = [None] * slots
        self.pts: list[list[int]] = [[] for _ in range(slots)]
        self.seen_s: list[list[float]] = [[] for _ in range(slots)]
        """Monotonic time at which each frame of each slot was decoded."""
        self.loss = 0.0
        """Share of the packets with pictures that get lost on the way, 0 to 1."""
        self.location = ""
        self.forges_fingerprint = False
        self.is_mute = False
        self.has_rtx = True
        self._leaves = asyncio.Event()
        self._readers: list[asyncio.Task[None]] = []
        self.connection.on("track", self._on_track)
        for _ in range(slots):
            receiver = self.connection.addTransceiver("video", direction="recvonly").receiver
            if patience is not None:
                buffer = JitterBuffer(capacity=patience, is_video=True)
                # aiortc offers no other way to set it.
                setattr(receiver, "_RTCRtpReceiver__jitter_buffer", buffer)  # noqa: B010 - private: mypy would not know it as an attribute

    async def open(self, query: str) -> None:
        """Post the offer and apply the answer."""
        await self.connection.setLocalDescription(await self.connection.createOffer())
        async with (
            ClientSession(timeout=DEADLINE) as http,
            http.post(
                self.base + query,
                data=self._offer(),
                headers={"Content-Type": "application/sdp"},
            ) as response,
        ):
            answer = await response.text()
            assert response.status == 201, answer
            self.location = response.headers["Location"]
        if self.is_mute:
            for transceiver in self.connection.getTransceivers():
                setattr(transceiver.sender.transport, "start", self._stay_mute)  # noqa: B010 - mypy forbids a plain assignment to a method
        await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        self._make_lossy()

    async def request(self, method: str, json: Any = None) -> int:
        """Send a request to the session and return the status."""
        async with (
            ClientSession(timeout=DEADLINE) as http,
            http.request(method, self.base + self.location, json=json) as response,
        ):
            return response.status

    async def send_pli(self, slot: int) -> None:
        """Send a picture loss indication for one slot."""
        receiver = self.connection.getReceivers()[slot]
        remote = receiver._RTCRtpReceiver__remote_streams  # type: ignore[attr-defined]  # private
        await receiver._send_rtcp_pli(next(iter(remote)))

    def stop_reading(self) -> None:
        """Take nothing more from the network, as a machine does that hangs."""
        ice = self._transport().transport._connection
        for pair in ice._nominated.values():
            socket = pair.protocol.transport
            # The loop's public call refuses a socket that belongs to a transport.
            socket._loop._remove_reader(socket._sock_fd)

    async def close(self) -> None:
        """Leave without a word over HTTP."""
        self._leaves.set()
        await self.connection.close()
        # A handshake that is closed too early goes on; it looks every 20 ms. See `Peer.close`.
        await asyncio.sleep(0.05)
        for transceiver in self.connection.getTransceivers():
            await transceiver.sender.transport.transport.stop()
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)

    def _transport(self) -> Any:
        """Return the transport that all slots share."""
        return self.connection.getReceivers()[0].transport

    def _make_lossy(self) -> None:
        transport, chance = self._transport(), random.Random(4)
        handle = transport._handle_rtp_data

        async def handle_or_lose(data: bytes, arrival_time_ms: int) -> None:
            if chance.random() >= self.loss:
                await handle(data, arrival_time_ms)

        transport._handle_rtp_data = handle_or_lose

    async def _stay_mute(self, _parameters: Any) -> None:
        """Answer no DTLS handshake."""
        await self._leaves.wait()
        raise asyncio.CancelledError  # aiortc's own task would go on with the next m-line

    def _offer(self) -> str:
        sdp: str = self.connection.localDescription.sdp
        if not self.has_rtx:
            sdp = re.sub(r"a=(rtpmap:\d+ rtx/90000|fmtp:\d+ apt=\d+)\r\n", "", sdp)
        if self.forges_fingerprint:
            return re.sub(r"(a=fingerprint:\S+) \S+", r"\1 " + ":".join(["00"] * 32), sdp)
        return sdp

    def _on_track(self, track: Any) -> None:
        slot = len(self._readers)
        self._readers.append(asyncio.create_task(self._read(slot, track)))

    async def _read(self, slot: int, track: Any) -> None:
        while True:
            frame: av.VideoFrame = await track.recv()
            self.seen_s[slot].append(time.monotonic())
            self.newest[slot] = frame
            self.frames[slot].append((frame.width, frame.height))
            assert frame.pts is not None
            self.pts[slot].append(frame.pts)
