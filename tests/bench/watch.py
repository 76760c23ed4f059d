"""Viewers in a process of their own, so that their work is not the server's.

Run as `python watch.py ADDRESS CAMERA VIEWERS`; prints a line once all of them get pictures, and
ends with its input.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path


async def watch(address: str, camera: str, viewers: int) -> None:
    """Watch the camera's tile with as many peer connections until the input ends."""
    from support.eventually import eventually_async
    from support.viewer import Viewer

    watching = [Viewer(address) for _ in range(viewers)]
    try:
        for viewer in watching:
            await viewer.open(f"/whep/{camera}?tier=tile")
        await eventually_async(lambda: all(viewer.frames[0] for viewer in watching), 30.0)
        print("watching", flush=True)  # noqa: T201 - what the parent waits for
        await asyncio.to_thread(sys.stdin.read)
    finally:
        for viewer in watching:
            await viewer.request("DELETE")
            await viewer.close()


if __name__ == "__main__":
    # As a script this folder is on the path and the one above is not.
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    asyncio.run(watch(sys.argv[1], sys.argv[2], int(sys.argv[3])))
