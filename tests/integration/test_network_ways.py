"""Pictures through networks as shops have them: NAT, Docker, firewalls, TURN; all of it real."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.coturn import coturn
from support.town import GATE, OUTSIDE, PORTS, SERVER, TURN_TCP, TURN_UDP, Town, network_town


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with network_town(tmp_path) as town:
        yield town


def test_a_viewer_behind_a_nat_gets_pictures_without_any_settings(town: Town) -> None:
    town.route_to_server()
    with town.serving():
        found = town.watch(SERVER)
    assert (found["way"], found["remote_address"]) == ("webrtc", SERVER)


def test_a_server_that_docker_publishes_is_reached_by_what_it_announces(town: Town) -> None:
    town.publish(f"-t nat -A PREROUTING -d {GATE} -p udp --dport 50000:50007 -j DNAT --to {SERVER}")
    with town.serving(ports=PORTS, announce=[GATE]) as log:
        found = town.watch(GATE)
        text = log.read_text()
    assert (found["way"], found["remote_address"]) == ("webrtc", GATE)
    assert 50_000 <= found["remote_port"] <= 50_007
    assert f"Viewers get these addresses: {GATE}, {SERVER} (UDP {PORTS})" in text


def test_the_same_server_without_announcing_gives_its_pictures_as_mp4_and_says_why(
    town: Town,
) -> None:
    town.publish(f"-t nat -A PREROUTING -d {GATE} -p udp --dport 50000:50007 -j DNAT --to {SERVER}")
    with town.serving(ports=PORTS) as log:
        found = town.watch(GATE)
        text = log.read_text()
    assert found["way"] == "mp4"
    assert f"{SERVER} may be a container's own address" in text


def test_two_nats_let_pictures_through_with_the_help_of_stun(town: Town) -> None:
    town.publish()
    with coturn(town.middle, OUTSIDE, town.folder), town.serving(stun=[f"stun:{OUTSIDE}"]) as log:
        found = town.watch(GATE)
        text = log.read_text()
    assert (found["way"], found["remote_address"]) == ("webrtc", GATE)
    assert f"STUN says that this server is seen as {GATE}" in text


def test_a_viewer_whose_only_way_is_turn_takes_it(town: Town) -> None:
    town.route_to_server()
    town.middle.rules("-A FORWARD -p udp -j DROP")
    with (
        coturn(town.middle, OUTSIDE, town.folder),
        town.serving(turn=[TURN_UDP], announce=[SERVER]),
    ):
        found = town.watch(SERVER)
    assert (found["way"], found["local"], found["remote_address"]) == ("webrtc", "relay", SERVER)


def test_a_viewer_without_any_udp_takes_turn_over_tcp(town: Town) -> None:
    town.route_to_server()
    town.viewer_gate.rules("-A FORWARD -p udp -j DROP")
    with (
        coturn(town.middle, OUTSIDE, town.folder),
        town.serving(turn=[TURN_TCP], announce=[SERVER]),
    ):
        found = town.watch(SERVER)
    assert (found["way"], found["local"]) == ("webrtc", "relay")


def test_a_server_whose_only_way_is_turn_over_tcp_is_reached_by_its_relay(town: Town) -> None:
    town.publish()
    town.server_gate.rules("-I FORWARD -p udp -j DROP")
    with coturn(town.middle, OUTSIDE, town.folder), town.serving(turn=[TURN_TCP]) as log:
        found = town.watch(GATE)
        text = log.read_text()
    assert (found["way"], found["remote"], found["remote_address"]) == ("webrtc", "relay", OUTSIDE)
    assert f"TURN gives this server the address {OUTSIDE}" in text


def test_where_no_udp_gets_through_the_pictures_come_as_mp4(town: Town) -> None:
    town.route_to_server()
    town.viewer_gate.rules("-A FORWARD -p udp -j DROP")
    with town.serving():
        found = town.watch(SERVER)
    assert found["way"] == "mp4"
