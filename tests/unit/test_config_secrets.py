from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from heatwall.api.ice import IceServerStatus
from heatwall.api.login import LogInBody
from heatwall.camera.link import Open
from heatwall.camera.probing import ProbeOrder
from heatwall.config import load_config
from heatwall.config.ice_url import IceUrl
from heatwall.config.secrets import secrets_of
from heatwall.delivery.ice_servers import IceServer
from heatwall.delivery.ice_way import Relay
from heatwall.errors import ConfigError
from heatwall.redaction import redact
from heatwall.simulator.auth import Credentials
from heatwall.values import SecretUrl

CONFIG = """
cameras:
  door:
    url: rtsp://viewer:${DOOR}@192.0.2.11/stream1
    substream: http://192.0.2.11/stream2?token=canary-token
"""


class _User(BaseModel):
    password: str
    role: str = "viewer"


class _Auth(BaseModel):
    users: dict[str, _User]
    turn: list[dict[str, Any]]
    hook: SecretStr


def test_every_password_of_a_loaded_config_is_known_from_then_on(tmp_path: Path) -> None:
    file = tmp_path / "store.yaml"
    file.write_text(CONFIG)
    assert redact("canary/door canary-token") == "canary/door canary-token"
    load_config(file, {"DOOR": "canary/door"})
    assert redact("canary/door canary%2Fdoor canary-token") == "*** *** ***"


def test_a_password_is_known_as_the_environment_has_it_and_the_user_is_no_secret(
    tmp_path: Path,
) -> None:
    file = tmp_path / "store.yaml"
    file.write_text("cameras: {door: {url: 'rtsp://${USER}:${DOOR}@h/${PATH}'}}")
    load_config(file, {"USER": "somebody", "DOOR": "canary 50%25 off", "PATH": "live"})
    assert redact("somebody canary 50%25 off live") == "somebody *** live"


def test_secrets_are_found_by_type_and_by_name_wherever_they_lie() -> None:
    auth = _Auth(
        users={"anna": _User(password="one")},
        turn=[{"url": SecretUrl("turn://u:two@h")}],
        hook=SecretStr("three"),
    )
    assert list(secrets_of(auth)) == ["one", "two", "dTp0d28=", "three"]


WRONG = """
cameras: {door: {url: 'rtsp://h/s'}}
"""


@pytest.mark.parametrize(
    "lines",
    [
        "auth: canary-4711",
        "auth: {users: canary-4711}",
        "auth: {users: {anna: canary-4711}}",
        "auth: {users: {anna: {password: canary-4711}}}",
        "auth: {users: {anna: {passwort: canary-4711}}}",
        "auth: {tokens: {grafana: canary-4711}}",
        "auth: {tokens: {grafana: {hash: canary-4711}}}",
        "alarms: {notify: {office: 'https://hooks.example.com/canary-4711'}}",
        "alarms: {notify: {office: {webhook: 'ftp://hooks.example.com/canary-4711'}}}",
        "alarms: {notify: {office: {webhook: 'hooks.example.com/canary-4711'}}}",
        "alarms: {notify: {office: {webhook: 'https://h/', secret: canary-4711}}}",
        "alarms: {notify: {office: {mqtt: 'mqtt://u:canary-4711@h/path'}}}",
        "alarms: {notify: {office: {mqtt: canary-4711}}}",
        "webrtc: {turn: canary-4711}",
        "webrtc: {turn: [canary-4711]}",
        "webrtc: {turn: [{url: 'turn:u:canary-4711@h', user: u, password: p}]}",
        "webrtc: {turn: [{url: 'turn:h', secret: {a: canary-4711}}]}",
        "defaults: {url: 'rtsp://u:canary-4711@h/'}",
    ],
)
def test_a_secret_in_a_wrong_place_is_not_shown_by_the_fault_it_makes(
    tmp_path: Path, lines: str
) -> None:
    file = tmp_path / "store.yaml"
    file.write_text(WRONG + lines)
    with pytest.raises(ConfigError) as caught:
        load_config(file, {})
    assert "store.yaml:3" in str(caught.value)
    assert "canary-4711" not in str(caught.value)


def test_where_a_webhook_is_is_a_secret_but_for_its_host(tmp_path: Path) -> None:
    file = tmp_path / "store.yaml"
    hook = "https://hooks.example.com/services/T0001/canary-of-the-hook"
    file.write_text(f"{WRONG}alarms: {{notify: {{office: {{webhook: '{hook}'}}}}}}\n")
    config = load_config(file, {})
    written = config.model_dump_json(by_alias=True)
    assert "https://hooks.example.com/***" in written
    assert "canary" not in written
    assert redact("POST /services/T0001/canary-of-the-hook") == "POST /services/T0001/***"


@pytest.mark.parametrize(
    "thing",
    [
        SecretUrl("rtsp://u:canary-4711@h/"),
        ProbeOrder("rtsp://u:canary-4711@h/", "tcp", 5),
        LogInBody("canary-4711", "canary-4711"),
        IceServerStatus(("turn:h",), "u", "canary-4711"),
        IceServer("turn:h", "u", "canary-4711"),
        Relay(IceUrl("turn", "h", 1, "udp"), "turn:h", "u", "canary-4711"),
        SecretStr("canary-4711"),
        Credentials("u", "canary-4711"),
    ],
    ids=lambda thing: type(thing).__name__,
)
def test_what_holds_a_secret_does_not_show_it_when_it_is_printed(thing: object) -> None:
    assert "canary-4711" not in f"{thing!r} {thing!s} {[thing]}"


@pytest.mark.parametrize("form", [repr, str])
def test_the_order_to_a_worker_hides_its_urls(form: Any) -> None:
    order = Open("door", "rtsp://u:canary@h/s", "tcp", 5, 5, 0, 640, {}, None, "rtsp://u:canary@h")  # type: ignore[arg-type] # no ink is needed to be printed
    assert form(order) == "Open(camera='door', …)"
