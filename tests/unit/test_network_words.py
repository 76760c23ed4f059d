from __future__ import annotations

from typing import Any

import pytest

from heatwall.config import WebRtcConfig
from heatwall.delivery.network_words import Sight, changes, network_lines

OWN = Sight(own=("192.168.1.10", "2001:db8::7"))


def told(sight: Sight, max_viewers: int = 8, **webrtc: Any) -> list[str]:
    lines = network_lines(sight, WebRtcConfig.model_validate(webrtc), max_viewers)
    return [f"! {line.text}" if line.is_warning else line.text for line in lines]


def test_the_addresses_are_told_with_their_ports() -> None:
    assert told(OWN) == ["Viewers get these addresses: 192.168.1.10, 2001:db8::7 (any UDP port)"]
    (line,) = told(OWN, ports="50000-50100")
    assert line.endswith("(UDP 50000-50100)")


def test_what_is_announced_is_told_first_and_once() -> None:
    sight = Sight(own=("10.0.0.2",), announced=("203.0.113.5", "10.0.0.2"))
    first, *_ = told(sight, announce=["203.0.113.5", "10.0.0.2"], ports="50000-50100")
    assert first == "Viewers get these addresses: 203.0.113.5, 10.0.0.2 (UDP 50000-50100)"


def test_servers_are_told_with_what_they_are_good_for() -> None:
    sight = Sight(
        own=("192.168.1.10",),
        seen_as=("203.0.113.5",),
        relays=("198.51.100.1",),
        servers=(("stun:a:1", None), ("turn:b:1?transport=udp", "refuses the account")),
    )
    assert told(sight)[1:] == [
        "STUN stun:a:1 answers",
        "! TURN turn:b:1?transport=udp refuses the account; this server goes on without it",
        "STUN says that this server is seen as 203.0.113.5",
        "TURN gives this server the address 198.51.100.1",
    ]


def test_an_address_as_docker_gives_them_is_doubted_unless_there_is_another_way_in() -> None:
    (_, doubt) = told(Sight(own=("172.17.0.2",)))
    assert doubt.startswith("! 172.17.0.2 may be a container's own address")
    assert "webrtc.announce" in doubt
    assert len(told(Sight(own=("172.17.0.2", "192.168.1.10")))) == 1
    for sight in (
        Sight(own=("172.17.0.2",), announced=("203.0.113.5",)),
        Sight(own=("172.17.0.2",), seen_as=("203.0.113.5",)),
        Sight(own=("172.17.0.2",), relays=("198.51.100.1",)),
    ):
        assert not any("container" in line for line in told(sight))


def test_announcing_without_a_range_and_a_range_that_is_too_small_are_doubted() -> None:
    sight = Sight(own=("10.0.0.2",), announced=("203.0.113.5",))
    assert any("without webrtc.ports" in line for line in told(sight, announce=["203.0.113.5"]))
    (_, doubt) = told(OWN, ports="50000-50003", max_viewers=5)
    assert doubt == ("! webrtc.ports has 4 ports for server.max_viewers 5: each viewer needs one")
    assert len(told(OWN, ports="50000-50003", max_viewers=4)) == 1


def test_a_name_that_can_not_be_looked_up_is_told() -> None:
    lines = told(Sight(own=("10.0.0.2",), names=("shop.invalid",)), announce=["shop.invalid"])
    assert "! webrtc.announce: the name shop.invalid can't be looked up" in lines


def test_why_there_is_no_webrtc_is_a_warning() -> None:
    (line, *_) = told(Sight(fault="All UDP ports of webrtc.ports, 5000-5001, are taken."))
    assert line.startswith("! Viewers get no pictures by WebRTC: All UDP ports")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (None, None, None),
        ("does not answer", "does not answer", None),
        (None, "does not answer", "STUN stun:a does not answer; this server goes on without it"),
        ("does not answer", None, "STUN stun:a answers"),
    ],
)
def test_only_a_change_is_said(before: str | None, after: str | None, said: str | None) -> None:
    lines = changes({"stun:a": before}, {"stun:a": after})
    assert [line.text for line in lines] == ([] if said is None else [said])
