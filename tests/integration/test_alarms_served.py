"""A real server whose camera is switched off: the office is told, and told when it is back."""

from __future__ import annotations

import http.server
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from heatwall.simulator.clips import ensure_clips
from heatwall.simulator.faults import Fault
from heatwall.simulator.simulate import SimulationOptions
from support.eventually import eventually
from support.server import is_running, running_server
from support.store import running_store

SECRET = "canary-secret-of-the-office"


class Office(http.server.ThreadingHTTPServer):
    """Keeps what is posted."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Desk)
        self.posts: list[tuple[str, dict[str, Any]]] = []
        self.status = 204


class _Desk(http.server.BaseHTTPRequestHandler):
    server: Office

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts.append((self.headers["Heatwall-Signature"], json.loads(body)))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def office() -> Iterator[Office]:
    with Office() as office:
        thread = threading.Thread(target=office.serve_forever)
        thread.start()
        yield office
        office.shutdown()
        thread.join(10)


def test_what_was_raised_when_the_server_was_killed_is_told_by_the_next_one(
    tmp_path: Path, office: Office
) -> None:
    office.status = 503
    config = {
        "server": {"state": "state"},
        "model": {"path": "demo", "imgsz": 320},
        "cameras": {"door": {"url": "rtsp://127.0.0.1:9/nobody"}},
        "alarms": {
            "notify": {"office": {"webhook": f"http://127.0.0.1:{office.server_address[1]}/"}},
            "rules": {"gone": {"camera": "door", "offline": "1s"}},
        },
    }
    with running_server(tmp_path, config) as server:
        eventually(lambda: office.posts, timeout_s=60)
        os.kill(server.pid, signal.SIGKILL)
        server.exit_code = -signal.SIGKILL
        eventually(lambda: not is_running(server.pid))
    first = office.posts[0][1]
    office.posts.clear()
    office.status = 204

    with running_server(tmp_path, config) as server:
        delivered = {"target": "office", "result": "delivered"}
        eventually(
            lambda: server.metric("heatwall_alarm_deliveries_total", **delivered), timeout_s=60
        )
        alarms = json.loads(server.get("/api/alarms"))["alarms"]
        # As long again as it took to be raised: it stands, and nobody is told twice.
        until_s = time.monotonic() + 3
        eventually(lambda: time.monotonic() > until_s)
        assert [event for _, event in office.posts] == [first]
        assert [alarm["state"] for alarm in alarms] == ["firing"]


def test_a_camera_that_is_switched_off_is_told_and_so_is_its_return(
    tmp_path: Path, office: Office
) -> None:
    clip = ensure_clips(1)[0]
    hook = f"http://127.0.0.1:{office.server_address[1]}/canary-path"
    with running_store(1, SimulationOptions(clips=(clip.path,))) as store:
        config = {
            "model": {"path": "demo", "imgsz": 320, "iou": 0.5},
            "cameras": {"door": {"url": store.urls[0]}},
            "alarms": {
                "notify": {"office": {"webhook": hook, "secret": SECRET}},
                "rules": {"gone": {"camera": "door", "offline": "3s", "clear_for": "1s"}},
            },
        }
        with running_server(tmp_path, config) as server:
            eventually(lambda: server.camera("door")["state"] == "live", timeout_s=60)
            store.break_camera("cam1", Fault.STALL)
            eventually(lambda: office.posts, timeout_s=60)
            (told,) = json.loads(server.get("/api/alarms"))["alarms"]
            assert (told["rule"], told["state"]) == ("gone", "firing")
            assert server.metric("heatwall_alarms_firing", rule="gone") == 1
            store.break_camera("cam1", Fault.NONE)
            eventually(lambda: len(office.posts) == 2, timeout_s=90)
            delivered = {"target": "office", "result": "delivered"}
            eventually(lambda: server.metric("heatwall_alarm_deliveries_total", **delivered) == 2)
            printed = server.log.read_text() + server.get("/api/alarms") + server.get("/metrics")
    assert [event["event"] for _, event in office.posts] == ["fired", "cleared"]
    assert all(signature.startswith("t=") for signature, _ in office.posts)
    assert "canary" not in printed
