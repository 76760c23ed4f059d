"""A town of machines that do not exist, with the networks that shops have."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from support.coturn import SECRET
from support.eventually import eventually
from support.netns import Machine, network_lab

_TESTS = Path(__file__).parents[1]
_SUPPORT = _TESTS / "support"
_READY_S = 60.0
_VIEWER_S = 90

PORT = 8080

OUTSIDE = "198.51.100.1"
"""Where the viewer's side sees the machine in the middle, on which STUN and TURN run."""
GATE = "203.0.113.2"
"""The outer address of the server's router."""
SERVER = "172.20.0.2"
PORTS = "50000-50007"
TURN_UDP = {"url": f"turn:{OUTSIDE}:3478?transport=udp", "secret": SECRET}
TURN_TCP = {"url": f"turn:{OUTSIDE}:3478?transport=tcp", "secret": SECRET}


@dataclass
class Town:
    """viewer — its router, a NAT — the middle — the server's router — server."""

    viewer: Machine
    viewer_gate: Machine
    middle: Machine
    server_gate: Machine
    server: Machine
    folder: Path

    def route_to_server(self) -> None:
        """Let everybody reach the server by its own address."""
        self.middle.run("ip", "route", "add", "172.20.0.0/24", "via", GATE)

    def publish(self, *more: str) -> None:
        """Hide the server behind its router, which hands on the page's port and `more`."""
        self.server_gate.rules(
            "-t nat -A POSTROUTING -s 172.20.0.0/24 -j MASQUERADE",
            f"-t nat -A PREROUTING -d {GATE} -p tcp --dport {PORT} -j DNAT --to {SERVER}",
            # What a NAT does not know it does not let in.
            "-A FORWARD -i cable3b -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j ACCEPT",
            "-A FORWARD -i cable3b -j DROP",
            *more,
        )

    @contextlib.contextmanager
    def serving(self, page: Path | None = None, /, **webrtc: Any) -> Iterator[Path]:
        """Run the server with these settings, and give its log; `page` is the page's folder."""
        config, log = self.folder / "wall.yaml", self.folder / "server.log"
        settings = {"cameras": {"door": {"url": "rtsp://192.0.2.1/"}}, "webrtc": webrtc}
        config.write_text(yaml.safe_dump(settings))
        if page is None:
            page = self.folder
            (page / "index.html").write_text("<!doctype html>")
        command = [
            sys.executable,
            str(_SUPPORT / "network_server.py"),
            str(config),
            str(page),
        ]
        with (
            log.open("w") as output,
            self.server.running(
                command, stdin=subprocess.PIPE, stdout=output, stderr=output, env=_environment()
            ) as process,
        ):

            def is_ready() -> bool:
                assert process.poll() is None, log.read_text()
                return "ready" in log.read_text() and "Viewers get" in log.read_text()

            eventually(is_ready, _READY_S)
            yield log
            assert process.stdin is not None
            process.stdin.close()
            assert process.wait(20) == 0, log.read_text()
        assert "Traceback" not in log.read_text(), log.read_text()

    def watch(self, host: str) -> dict[str, Any]:
        """Watch from the viewer's machine until there are pictures, and return how they came."""
        command = [*self.viewer.enter, sys.executable, str(_SUPPORT / "network_viewer.py")]
        done = subprocess.run(
            [*command, f"http://{host}:{PORT}"],
            capture_output=True, text=True, timeout=_VIEWER_S, env=_environment(), check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found


def _environment() -> dict[str, str]:
    paths = (str(_TESTS), os.environ.get("PYTHONPATH", ""))
    return os.environ | {"PYTHONPATH": os.pathsep.join(path for path in paths if path)}


@contextlib.contextmanager
def network_town(folder: Path) -> Iterator[Town]:
    """Build a town; `folder` is for its files."""
    with network_lab() as lab:
        viewer, server = lab.machine("viewer"), lab.machine("server")
        gates = [lab.machine(name, forwards=True) for name in ("viewer's", "middle", "server's")]
        viewer_gate, middle, server_gate = gates
        lab.cable(viewer, "10.7.0.2/24", viewer_gate, "10.7.0.1/24")
        lab.cable(viewer_gate, "198.51.100.2/24", middle, f"{OUTSIDE}/24")
        lab.cable(middle, "203.0.113.1/24", server_gate, f"{GATE}/24")
        lab.cable(server_gate, "172.20.0.1/24", server, f"{SERVER}/24")
        world = lab.machine("world")  # takes whatever nobody else takes, and does nothing with it
        lab.cable(middle, "192.0.2.1/24", world, "192.0.2.2/24")
        for machine, by in (
            (middle, "192.0.2.2"),
            (viewer, "10.7.0.1"),
            (viewer_gate, OUTSIDE),
            (server_gate, "203.0.113.1"),
            (server, "172.20.0.1"),
        ):
            machine.run("ip", "route", "add", "default", "via", by)
        viewer_gate.rules("-t nat -A POSTROUTING -s 10.7.0.0/24 -j MASQUERADE")
        for gate in (viewer_gate, server_gate):
            # As every router does; unasked packets would else take the ports of answers.
            gate.rules("-A INPUT -p udp -j DROP")
        yield Town(viewer, viewer_gate, middle, server_gate, server, folder)
