"""coturn, and what this server makes of it: accounts, refusals, and its going away."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aioice import Connection

from heatwall.clock import monotonic
from heatwall.config import Config
from heatwall.delivery import ice
from heatwall.delivery.ice import gather_by
from heatwall.delivery.network import Network, describe_network
from support.coturn import PASSWORD, SECRET, USER, coturn
from support.eventually import eventually, eventually_async
from support.netns import this_machine


@pytest.fixture(autouse=True)
def _addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ice, "get_host_addresses", lambda **_kinds: ["127.0.0.1"])


@pytest.fixture
def port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        free: int = sock.getsockname()[1]
    return free


@pytest.fixture
def server(tmp_path: Path, port: int) -> Iterator[Path]:
    with coturn(this_machine(), "127.0.0.1", tmp_path, port) as log:
        yield log


def _config(port: int, transport: str = "udp", **account: str) -> Config:
    turn = {"url": f"turn:127.0.0.1:{port}?transport={transport}", **account}
    cameras = {"door": {"url": "rtsp://192.0.2.1/"}}
    return Config.model_validate({"cameras": cameras, "webrtc": {"turn": [turn]}})


async def _lines(config: Config) -> list[str]:
    return [line.text for line in await describe_network(config, time.time)]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.usefixtures("server")
async def test_a_shared_secret_opens_a_relay(port: int, transport: str) -> None:
    lines = await _lines(_config(port, transport, secret=SECRET))
    assert f"TURN turn:127.0.0.1:{port}?transport={transport} answers" in lines
    assert "TURN gives this server the address 127.0.0.1" in lines


async def test_an_account_opens_a_relay(tmp_path: Path, port: int) -> None:
    with coturn(this_machine(), "127.0.0.1", tmp_path, port, has_secret=False):
        lines = await _lines(_config(port, user=USER, password=PASSWORD))
    assert f"TURN turn:127.0.0.1:{port}?transport=udp answers" in lines


@pytest.mark.usefixtures("server")
async def test_a_wrong_secret_is_told_as_such_and_not_shown(port: int) -> None:
    lines = await _lines(_config(port, secret="canary"))
    assert any("refuses the account; this server goes on without it" in line for line in lines)
    assert "canary" not in str(lines)


@pytest.mark.usefixtures("server")
async def test_a_password_whose_time_is_over_opens_nothing(port: int) -> None:
    config = _config(port, secret=SECRET)
    lines = [line.text for line in await describe_network(config, lambda: time.time() - 86_400)]
    assert any("refuses the account" in line for line in lines)


async def test_a_relay_is_given_up_with_its_viewer(server: Path, port: int) -> None:
    network = Network(_config(port, secret=SECRET), time.time)
    connection = Connection(ice_controlling=False)
    candidates = await gather_by(connection, _way(network))
    assert [candidate.type for candidate in candidates] == ["host", "relay"]
    await connection.close()
    eventually(lambda: "lifetime=0" in server.read_text())


async def test_a_turn_server_that_goes_away_keeps_no_viewer_from_leaving(
    tmp_path: Path, port: int
) -> None:
    connection = Connection(ice_controlling=False)
    with coturn(this_machine(), "127.0.0.1", tmp_path, port):
        network = Network(_config(port, secret=SECRET), time.time)
        assert len(await gather_by(connection, _way(network))) == 2
    begun_s = monotonic()
    await connection.close()
    assert monotonic() - begun_s < 3
    assert connection._protocols == []
    # It goes on telling the server for half a minute; nothing of a test may.
    closing = [task for task in asyncio.all_tasks() if "TurnTransport._close" in repr(task)]
    for task in closing:
        task.cancel()
    await asyncio.gather(*closing, return_exceptions=True)


async def test_a_turn_server_that_is_away_is_left_out_until_it_is_back(
    tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("heatwall.delivery.network._LOOK_S", 0.2)
    monkeypatch.setattr("heatwall.delivery.network._SERVERS_S", 0.5)
    caplog.set_level("INFO")
    async with Network(_config(port, secret=SECRET), time.time) as network:
        await eventually_async(lambda: "goes on without it" in caplog.text)
        assert _way(network).relays == ()  # so that nobody waits for it
        with coturn(this_machine(), "127.0.0.1", tmp_path, port):
            await eventually_async(lambda: " answers" in caplog.text)
            assert len(_way(network).relays) == 1
        await eventually_async(lambda: caplog.text.count("goes on without it") == 2)


def _way(network: Network) -> Any:
    way = network.way()
    assert way is not None
    return way
