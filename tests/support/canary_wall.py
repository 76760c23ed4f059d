"""A wall whose config holds a secret of every kind, and on which nearly everything fails."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml

from heatwall.access.sign_ins import mark_of
from heatwall.simulator.auth import Credentials
from heatwall.simulator.clips import ensure_clips
from heatwall.simulator.simulate import SimulationOptions
from support.access import quick_hash
from support.parrots import HttpParrot, closed_port, http_parrot, rtsp_parrot
from support.scripted_camera import ScriptedCamera, scripted_camera
from support.store import Store, running_store

SECRETS = {
    "the password of a camera": "kanari-door-4711",
    "one with signs of its own": 'kanari/till p@ss:"ü"?&#+4711',
    "the password of a substream": "kanari-sub$tream-4711",
    "one from the environment": "kanari environment%4711&",
    "one from a file": "kanari'file'<4711>",
    "one in a camera's query": "kanari-query-4711",
    "a user's password": "kanari-anna-4711",
    "a token": "kanari-token-4711-of-grafana",
    "the password of a TURN account": "kanari-turn-password-4711",
    "the secret of a TURN server": "kanari-turn-secret-4711",
    "the secret of a webhook": "kanari-webhook-secret-4711",
    "the path of a webhook": "kanari-webhook-path-4711",
    "the password of a broker": "kanari:mqtt/4711",
    "a wrong password that was tried": "kanari-wrong-4711",
    "a password typed as a user's name": "kanari-name-4711",
    "a wrong token": "kanari-no-token-4711",
    "one in a query that somebody typed": "kanari-typed-4711",
    "one in a body that is refused": "kanari-body-4711",
    "one in a file that is refused": "kanari-refused-4711",
}
"""What is looked for, by what it is."""

ENVIRONMENT = {
    "TILL": SECRETS["one from the environment"],
    "UNUSED_PASSWORD": SECRETS["one from the environment"] + "-unused",
}

_NO_VIDEO = "v=0\r\nm=audio 0 RTP/AVP 0\r\na=control:track1\r\n"

REFUSED = """
cameras:
  door: rtsp://viewer:{0}@192.0.2.1/
  {0}@host: {{url: 'rtsp://u:{0}@h/'}}
  till: {{url: '{0}', substream: 'rtsp://u:{0}/x@h/', password: {0}, name: ['{0}']}}
auth: {{users: {{anna: {0}, berta: {{password: {0}, role: '${{TILL}}'}}}}, tokens: {{x: {0}}}}}
alarms: {{notify: {{office: {0}, home: {{webhook: 'ftp://hooks.example.com/{0}'}}}}}}
webrtc: {{turn: [{0}, {{url: 'turn:u:{0}@h', user: u, password: [{0}]}}]}}
server: {{port: 'rtsp://u:{0}@h/'}}
"""
"""A config with a secret in all the wrong places."""


@dataclass(frozen=True)
class CanaryWall:
    """What runs beside the server.

    Attributes:
        folder: With `wall.yaml` and `wrong.yaml`.
        hashes: What is kept of passwords and tokens, by name; secrets too.
        working: URL of a camera that works, with its password.
    """

    folder: Path
    hashes: dict[str, str]
    working: str

    @property
    def file(self) -> Path:
        """The config."""
        return self.folder / "wall.yaml"

    @property
    def wrong_file(self) -> Path:
        """A config that is refused."""
        return self.folder / "wrong.yaml"


@contextlib.contextmanager
def canary_wall(folder: Path) -> Iterator[CanaryWall]:
    """Run cameras and receivers, and write the config that names them."""
    password = SECRETS["the password of a camera"]
    options = SimulationOptions(
        clips=(ensure_clips(1)[0].path,), credentials=Credentials("viewer", password)
    )
    with (
        running_store(1, options) as store,
        rtsp_parrot() as camera,
        scripted_camera(ScriptedCamera(sdp=_NO_VIDEO)) as deaf,
        http_parrot() as parrot,
        socket.create_server(("127.0.0.1", 0)) as silent,
    ):
        hashes = {
            "the hash of a password": quick_hash(SECRETS["a user's password"]),
            "the hash of a token": f"sha256:{mark_of(SECRETS['a token'])}",
        }
        (folder / "secret").write_text(SECRETS["one from a file"] + "\n")
        cameras = _cameras(store, camera, deaf, parrot, silent.getsockname()[1])
        config = {
            "model": {"path": "demo", "imgsz": 320},
            "server": {"role": "admin"},
            "cameras": cameras,
            "groups": {"front": {"cameras": ["door"]}},
            "auth": _auth(hashes),
            "alarms": _alarms(parrot),
            "webrtc": _webrtc(),
        }
        wall = CanaryWall(folder, hashes, store.urls[0])
        wall.file.write_text(yaml.safe_dump(config, sort_keys=False, allow_unicode=True))
        wall.wrong_file.write_text(REFUSED.format(SECRETS["one in a file that is refused"]))
        yield wall
        assert parrot.heard  # who was not asked has repeated nothing
        assert any("authorization" in request.headers for request in camera.requests)


def _cameras(
    store: Store, parrot: ScriptedCamera, deaf: ScriptedCamera, http: HttpParrot, silent: int
) -> dict[str, Any]:
    """Return one camera that works, and others that fail each in their own way."""
    account = f"viewer:{quote(SECRETS['one with signs of its own'], safe='')}"
    sub = f"viewer:{quote(SECRETS['the password of a substream'], safe='')}"
    query = "password=" + SECRETS["one in a camera's query"]
    host = store.urls[0].rpartition("@")[2]
    nowhere = f"127.0.0.1:{closed_port()}"
    urls = {
        "refused": f"rtsp://{account}@{host}",
        "closed": f"rtsp://{account}@{nowhere}/s?{query}",
        "nameless": f"rtsp://{account}@no-such-host.invalid/s",
        "repeats": f"rtsp://viewer:${{TILL}}@127.0.0.1:{parrot.port}/s?{query}",
        "soundonly": f"rtsp://viewer:${{file:secret}}@127.0.0.1:{deaf.port}/s",
        "silent": f"rtsp://{account}@127.0.0.1:{silent}/s",
        "tls": f"rtsps://{account}@{host}",
        "web": f"http://{account}@{http.host}/account?{query}",
    }
    cameras: dict[str, Any] = {name: {"url": url} for name, url in urls.items()}
    cameras["byudp"] = {"url": f"rtsp://{account}@{nowhere}/s", "transport": "udp"}
    cameras["door"] = {"url": store.urls[0], "substream": f"rtsp://{sub}@{nowhere}/s"}
    for settings in cameras.values():
        settings["timeout"] = "2s"
    return cameras


def _auth(hashes: dict[str, str]) -> dict[str, Any]:
    return {
        "users": {"anna": {"password": hashes["the hash of a password"], "role": "admin"}},
        "tokens": {"grafana": {"hash": hashes["the hash of a token"], "role": "viewer"}},
    }


def _alarms(parrot: HttpParrot) -> dict[str, Any]:
    broker = quote(SECRETS["the password of a broker"], safe="")
    office = {
        "webhook": f"http://{parrot.host}/services/{SECRETS['the path of a webhook']}",
        "secret": SECRETS["the secret of a webhook"],
    }
    return {
        "notify": {
            "office": office,
            "away": office | {"webhook": office["webhook"].replace(parrot.host, "127.0.0.1:9")},
            "broker": {"mqtt": f"mqtt://heatwall:{broker}@127.0.0.1:{closed_port()}"},
        },
        "rules": {"gone": {"camera": "all", "offline": "2s"}},
    }


def _webrtc() -> dict[str, Any]:
    at = f"turn:127.0.0.1:{closed_port()}?transport="
    return {
        "turn": [
            {
                "url": f"{at}udp",
                "user": "wall",
                "password": SECRETS["the password of a TURN account"],
            },
            {"url": f"{at}tcp", "secret": SECRETS["the secret of a TURN server"]},
        ]
    }
