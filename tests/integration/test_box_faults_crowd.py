"""A real server with few file descriptors, and somebody who takes them all."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from heatwall.simulator.clips import ensure_clips
from heatwall.simulator.simulate import SimulationOptions
from support.eventually import eventually
from support.server import Server, running_server
from support.store import running_store

FILES = 160
"""What the server may open: half of it is for connections."""

CROWD = 3 * FILES

WITHIN_S = 60.0


def decoded(server: Server) -> float:
    return server.metric("heatwall_frames_decoded_total", camera="door")


def is_alive(server: Server) -> bool:
    try:
        return '"status":"alive"' in server.get("/healthz")
    except OSError:
        return False


def test_a_crowd_of_idle_connections_costs_the_cameras_nothing_and_others_come_in(
    tmp_path: Path,
) -> None:
    (tmp_path / "files.limit").write_text(str(FILES))
    clip = ensure_clips(1)[0]
    with running_store(1, SimulationOptions(clips=(clip.path,))) as store:
        config = {
            "model": {"path": "demo", "imgsz": 320},
            "cameras": {"door": {"url": store.urls[0], "detect": {"fps": 2}}},
        }
        with running_server(tmp_path, config, "support.broken_server") as server:
            eventually(lambda: decoded(server) > 0, WITHIN_S)
            where = urlsplit(server.address)
            with ExitStack() as crowd:
                for _ in range(CROWD):
                    one = crowd.enter_context(socket.socket())
                    one.setblocking(False)
                    one.connect_ex((where.hostname, where.port))
                # They are not gone: who is closed by the server is still there on this side.
                eventually(lambda: is_alive(server), WITHIN_S)
                before = decoded(server)
                eventually(lambda: decoded(server) > before + 10)
                assert server.camera("door")["state"] == "live"
                assert server.metric("heatwall_worker_restarts_total") == 0
            eventually(lambda: is_alive(server))
            assert "the idle ones are closed" in server.log.read_text()
