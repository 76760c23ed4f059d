from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession, ClientTimeout, web
from typer.testing import CliRunner

from heatwall import app, cli
from heatwall.camera.hardware import Hardware
from heatwall.config import Config
from heatwall.tls import Certificate
from heatwall.wall import Wall
from heatwall.web_server import listening
from support.certificates import make_pair


class IdleWall(Wall):
    """A wall whose one camera is never opened and whose model is never loaded."""

    def __init__(self, config: Config, *more: Any) -> None:
        super().__init__(config, *more)
        self._cameras.clear()

    async def _load_and_look_after(self) -> None:
        """Load nothing."""


def near(
    edge: web.Application, _host: str, port: int, certificate: Certificate | None
) -> AbstractAsyncContextManager[str]:
    """Listen to this machine alone, wherever it is told to listen."""
    return listening(edge, "127.0.0.1", port, certificate)


@pytest.fixture(autouse=True)
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "listening", near)
    monkeypatch.setattr(app, "Wall", IdleWall)
    monkeypatch.setattr(app, "find_hardware", Hardware)


async def rights(server: dict[str, Any], host: str, file: Path | None) -> dict[str, Any]:
    """Return what a page is told that it may do by a server that listens on `host`."""
    cameras = {"door": {"url": "rtsp://h/"}}
    config = Config.model_validate({"auth": "none", "server": server, "cameras": cameras})
    async with (
        app.running(config, "x.pt", host, 0, file) as (_, address),
        ClientSession(timeout=ClientTimeout(total=10)) as client,
        client.get(f"{address}/api/cameras") as response,
    ):
        told: dict[str, Any] = (await response.json())["rights"]
        return told


async def test_who_sits_at_the_machine_may_do_all() -> None:
    assert await rights({}, "127.0.0.1", Path("wall.yaml")) == {
        "role": "admin",
        "can_operate": True,
        "can_save": True,
    }


async def test_nothing_can_be_saved_without_a_file() -> None:
    assert (await rights({}, "127.0.0.1", None))["can_save"] is False


async def test_the_address_that_is_listened_on_counts_and_not_that_of_the_config() -> None:
    assert (await rights({"host": "0.0.0.0"}, "127.0.0.1", None))["role"] == "admin"
    assert (await rights({"host": "127.0.0.1"}, "0.0.0.0", None))["role"] == "viewer"


async def test_a_role_that_the_config_names_is_everybodys() -> None:
    assert (await rights({"role": "operator"}, "127.0.0.1", None))["role"] == "operator"


def test_the_command_line_tells_the_server_where_its_config_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, asked = tmp_path / "wall.yaml", []
    file.write_text("model: {path: mine.pt}\ncameras: {door: {url: rtsp://h/}}\n")
    (tmp_path / "mine.pt").touch()

    async def serve(_: Config, model: str, host: str, *more: Any) -> None:
        asked.append((model, host, more[-1]))

    monkeypatch.setattr(app, "serve", serve)
    monkeypatch.setattr(cli, "_silence", lambda: None)
    ended = CliRunner().invoke(cli.app, ["serve", str(file), "--host", "::1", "--port", "0"])

    assert ended.exit_code == 0, ended.output
    assert asked == [(str(tmp_path / "mine.pt"), "::1", file)]


async def test_with_a_certificate_the_page_is_at_https_and_not_at_http(tmp_path: Path) -> None:
    certificate, key = make_pair(tmp_path / "pair", "wall")
    tls = {"certificate": str(certificate), "key": str(key)}
    cameras = {"door": {"url": "rtsp://h/"}}
    config = Config.model_validate({"server": {"tls": tls}, "cameras": cameras})
    async with (
        app.running(config, "x.pt", "127.0.0.1", 0, None) as (_, address),
        ClientSession(timeout=ClientTimeout(total=10)) as client,
    ):
        assert address.startswith("https://")
        async with client.get(f"{address}/api/cameras", ssl=False) as response:
            assert response.status == 200
        async with client.ws_connect(f"{address}/api/live", ssl=False) as socket:
            assert (await socket.receive_json(timeout=10))["type"] == "cameras"
        with pytest.raises(ClientError):
            await client.get(address.replace("https", "http"))
