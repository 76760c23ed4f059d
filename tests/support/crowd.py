"""Many viewers in a process of their own, which take packets and decode none.

python -m support.crowd BASE --viewers 100 --at-once 8 --camera door
    each joins, waits for its first packets and leaves; prints `done 100`
python -m support.crowd BASE --viewers 100 --at-once 8 --stay
    all join, print `here 100`, and say nothing about leaving
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession, ClientTimeout
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

_WITHIN_S = 60.0
"""For each step of one viewer, on a busy machine."""


@dataclass(frozen=True)
class Wish:
    """What each viewer does.

    Attributes:
        base: The server's address.
        camera: What it looks at; empty for nothing.
        stays: Whether it never leaves.
    """

    base: str
    camera: str
    stays: bool


class _Viewer:
    def __init__(self) -> None:
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._packets = asyncio.Event()
        receiver: Any = self.connection.addTransceiver("video", direction="recvonly").receiver
        receiver._handle_rtp_packet = self._take

    async def _take(self, _packet: Any, arrival_time_ms: int) -> None:  # noqa: ARG002 - aiortc's name
        self._packets.set()

    async def join(self, http: ClientSession, wish: Wish) -> str:
        """Connect, wait for packets where there are any, and return the session's address."""
        connection = self.connection
        connected = asyncio.Event()
        connection.on(
            "connectionstatechange",
            lambda: connected.set() if connection.connectionState == "connected" else None,
        )
        await connection.setLocalDescription(await connection.createOffer())
        async with http.post(
            f"{wish.base}/whep?camera={wish.camera}",
            data=connection.localDescription.sdp,
            headers={"Content-Type": "application/sdp"},
        ) as response:
            answer, location = await response.text(), response.headers.get("Location", "")
            assert response.status == 201, answer
        await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        async with asyncio.timeout(_WITHIN_S):
            await connected.wait()
            if wish.camera:
                await self._packets.wait()
        return location

    async def leave(self, http: ClientSession, wish: Wish, location: str) -> None:
        """End the session by HTTP, then the connection."""
        async with http.delete(wish.base + location) as response:
            assert response.status == 200
        await self.connection.close()


async def crowd(wish: Wish, viewers: int, at_once: int) -> list[RTCPeerConnection]:
    """Let viewers come, and go unless they stay; return the connections of those that stay."""
    room = asyncio.Semaphore(at_once)
    staying: list[RTCPeerConnection] = []
    async with ClientSession(timeout=ClientTimeout(total=_WITHIN_S)) as http:

        async def come() -> None:
            async with room:
                viewer = _Viewer()
                location = await viewer.join(http, wish)
                if wish.stays:
                    staying.append(viewer.connection)
                else:
                    await viewer.leave(http, wish, location)

        async with asyncio.TaskGroup() as group:
            for _ in range(viewers):
                group.create_task(come())
    return staying


async def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base")
    parser.add_argument("--viewers", type=int, required=True)
    parser.add_argument("--at-once", type=int, default=8)
    parser.add_argument("--camera", default="")
    parser.add_argument("--stay", action="store_true")
    options = parser.parse_args()
    wish = Wish(options.base, options.camera, options.stay)
    staying = await crowd(wish, options.viewers, options.at_once)
    print("here" if staying else "done", options.viewers, flush=True)  # noqa: T201 - its parent reads it
    if staying:
        await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main())
