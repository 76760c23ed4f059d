from __future__ import annotations

import base64

import pytest

from heatwall.rtsp.auth import digest_response
from heatwall.simulator.auth import (
    REALM,
    AuthScheme,
    Credentials,
    Verdict,
)

ACCOUNT = Credentials("viewer", 'p:a"ss')
URI = "rtsp://host/cam1"


def _basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


def _digest(
    password: str, *, nonce: str = "n", method: str = "PLAY", uri: str = URI, qop: bool = True
) -> str:
    given = {"realm": REALM, "nonce": nonce, "uri": uri}
    if qop:
        given |= {"qop": "auth", "nc": "00000001", "cnonce": "c"}
    response = digest_response("viewer", password, method=method, given=given)
    fields = [f'{name}="{value}"' for name, value in given.items()]
    return f'Digest username="viewer", {", ".join(fields)}, response="{response}"'


def _check(header: str | None, account: Credentials = ACCOUNT) -> Verdict:
    return account.check(header, method="PLAY", uri=URI, nonce="n")


def test_the_digest_is_that_of_the_rfc() -> None:
    # The example of RFC 2617 section 3.5.
    given = {
        "realm": "testrealm@host.com",
        "nonce": "dcd98b7102dd2f0e8b11d0f600bfb0c093",
        "uri": "/dir/index.html",
        "qop": "auth",
        "nc": "00000001",
        "cnonce": "0a4f113b",
    }
    response = digest_response("Mufasa", "Circle Of Life", method="GET", given=given)
    assert response == "6629fae49393a05397450978507c4ef1"


@pytest.mark.parametrize("qop", [True, False])
def test_the_right_password_is_granted_by_digest(qop: bool) -> None:
    assert _check(_digest('p:a"ss', qop=qop)) is Verdict.GRANTED


def test_the_right_password_is_granted_by_basic() -> None:
    assert _check(_basic('viewer:p:a"ss')) is Verdict.GRANTED


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Basic",
        "Basic !!!",
        "Basic \xe9",
        _basic("viewer:wrong"),
        _basic("other:p:a"),
        _digest("wrong"),
        _digest('p:a"ss', method="SETUP"),
        _digest('p:a"ss', uri="rtsp://host/cam2"),
        _digest('p:a"ss').replace("viewer", "other"),
        _digest('p:a"ss') + ", algorithm=SHA-256",
        "Bearer abc",
    ],
)
def test_anything_else_is_refused(header: str | None) -> None:
    assert _check(header) is Verdict.REFUSED


def test_an_old_nonce_is_stale_rather_than_wrong() -> None:
    assert _check(_digest('p:a"ss', nonce="old")) is Verdict.STALE
    assert _check(_digest("wrong", nonce="old")) is Verdict.REFUSED


def test_only_the_schemes_of_the_camera_are_accepted_and_offered() -> None:
    basic = Credentials("viewer", 'p:a"ss', (AuthScheme.BASIC,))
    digest = Credentials("viewer", 'p:a"ss', (AuthScheme.DIGEST,))
    assert _check(_digest('p:a"ss'), basic) is Verdict.REFUSED
    assert _check(_basic('viewer:p:a"ss'), digest) is Verdict.REFUSED
    assert [c.split()[0] for c in basic.challenges("n")] == ["Basic"]
    assert [c.split()[0] for c in ACCOUNT.challenges("n")] == ["Digest", "Basic"]


def test_a_challenge_says_when_only_the_nonce_was_old() -> None:
    assert "stale=true" in ACCOUNT.challenges("n", is_stale=True)[0]
    assert "stale" not in ACCOUNT.challenges("n")[0]


def test_no_password_is_printed() -> None:
    assert 'a"ss' not in f"{ACCOUNT!r} {ACCOUNT}"
