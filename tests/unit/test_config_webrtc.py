from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from heatwall.config import Config, IceUrl, PortRange, WebRtcConfig, load_config
from heatwall.errors import ConfigError, ConfigFault

CAMERAS = "cameras: {door: {url: rtsp://h/}}\n"


def load(folder: Path, webrtc: str, env: dict[str, str] | None = None) -> WebRtcConfig:
    file = folder / "wall.yaml"
    file.write_text(f"{CAMERAS}webrtc: {webrtc}\n")
    return load_config(file, env or {}).webrtc


def faults_of(folder: Path, webrtc: str, env: dict[str, str] | None = None) -> list[ConfigFault]:
    with pytest.raises(ConfigError) as caught:
        load(folder, webrtc, env)
    return list(caught.value.faults)


def test_nothing_is_set_unless_it_is_written() -> None:
    webrtc = Config.model_validate({"cameras": {"door": {"url": "rtsp://h/"}}}).webrtc
    assert webrtc == WebRtcConfig()
    assert webrtc.ports is None
    assert not any((webrtc.announce, webrtc.stun, webrtc.turn))


@pytest.mark.parametrize("key", ["announce", "stun", "turn"])
@pytest.mark.parametrize("nothing", ["", "[]"])
def test_an_empty_list_is_none(tmp_path: Path, key: str, nothing: str) -> None:
    assert getattr(load(tmp_path, f"{{{key}: {nothing}}}"), key) == ()


@pytest.mark.parametrize("written", ["50000-50100", "50000 – 50100", "'50000-50100'"])
def test_a_range_of_ports_is_read(tmp_path: Path, written: str) -> None:
    ports = load(tmp_path, f"{{ports: {written}}}").ports
    assert ports == PortRange(50_000, 50_100)
    assert len(ports) == 101
    assert str(ports) == "50000-50100"


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("50100-50000", "begins after its end"),
        ("50000-50000", "has too few ports"),
        ("20-5000", "is out of range"),
        ("60000-70000", "is out of range"),
        ("10000-60000", "has too many ports"),
        ("50000", "is not a range of ports"),
        ("some", "is not a range of ports"),
        ("[1]", "is not a range of ports"),
    ],
)
def test_a_range_that_can_not_be_used_is_refused(
    tmp_path: Path, written: str, message: str
) -> None:
    (fault,) = faults_of(tmp_path, f"{{ports: {written}}}")
    assert (fault.line, fault.key, fault.message) == (2, "webrtc.ports", message)
    assert "one for each viewer" in fault.allowed


def test_addresses_and_names_are_announced(tmp_path: Path) -> None:
    webrtc = load(tmp_path, "{announce: [203.0.113.5, '2001:DB8::1', shop.example.org]}")
    assert webrtc.announce == ("203.0.113.5", "2001:db8::1", "shop.example.org")


@pytest.mark.parametrize(
    "written", ["203.0.113.5:50000", "0.0.0.0", "256.1.1.1", "'a b'", "5", "''"]
)
def test_what_is_no_address_is_not_announced(tmp_path: Path, written: str) -> None:
    (fault,) = faults_of(tmp_path, f"{{announce: [{written}]}}")
    assert fault.key == "webrtc.announce[0]"
    assert "without a port" in fault.allowed


def test_networks_are_read_with_or_without_a_length(tmp_path: Path) -> None:
    webrtc = load(tmp_path, "{networks: [192.168.1.7/16, '2001:db8::1']}")
    assert webrtc.networks == ("192.168.0.0/16", "2001:db8::1/128")
    (fault,) = faults_of(tmp_path, "{networks: [eth0]}")
    assert fault.message == "is not a network"
    (fault,) = faults_of(tmp_path, "{networks: []}")
    assert fault.message == "is empty"


@pytest.mark.parametrize(
    ("written", "url", "text"),
    [
        ("stun:h", IceUrl("stun", "h", 3478, "udp"), "stun:h:3478"),
        ("stun:192.0.2.1:99", IceUrl("stun", "192.0.2.1", 99, "udp"), "stun:192.0.2.1:99"),
        (
            "stun:[2001:db8::1]",
            IceUrl("stun", "2001:db8::1", 3478, "udp"),
            "stun:[2001:db8::1]:3478",
        ),
    ],
)
def test_a_stun_server_is_read(tmp_path: Path, written: str, url: IceUrl, text: str) -> None:
    (found,) = load(tmp_path, f"{{stun: ['{written}']}}").stun
    assert found == url
    assert str(found) == text


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("turn:h", "turn:h:3478?transport=udp"),
        ("turn:h:80?transport=tcp", "turn:h:80?transport=tcp"),
        ("turns:h", "turns:h:5349?transport=tcp"),
    ],
)
def test_a_turn_server_is_read(tmp_path: Path, written: str, text: str) -> None:
    (found,) = load(tmp_path, f"{{turn: [{{url: '{written}', secret: s}}]}}").turn
    assert str(found.url) == text


@pytest.mark.parametrize(
    "written",
    ["h", "http://h/", "stun:", "turn:h", "stun:h:0", "stun:h?transport=udp", "stun:a@h", "5"],
)
def test_what_is_no_stun_server_is_refused(tmp_path: Path, written: str) -> None:
    (fault,) = faults_of(tmp_path, f"{{stun: ['{written}']}}")
    assert fault.key == "webrtc.stun[0]"
    assert "stun:HOST" in fault.allowed


@pytest.mark.parametrize(
    ("account", "message"),
    [
        ("", "can't be used without an account"),
        (", user: u", "can't be used without an account"),
        (", user: u, secret: s", "has both a secret and an account"),
    ],
)
def test_a_turn_server_needs_one_way_in(tmp_path: Path, account: str, message: str) -> None:
    (fault,) = faults_of(tmp_path, f"{{turn: [{{url: 'turn:h'{account}}}]}}")
    assert fault.message == message
    assert "secret" in fault.allowed


def test_an_unknown_key_of_a_turn_server_is_refused_with_those_that_it_has(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path, "{turn: [{url: 'turn:h', secret: s, passwort: x}]}")
    assert fault.key == "webrtc.turn[0].passwort"
    assert fault.allowed == "password, secret, url, user"


def test_passwords_come_from_the_environment_and_are_never_shown(tmp_path: Path) -> None:
    text = "{turn: [{url: 'turn:h', user: u, password: '${TURN_PASSWORD}'}]}"
    webrtc = load(tmp_path, text, {"TURN_PASSWORD": "canary"})
    password = webrtc.turn[0].password
    assert password is not None
    assert password.get_secret_value() == "canary"
    dumps: list[Any] = [webrtc, webrtc.model_dump(), webrtc.model_dump_json()]
    assert not any("canary" in f"{dump!r}{dump}" for dump in dumps)


@pytest.mark.parametrize("key", ["password", "secret"])
def test_a_wrong_secret_is_not_shown(tmp_path: Path, key: str) -> None:
    faults = faults_of(tmp_path, f"{{turn: [{{url: 'turn:h', user: u, {key}: 471147}}]}}")
    assert faults
    assert not any("471147" in str(fault) for fault in faults)


def test_a_user_in_the_url_is_refused_without_showing_it(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path, "{turn: [{url: 'turn:u:canary@h', secret: s}]}")
    assert "belong beside it" in fault.message
    assert "canary" not in str(fault)


def test_too_many_servers_are_refused(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path, "{stun: ['stun:a', 'stun:b', 'stun:c', 'stun:d', 'stun:e']}")
    assert fault.allowed == "at most 4"
