from __future__ import annotations

import ipaddress

import pytest

from heatwall.forwarded import ClientAddress, Proxy, trace

NGINX = Proxy((ipaddress.ip_network("127.0.0.1"), ipaddress.ip_network("10.0.0.0/8")))
STANDARD = Proxy(NGINX.trusted, is_standard=True)


def seen(proxy: Proxy, peer: str, **headers: str) -> ClientAddress:
    """Return who sent a request whose headers are given with underscores."""
    lines = {name.replace("_", "-"): [value] for name, value in headers.items()}
    return trace(proxy, peer, "http", "wall:8080", lines)


def test_nobody_is_believed_who_is_not_trusted() -> None:
    told = seen(
        NGINX,
        "192.0.2.7",
        X_Forwarded_For="10.0.0.1",
        X_Forwarded_Proto="https",
        X_Forwarded_Host="evil.example",
    )
    assert told == ClientAddress("192.0.2.7", "http", "wall:8080", False, True)


def test_a_trusted_proxy_says_who_asks_and_how() -> None:
    told = seen(
        NGINX,
        "127.0.0.1",
        X_Forwarded_For="192.0.2.7",
        X_Forwarded_Proto="https",
        X_Forwarded_Host="shop.example",
    )
    assert told == ClientAddress("192.0.2.7", "https", "shop.example", True, True)


@pytest.mark.parametrize(
    ("chain", "ip"),
    [
        ("198.51.100.1, 192.0.2.7", "192.0.2.7"),  # the first was made up by the client
        ("192.0.2.7, 10.1.2.3", "192.0.2.7"),  # two proxies of ours
        ("10.9.9.9, 10.1.2.3", "10.9.9.9"),  # a client in the proxies' own network
        ("192.0.2.7:4711", "192.0.2.7"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("unknown", "127.0.0.1"),
        ("192.0.2.7, nonsense", "127.0.0.1"),
        (",,", "127.0.0.1"),
        ("", "127.0.0.1"),
    ],
)
def test_the_client_is_the_last_one_who_is_no_proxy(chain: str, ip: str) -> None:
    assert seen(NGINX, "127.0.0.1", X_Forwarded_For=chain).ip == ip


@pytest.mark.parametrize(
    ("value", "ip", "scheme"),
    [
        ("for=192.0.2.7;proto=https", "192.0.2.7", "https"),
        ('For="[2001:db8::1]:4711"', "2001:db8::1", "http"),
        ('for=198.51.100.1, for="192.0.2.7";proto=HTTPS', "192.0.2.7", "https"),
        ("for=_hidden;proto=https", "127.0.0.1", "https"),
        ('for="192.0.2.7', "127.0.0.1", "http"),
        ("for=192.0.2.7;proto=gopher", "192.0.2.7", "http"),
        ("", "127.0.0.1", "http"),
    ],
)
def test_the_standard_header_is_understood(value: str, ip: str, scheme: str) -> None:
    told = seen(STANDARD, "127.0.0.1", Forwarded=value)
    assert (told.ip, told.scheme) == (ip, scheme)


def test_the_header_that_the_proxy_does_not_set_is_the_clients_and_is_ignored() -> None:
    both = {"Forwarded": "for=198.51.100.1", "X_Forwarded_For": "192.0.2.7"}
    assert seen(NGINX, "127.0.0.1", **both).ip == "192.0.2.7"
    assert seen(STANDARD, "127.0.0.1", **both).ip == "198.51.100.1"


def test_a_host_that_is_none_is_not_believed() -> None:
    assert seen(NGINX, "127.0.0.1", X_Forwarded_Host="a/b").host == "wall:8080"
    assert seen(STANDARD, "127.0.0.1", Forwarded='for=1.2.3.4;host="shop:443"').host == "shop:443"


def test_a_long_made_up_chain_costs_nothing() -> None:
    chain = ", ".join(["10.0.0.1"] * 100_000)
    assert seen(NGINX, "127.0.0.1", X_Forwarded_For=chain).ip == "10.0.0.1"
