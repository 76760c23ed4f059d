"""A viewer for a machine that does not exist: tells in JSON what it got, and how.

Run by itself: `network_viewer.py ADDRESS`. It asks for the ICE servers as the page does, then for
pictures by WebRTC, and by MP4 where those do not come.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

from aiohttp import ClientSession, WSMsgType
from aiortc import RTCIceServer

from support.eventually import eventually_async
from support.viewer import DEADLINE, Viewer

_WEBRTC_S = 12.0
_FRAMES = 5


async def _ice_servers(base: str) -> list[RTCIceServer]:
    async with ClientSession(timeout=DEADLINE) as http, http.get(f"{base}/api/ice") as response:
        body = await response.json()
    return [
        RTCIceServer(one["urls"], one.get("username"), one.get("credential"))
        for one in body["ice_servers"]
    ]


async def _by_webrtc(base: str) -> dict[str, Any] | None:
    servers = await _ice_servers(base)
    viewer = Viewer(base, ice_servers=servers)
    begun_s = time.monotonic()
    try:
        await viewer.open("/whep?camera=door")
        answered_s = time.monotonic() - begun_s
        await eventually_async(lambda: len(viewer.frames[0]) >= _FRAMES, _WEBRTC_S)
        (pair,) = viewer._transport().transport._connection._nominated.values()
        return {
            "way": "webrtc",
            "answer_s": round(answered_s, 3),
            "first_picture_s": round(viewer.seen_s[0][0] - begun_s, 3),
            "local": pair.local_candidate.type,
            "remote": pair.remote_candidate.type,
            "remote_address": pair.remote_addr[0],
            "remote_port": pair.remote_addr[1],
        }
    except AssertionError as error:
        sys.stderr.write(f"{error}\n")
        return None
    finally:
        await viewer.close()


async def _by_mp4(base: str) -> dict[str, Any] | None:
    begun_s = time.monotonic()
    async with (
        ClientSession(timeout=DEADLINE) as http,
        http.ws_connect(f"{base}/api/media") as socket,
    ):
        await socket.send_json({"slots": [{"slot": 0, "camera": "door", "tier": "tile"}]})
        async for message in socket:
            if message.type is WSMsgType.BINARY:
                first_s = time.monotonic() - begun_s
                return {"way": "mp4", "first_picture_s": round(first_s, 3)}
    return None


async def _main(base: str) -> None:
    sys.stdout.write(json.dumps(await _by_webrtc(base) or await _by_mp4(base)))


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1]))
