from __future__ import annotations

import logging
from typing import Any

import pytest
from aioice import Connection

from heatwall.clock import monotonic
from heatwall.config import Config, PortRange
from heatwall.delivery import ice, network
from heatwall.delivery.ice import gather_by
from heatwall.delivery.known_aiortc import check_ice
from heatwall.delivery.network import Network, describe_network
from heatwall.delivery.offer import read_offer
from heatwall.errors import StartError
from support.eventually import eventually_async
from support.sdp import Section, offer
from support.stun_server import stun_server


@pytest.fixture(autouse=True)
def _addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ice, "get_host_addresses", lambda **_kinds: ["127.0.0.1"])
    monkeypatch.setattr(network, "_SERVERS_S", 0.5)


def _clock() -> float:
    return 1_700_000_000.0


def _config(**webrtc: Any) -> Config:
    cameras = {"door": {"url": "rtsp://192.0.2.1/"}}
    return Config.model_validate({"cameras": cameras, "webrtc": webrtc})


def _network(**webrtc: Any) -> Network:
    return Network(_config(**webrtc), _clock)


def test_where_nothing_is_set_aioice_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise StartError("this aioice is another one")

    monkeypatch.setattr(network, "check_ice", refuse)
    assert _network().way() is None
    with pytest.raises(StartError):
        _network(ports="50000-50010")


def test_ports_networks_and_addresses_are_handed_on() -> None:
    way = _network(ports="50000-50010", networks=["10.0.0.0/8"], announce=["203.0.113.5"]).way()
    assert way is not None
    assert (way.ports, way.networks) == (PortRange(50_000, 50_010), ("10.0.0.0/8",))
    assert way.announced == ("203.0.113.5",)


def test_one_server_of_each_kind_is_asked_for_a_viewer() -> None:
    turn = [{"url": f"turn:192.0.2.{n}", "user": "u", "password": "p"} for n in (1, 2)]
    way = _network(stun=["stun:192.0.2.1", "stun:192.0.2.2"], turn=turn).way()
    assert way is not None
    assert [stun.name for stun in way.stun] == ["stun:192.0.2.1:3478"]
    assert [(relay.url.host, relay.username) for relay in way.relays] == [("192.0.2.1", "u")]


def test_a_server_that_is_announced_takes_no_relay_of_its_own_and_tells_viewers_of_it() -> None:
    turn = [{"url": "turn:192.0.2.1", "secret": "north"}]
    announcing = _network(turn=turn, announce=["203.0.113.5"], ports="50000-50010")
    way = announcing.way()
    assert way is not None
    assert way.relays == ()
    (server,) = announcing.ice_servers()
    assert (server.username or "").startswith("17000")


async def test_a_silent_server_costs_one_viewer_a_second_and_the_next_ones_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with stun_server(None) as server, _network(stun=[str(server.url)]) as looking:
        await eventually_async(lambda: "does not answer" in caplog.text)
        way = looking.way()
        assert way is not None
        assert way.stun == ()
        heard, begun_s = server.heard, monotonic()
        connection = Connection(ice_controlling=False)
        await gather_by(connection, way)
        assert monotonic() - begun_s < 0.5
        assert server.heard == heard
        await connection.close()


async def test_a_server_that_falls_silent_is_said_once_and_taken_again_when_it_answers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    async with (
        stun_server(("203.0.113.9", 4444)) as server,
        _network(stun=[str(server.url)]) as looking,
    ):
        await eventually_async(lambda: "seen as 203.0.113.9" in caplog.text)
        way = looking.way()
        assert way is not None
        server.answer = None
        for _ in range(2):
            connection = Connection(ice_controlling=False)
            await gather_by(connection, way)
            await connection.close()
        assert caplog.text.count("does not answer") == 1
        server.answer = ("203.0.113.9", 4444)
        looking._wake.set()
        await eventually_async(lambda: caplog.text.count(f"{server.url} answers") == 2)


async def test_what_changes_is_taken_for_the_next_viewers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    async with _network() as looking:
        await eventually_async(lambda: "any UDP port" in caplog.text)
        looking.reconfigure(_config(ports="50000-50100"))
        way = looking.way()
        assert way is not None
        assert way.ports == PortRange(50_000, 50_100)
        await eventually_async(lambda: "UDP 50000-50100" in caplog.text)
        looking.reconfigure(_config())
        assert looking.way() is None


async def test_a_name_is_looked_up_and_one_that_is_not_known_is_told() -> None:
    looking = _network(announce=["localhost", "shop.invalid"], ports="50000-50010")
    sight = await looking.look()
    assert sight.names == ("shop.invalid",)
    assert sight.announced == ("127.0.0.1",)


async def test_the_check_tells_of_a_range_without_a_free_port(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("heatwall.delivery.ice_ports._all_on", lambda *_asked: None)
    first, *_ = await describe_network(_config(ports="50000-50063"), _clock)
    assert first.is_warning
    assert "50000-50063, are taken" in first.text


async def test_a_viewers_answer_has_what_is_announced() -> None:
    looking = _network(announce=["203.0.113.5"])
    peer = looking.connect(read_offer(offer(Section())), lambda _state: None)
    answer = await peer.answer()
    await peer.close()
    candidates = [line for line in answer.splitlines() if line.startswith("a=candidate:")]
    assert any(" 203.0.113.5 " in line and " typ srflx " in line for line in candidates)
    assert any(" 127.0.0.1 " in line and " typ host" in line for line in candidates)


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        ("aioice.ice.Connection", "get_component_candidates"),
        ("aioice.ice.Connection", "gather_candidates"),
        ("aioice.ice.Connection", "close"),
        ("aiortc.RTCIceGatherer", "gather"),
        ("aiortc.RTCPeerConnection", "_RTCPeerConnection__gather"),
    ],
)
def test_an_aioice_that_gathers_in_another_way_is_refused(
    owner: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def changed(_self: Any, *_more: Any) -> None:
        """Stand for a version that does it in another way."""

    changed.__qualname__ = f"{owner}.{name}"
    monkeypatch.setattr(f"{owner}.{name}", changed)
    check_ice.cache_clear()
    with pytest.raises(StartError, match=name):
        check_ice()
    monkeypatch.undo()
    check_ice.cache_clear()
    check_ice()
