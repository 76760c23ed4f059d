from __future__ import annotations

import pytest

from heatwall.config.url import parse_url
from heatwall.values import SecretUrl


@pytest.mark.parametrize(
    "url",
    [
        "rtsp://192.0.2.11/stream1",
        "rtsps://viewer:secret@camera.example:322/a?b=c",
        "http://[2001:db8::1]:8000/video.mjpg",
        "https://h/x@y%40z".replace("@", "%40"),
        "RTSP://h/",
        "rtsp://user:p%2Fw@h/live@main",
    ],
)
def test_urls_of_cameras_are_taken_as_they_are(url: str) -> None:
    assert parse_url(url) == SecretUrl(url)
    assert parse_url(f" {url}\n") == SecretUrl(url)
    assert parse_url(SecretUrl(url)) == SecretUrl(url)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "not a URL"),
        ("192.0.2.11/stream1", "not a URL"),
        ("rtsp:/h/x", "not a URL"),
        ("file:///etc/passwd", "scheme"),
        ("concat://a|b", "scheme"),
        ("rtsp:///stream", "no host"),
        ("rtsp://user:pw@/stream", "no host"),
        ("rtsp://h:0/", "port 0"),
        ("rtsp://h:70000/", "host or port"),
        ("rtsp://[::1/", "host or port"),
        ("rtsp://h/a b", "spaces"),
        ("rtsp://h/a\nb", "spaces or characters"),
        ("rtsp://h/" + "a" * 5000, "too long"),
        ("rtsp://us%0Aer:pw@h/", "control character"),
        ("rtsp://user:p%00w@h/", "control character"),
    ],
)
def test_what_can_not_be_opened_is_refused(url: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_url(url)


@pytest.mark.parametrize("password", ["hun/ter2", "12/34", "hun#ter2", "hun?ter2", "12?34"])
def test_a_password_that_would_be_taken_for_a_path_is_refused_and_not_shown(password: str) -> None:
    with pytest.raises(ValueError, match="%2F") as caught:
        parse_url(f"rtsp://admin:{password}@192.0.2.11/stream1")
    assert password not in str(caught.value)
