"""A viewer made of aiortc and aiohttp's client."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import av
from aiohttp import ClientSession, ClientTimeout
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

DEADLINE = ClientTimeout(total=15)


class Viewer:
    """Offers `slots` video m-lines and decodes what arrives."""

    def __init__(self, base: str, slots: int = 1) -> None:
        self.base = base
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.frames: list[list[tuple[int, int]]] = [[] for _ in range(slots)]
        self.pts: list[list[int]] = [[] for _ in range(slots)]
        self.location = ""
        self.forges_fingerprint = False
        self.is_mute = False
        self.has_rtx = True
        self._leaves = asyncio.Event()
        self._readers: list[asyncio.Task[None]] = []
        self.connection.on("track", self._on_track)
        for _ in range(slots):
            self.connection.addTransceiver("video", direction="recvonly")

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
                # By name, since the checker allows no other way to replace a method.
                setattr(transceiver.sender.transport, "start", self._stay_mute)  # noqa: B010
        await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))

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
        remote = receiver._RTCRtpReceiver__remote_streams  # type: ignore[attr-defined]
        await receiver._send_rtcp_pli(next(iter(remote)))

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
            self.frames[slot].append((frame.width, frame.height))
            assert frame.pts is not None
            self.pts[slot].append(frame.pts)
