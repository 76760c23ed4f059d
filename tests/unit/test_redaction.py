from __future__ import annotations

import json
from html import escape
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatwall.redaction import (
    KNOWN,
    KnownSecrets,
    environment_without_secrets,
    redact,
    secrets_in_url,
)

SECRET = "hunter-Zwölf/#2"  # not found by what stands around it


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Basic YWRtaW46aHVudGVy\r\nCSeq: 2",
        "proxy-authorization: Digest username=admin, response=YWRtaW46aHVudGVy",
        "{'Authorization': 'Bearer YWRtaW46aHVudGVy'}",
        "got Bearer YWRtaW46aHVudGVy from 192.0.2.4",
        "Cookie: heatwall=YWRtaW46aHVudGVy; theme=dark",
        "Set-Cookie: heatwall=YWRtaW46aHVudGVy",
        "/video?user=x&password=YWRtaW46aHVudGVy&channel=1 answered 404",
        "mqtt_password=YWRtaW46aHVudGVy",
        'api-key="x" and token=YWRtaW46aHVudGVy)',
        '{"user": "anna", "password": "YWRtaW46\\"aHVudGVy"}',
        "{'client_secret': 'YWRtaW46aHVudGVy'}",
        "a=ice-pwd:YWRtaW46aHVudGVy",
        "$argon2id$v=19$m=65536,t=3,p=4$YWRtaW46$aHVudGVy",
        f"sha256:{b'YWRtaW46aHVudGVy'.hex()}",
    ],
)
def test_headers_pairs_and_hashes_are_hidden_by_how_they_look(text: str) -> None:
    told = redact(text)
    assert "***" in told
    assert "YWRtaW46" not in told
    assert "aHVudGVy" not in told
    assert b"YWRtaW46aHVudGVy".hex() not in told


def test_what_stands_beside_a_secret_is_left() -> None:
    assert redact("Authorization: Basic abcdef==\r\nCSeq: 2") == "Authorization: ***\r\nCSeq: 2"
    assert redact("/v?password=abc&channel=1 → 404") == "/v?password=***&channel=1 → 404"
    assert redact('{"password": "abc", "user": "anna"}') == '{"password": "***", "user": "anna"}'


@pytest.mark.parametrize(
    "text",
    [
        "auth.users.anna.password: is too short (allowed: at least 8 characters)",
        "the camera refused the user or password",
        "Basic authentication is needed",
        "4 tokens a second; secret files lie in /run/secrets/door",
    ],
)
def test_talk_of_passwords_is_left_as_it_is(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    "form", [SECRET, quote(SECRET, safe=""), quote(SECRET), json.dumps(SECRET)[1:-1]]
)
@pytest.mark.parametrize("added", [SECRET, quote(SECRET, safe="")])
def test_a_known_secret_is_hidden_bare_in_every_form(added: str, form: str) -> None:
    KNOWN.add([added])
    assert redact(f"libav says:{form}!") == "libav says:***!"
    assert KNOWN.is_in(f"x{form}x")
    assert not KNOWN.is_in("nothing")


def test_a_short_secret_is_hidden_as_a_word_and_not_inside_of_one() -> None:
    KNOWN.add(["door"])
    assert redact("user:door@ indoors door's") == "user:***@ indoors ***'s"


def test_a_secret_of_three_characters_would_hide_everything() -> None:
    KNOWN.add(["abc"])
    assert redact("abc") == "abc"


def test_the_longer_of_two_secrets_is_hidden_as_a_whole() -> None:
    KNOWN.add(["long-secret"])
    KNOWN.add(["long-secret-of-another"])
    assert redact("long-secret-of-another") == "***"


def test_what_was_known_longest_is_forgotten_at_some_time() -> None:
    known = KnownSecrets()
    known.add(f"number-{number}" for number in range(5000))
    assert known.hide("number-0x number-4999") == "number-0x ***"
    assert not known.is_in("number-17 ")


@given(st.text(alphabet=st.characters(codec="utf-8"), min_size=8))
def test_no_secret_of_eight_characters_gets_through(secret: str) -> None:
    known = KnownSecrets()
    known.add([secret])
    for form in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1], escape(secret)):
        if len(form) >= 8:
            assert form not in known.hide(f"<{form}>")


@pytest.mark.parametrize(
    ("url", "secrets"),
    [
        ("rtsp://u:p%40ss@h/s", ("p%40ss", "dTpwQHNz")),
        ("http://h/v?user=u&pwd=one&channel=2&access_token=two", ("one", "two")),
        ("rtsp://h/s", ()),
        ("rtsp://u@h/s", ()),
        ("rtsp://[::1", ()),
    ],
)
def test_a_urls_secrets_are_its_password_and_those_of_its_query(
    url: str, secrets: tuple[str, ...]
) -> None:
    """The password also as Basic has it, in Base64 with the user."""
    assert secrets_in_url(url) == secrets


def test_a_process_that_needs_no_secret_gets_none_by_its_environment() -> None:
    KNOWN.add(["canary-of-the-door"])
    env = {
        "PATH": "/usr/bin",
        "DOOR": "canary-of-the-door",
        "URL": "rtsp://u:canary-of-the-door@h/",
        "TILL_PASSWORD": "of a camera that is not in the config",
        "API_KEY": "of another program",
    }
    assert environment_without_secrets(env) == {"PATH": "/usr/bin"}
