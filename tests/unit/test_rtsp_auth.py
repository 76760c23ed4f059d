from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatwall.rtsp.auth import Prover, choose_challenge, digest_response, parse_parameters
from heatwall.simulator.auth import REALM, Credentials, Verdict

URI = "rtsp://host/cam1"


def prover(challenge: str, user: str = "viewer", password: str = "secret") -> Prover:  # noqa: S107 - no real one
    chosen = choose_challenge([challenge])
    assert chosen is not None
    made = Prover(user, password, "c0")
    made.take(chosen)
    return made


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_digests_are_those_of_rfc_7616(algorithm: str, response: str) -> None:
    # Section 3.9.1.
    given_parameters = {
        "realm": "http-auth@example.org",
        "uri": "/dir/index.html",
        "algorithm": algorithm,
        "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        "nc": "00000001",
        "cnonce": "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        "qop": "auth",
    }
    found = digest_response("Mufasa", "Circle of Life", method="GET", given=given_parameters)
    assert found == response


@pytest.mark.parametrize(
    ("user", "password", "header"),
    [
        # RFC 7617 sections 2 and 2.1.
        ("Aladdin", "open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        ("test", "123£", "Basic dGVzdDoxMjPCow=="),
    ],
)
def test_basic_is_that_of_rfc_7617(user: str, password: str, header: str) -> None:
    assert prover('Basic realm="x"', user, password).authorization("GET", URI) == header


def test_nothing_is_proved_before_it_is_asked_for() -> None:
    assert Prover("viewer", "secret", "c0").authorization("DESCRIBE", URI) is None


def test_the_strongest_challenge_that_is_known_is_taken() -> None:
    offers = [
        'Basic realm="r"',
        'Digest realm="r", nonce="1", algorithm=MD5',
        'Digest realm="r", nonce="2", algorithm=SHA-256, qop="auth-int,auth"',
        'Digest realm="r", nonce="3", algorithm=SHA-512-256',
    ]
    chosen = [choose_challenge(offers[:count]) for count in range(5)]
    assert chosen[0] is None
    assert [one.parameters.get("nonce") for one in chosen[1:] if one] == [None, "1", "2", "2"]
    assert choose_challenge(offers[3:]) is None


@pytest.mark.parametrize(
    "offer", ['Digest realm="r"', 'Digest nonce="1", qop="auth-int"', "Bearer x", ""]
)
def test_a_challenge_that_can_not_be_answered_is_none(offer: str) -> None:
    assert choose_challenge([offer]) is None


@pytest.mark.parametrize("end", ["\r", "\\\r", "\r\n", "\0", "\x7f"])
def test_a_line_end_in_a_nonce_is_none_in_a_request(end: str) -> None:
    assert choose_challenge([f'Digest realm="r", nonce="1{end}X-Mine: 2"']) is None
    assert parse_parameters(f'realm="1{end}2", nonce=3') == {"nonce": "3"}


def test_an_old_nonce_is_told_from_a_wrong_password() -> None:
    stale = choose_challenge(['Digest nonce="1", stale=TRUE'])
    fresh = choose_challenge(['Digest nonce="1"'])
    assert stale is not None
    assert stale.is_stale
    assert fresh is not None
    assert not fresh.is_stale


def test_requests_within_one_nonce_are_numbered() -> None:
    made = prover('Digest realm="r", nonce="n", qop="auth", opaque="o"')
    headers = [made.authorization("PLAY", URI) or "" for _ in range(2)]
    assert [parse_parameters(header)["nc"] for header in headers] == ["00000001", "00000002"]
    assert parse_parameters(headers[0])["opaque"] == "o"
    assert headers[0] != headers[1]


def test_without_qop_there_is_neither_number_nor_nonce_of_ones_own() -> None:
    header = prover('Digest realm="r", nonce="n"').authorization("PLAY", URI) or ""
    assert set(parse_parameters(header)) == {"username", "realm", "nonce", "uri", "response"}


texts = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_characters="\x7f"))


@given(texts.filter(lambda text: ":" not in text), texts, st.booleans())
def test_the_simulator_grants_what_is_proved(user: str, password: str, is_basic: bool) -> None:
    account = Credentials(user, password)
    offer = account.challenges("n0")[is_basic]
    header = prover(offer, user, password).authorization("PLAY", URI)
    assert account.check(header, method="PLAY", uri=URI, nonce="n0") is Verdict.GRANTED
    wrong = prover(offer, user, password + "x").authorization("PLAY", URI)
    assert account.check(wrong, method="PLAY", uri=URI, nonce="n0") is Verdict.REFUSED


@given(st.text(max_size=200))
def test_no_challenge_breaks_it(text: str) -> None:
    chosen = choose_challenge([text, f"Digest {text}", f'Digest nonce="{text}", realm="{REALM}"'])
    if chosen is not None:
        made = Prover("viewer", "secret", "c0")
        made.take(chosen)
        assert made.authorization("PLAY", URI)
