from __future__ import annotations

import base64
import hashlib
import hmac

from pydantic import SecretStr

from heatwall.config import TurnConfig, WebRtcConfig
from heatwall.delivery.ice_servers import (
    LIFETIME_S,
    IceServer,
    account_of,
    links,
    servers_for_viewers,
)

CONFIG = WebRtcConfig.model_validate(
    {
        "stun": ["stun:192.0.2.1"],
        "turn": [
            {"url": "turn:192.0.2.1", "secret": "north"},
            {"url": "turns:turn.example.org", "user": "wall", "password": 'pass"word'},
        ],
    }
)


def _turn(**account: str) -> TurnConfig:
    return TurnConfig.model_validate({"url": "turn:h", **account})


def test_a_password_made_of_a_secret_says_until_when_it_holds() -> None:
    user, password = account_of(_turn(secret="north"), now_s=1_700_000_000.9, lifetime_s=600)
    assert user == "1700000600:heatwall"
    digest = hmac.new(b"north", user.encode(), hashlib.sha1).digest()
    assert password == base64.b64encode(digest).decode()


def test_a_known_secret_makes_the_known_password() -> None:
    # HMAC-SHA1 of "1700000600:heatwall" by OpenSSL.
    user, password = account_of(_turn(secret="north"), now_s=1_700_000_000, lifetime_s=600)
    assert (user, password) == ("1700000600:heatwall", "RcMAA+Vh0IP4F+5LearawoA4VPQ=")


def test_an_account_is_told_as_it_is() -> None:
    assert account_of(_turn(user="wall", password="p"), now_s=0) == ("wall", "p")


def test_viewers_are_told_all_servers_and_never_the_secret() -> None:
    servers = servers_for_viewers(CONFIG, now_s=1_700_000_000)
    assert [server.url for server in servers] == [
        "stun:192.0.2.1:3478",
        "turn:192.0.2.1:3478?transport=udp",
        "turns:turn.example.org:5349?transport=tcp",
    ]
    assert servers[0].username is None
    assert servers[1].username == f"{1_700_000_000 + LIFETIME_S}:heatwall"
    assert "north" not in links(servers)


def test_servers_are_told_in_a_link_header() -> None:
    assert links([IceServer("stun:192.0.2.1:3478")]) == '<stun:192.0.2.1:3478>; rel="ice-server"'
    *_, account = links(servers_for_viewers(CONFIG, now_s=0)).split(", ")
    assert account == (
        '<turns:turn.example.org:5349?transport=tcp>; rel="ice-server"; username="wall"; '
        r'credential="pass\"word"; credential-type="password"'
    )


def test_a_server_prints_without_its_password() -> None:
    assert "canary" not in repr(IceServer("turn:h", "user", "canary"))
    turn = TurnConfig(url=CONFIG.turn[0].url, secret=SecretStr("canary"))
    assert "canary" not in f"{turn!r}{turn}"
