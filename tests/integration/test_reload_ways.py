"""By which ways a changed config comes into a real server, and which sections it changes there."""

from __future__ import annotations

import json
import os
import signal
import urllib.request
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import yaml
from ultralytics.utils import ROOT

from heatwall.simulator.simulate import SimulationOptions
from support.access import PASSWORD, log_in_body, quick_hash
from support.eventually import eventually
from support.server import Server, running_server
from support.store import running_store

_WITHIN_S = 60.0
"""An effect is to be seen within two seconds on a quiet machine."""

_IDLE = {"url": "rtsp://127.0.0.1:9/"}
"""A camera that is not there; port 9 is closed."""

_TRACKER = ROOT / "cfg" / "trackers" / "bytetrack.yaml"

_DRAWN = {
    "lines": {"way": {"from": [0.1, 0.7], "to": [0.9, 0.7], "inside": "below"}},
    "zones": {},
    "keep": "file",
}


def test_where_nothing_tells_of_changes_sighup_has_all_files_read_again(tmp_path: Path) -> None:
    tracker = tmp_path / "own.yaml"
    tracker.write_text(_TRACKER.read_text())
    with running_store(1, SimulationOptions(port=0)) as store:
        door = {"url": store.urls[0], "tracker": "own.yaml"}
        config: dict[str, Any] = {"model": {"path": "demo", "imgsz": 320}}
        with running_server(
            tmp_path, config | {"cameras": {"door": door}}, "support.deaf_server"
        ) as server:
            eventually(lambda: server.camera("door")["state"] == "live", timeout_s=_WITHIN_S)
            workers = server.worker_pids()

            write(tmp_path, config | {"cameras": {"door": door, "till": _IDLE}})
            decoded = decoded_of_door(server)
            eventually(lambda: decoded_of_door(server) > decoded + 20, timeout_s=_WITHIN_S)
            assert ids(server) == ["door"], "something has told of the change"
            os.kill(server.pid, signal.SIGHUP)
            eventually(lambda: ids(server) == ["door", "till"], timeout_s=_WITHIN_S)

            tracker.write_text("tracker_type: other\n")
            os.kill(server.pid, signal.SIGHUP)
            error = eventually(lambda: told(server)["config"]["error"], timeout_s=_WITHIN_S)
            assert "own.yaml has the tracker_type 'other'" in error

            tracker.write_text(f"# mended\n{_TRACKER.read_text()}")
            os.kill(server.pid, signal.SIGHUP)
            eventually(lambda: told(server)["config"]["error"] is None, timeout_s=_WITHIN_S)
            assert workers <= server.worker_pids()
            assert server.metric("heatwall_camera_connects_total", camera="door") == 1


def test_what_the_page_saves_into_the_file_begins_nothing_anew(tmp_path: Path) -> None:
    with running_store(1, SimulationOptions(port=0)) as store:
        config = {
            "model": {"path": "demo", "imgsz": 320},
            "cameras": {"door": {"url": store.urls[0]}},
        }
        with running_server(tmp_path, config) as server:
            eventually(lambda: server.camera("door")["people_now"], timeout_s=_WITHIN_S)
            workers, since = server.worker_pids(), server.camera("door")["counts_since"]
            server.send("PUT", "/api/cameras/door/regions", _DRAWN)
            assert "way" in (tmp_path / "wall.yaml").read_text()
            eventually(lambda: "read again" in server.log.read_text(), timeout_s=_WITHIN_S)

            assert list(server.camera("door")["lines"]) == ["way"]
            assert server.camera("door")["counts_since"] == since
            assert server.worker_pids() == workers
            assert server.metric("heatwall_camera_connects_total", camera="door") == 1


def test_defaults_change_every_camera_that_does_not_say_otherwise(tmp_path: Path) -> None:
    own = _IDLE | {"detect": {"fps": 3}}
    config: dict[str, Any] = {"model": {"path": "demo"}, "cameras": {"door": _IDLE, "till": own}}
    with running_server(tmp_path, config) as server:
        write(tmp_path, config | {"defaults": {"detect": {"fps": 2}, "overlay": {"opacity": 0.2}}})
        eventually(lambda: server.camera("door")["detect_fps"] == 2, timeout_s=_WITHIN_S)
        assert server.camera("till")["detect_fps"] == 3
        shown = json.loads(server.get("/api/cameras/door/overlay"))
        assert shown["opacity"] == 0.2


def test_the_other_sections_hold_at_once(tmp_path: Path) -> None:
    users = {
        name: {"password": quick_hash(), "role": role}
        for name, role in (("anna", "admin"), ("ben", "viewer"))
    }
    config: dict[str, Any] = {
        "model": {"path": "demo"},
        "cameras": {"door": _IDLE},
        "auth": {"users": users},
    }
    with running_server(tmp_path, config) as server:
        anna, ben = cookie_of(server, "anna"), cookie_of(server, "ben")
        assert asked(server, ben, "/api/cameras")[0] == 200

        write(tmp_path, config | {"auth": {"users": {"anna": users["anna"]}}})
        eventually(lambda: asked(server, ben, "/api/cameras")[0] == 401, timeout_s=_WITHIN_S)
        assert asked(server, anna, "/api/cameras")[0] == 200

        more = {
            "groups": {"front": {"cameras": ["door"]}},
            "alarms": {
                "notify": {"office": {"webhook": "http://127.0.0.1:9/"}},
                "rules": {"gone": {"camera": "door", "offline": "1d"}},
            },
            "webrtc": {"stun": ["stun:127.0.0.1:9"]},
            "log": {"format": "json"},
        }
        write(tmp_path, config | more)
        eventually(lambda: asked(server, anna, "/api/cameras")[1]["groups"], timeout_s=_WITHIN_S)
        # The wall has the config a moment before those who listen to it.
        (rule,) = eventually(lambda: asked(server, anna, "/api/alarms")[1]["alarms"])
        assert rule["rule"] == "gone"
        (ice,) = eventually(lambda: asked(server, anna, "/api/ice")[1]["ice_servers"])
        assert ice["urls"] == ["stun:127.0.0.1:9"]
        eventually(lambda: "only a restart" in server.log.read_text(), timeout_s=_WITHIN_S)
        assert "takes over: log.format" in server.log.read_text()


def write(folder: Path, config: dict[str, Any]) -> None:
    (folder / "wall.yaml").write_text(yaml.safe_dump(config, sort_keys=False))


def told(server: Server) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(server.get("/api/cameras"))
    return answer


def ids(server: Server) -> list[str]:
    return [camera["id"] for camera in told(server)["cameras"]]


def decoded_of_door(server: Server) -> float:
    return server.metric("heatwall_frames_decoded_total", camera="door")


def cookie_of(server: Server, user: str) -> str:
    """Log a user in; returns the cookie."""
    request = urllib.request.Request(  # noqa: S310 - our own server
        f"{server.address}/api/login",
        data=log_in_body(user, PASSWORD),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - the same
        cookie: str = answer.headers["Set-Cookie"].partition(";")[0]
    return cookie


def asked(server: Server, cookie: str, path: str) -> tuple[int, Any]:
    """Return the status and the body of a page that somebody who is logged in asks for."""
    request = urllib.request.Request(f"{server.address}{path}", headers={"Cookie": cookie})  # noqa: S310 - our own server
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - the same
            return answer.status, json.load(answer)
    except HTTPError as error:
        with error:
            return error.code, None
