from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from heatwall.camera.link import Open
from heatwall.config import load_config
from heatwall.config.secrets import secrets_of
from heatwall.redaction import redact
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


def test_secrets_are_found_by_type_and_by_name_wherever_they_lie() -> None:
    auth = _Auth(
        users={"anna": _User(password="one")},
        turn=[{"url": SecretUrl("turn://u:two@h")}],
        hook=SecretStr("three"),
    )
    assert list(secrets_of(auth)) == ["one", "two", "three"]


@pytest.mark.parametrize("form", [repr, str])
def test_the_order_to_a_worker_hides_its_urls(form: Any) -> None:
    order = Open("door", "rtsp://u:canary@h/s", "tcp", 5, 5, 0, 640, {}, None, "rtsp://u:canary@h")  # type: ignore[arg-type] # no ink is needed to be printed
    assert form(order) == "Open(camera='door', …)"
