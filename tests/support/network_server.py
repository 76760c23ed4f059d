"""A server with one camera and the real delivery, small enough for a machine that does not exist.

Run by itself: `network_server.py CONFIG PAGE_DIR`, where CONFIG is a file with `webrtc:` in it. It
logs that it is ready, and ends when its standard input does.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path

from aiohttp import web

from heatwall.api.application import make_app
from heatwall.clock import monotonic
from heatwall.clock import wall as wall_clock
from heatwall.config import load_config
from heatwall.delivery.fanout import Fanout
from heatwall.delivery.network import Network
from heatwall.delivery.peer import packetise
from heatwall.delivery.session import Sessions
from heatwall.values import Tier
from support.demand import TestSource
from support.wall import FakeWall

PORT = 8080
_SIZES = {("door", tier): (320, 180) for tier in Tier}


async def _serve(config_file: Path, page_dir: Path) -> None:
    config = load_config(config_file)
    source = TestSource(_SIZES)
    fanout = Fanout(source, monotonic, packetise, 5.0)
    wall = FakeWall("door")
    async with (
        Network(config, wall_clock) as network,
        Sessions(
            fanout, wall.cameras.__contains__, 8, monotonic, connect=network.connect
        ) as sessions,
        source.running(fanout),
    ):
        app = make_app(wall, wall, sessions, page_dir, ice_servers=network.ice_servers)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "0.0.0.0", PORT).start()
        logging.getLogger(__name__).info("ready")
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        await runner.cleanup()
    fanout.close()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    for name in ("aioice", "aiortc"):
        logging.getLogger(name).setLevel(logging.WARNING)
    asyncio.run(_serve(Path(sys.argv[1]), Path(sys.argv[2])))
