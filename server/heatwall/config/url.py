"""What makes a camera's URL usable."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import unquote, urlsplit

from heatwall.redaction import HIDDEN
from heatwall.values import SecretUrl

SCHEMES = ("rtsp", "rtsps", "http", "https")
"""What a camera's stream is opened with."""

_LONGEST = 4096
"""Characters; longer ones are mistakes, and libavformat cuts off at 4096."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

ALLOWED_URL = (
    "rtsp://, rtsps://, http:// or https:// with a host, such as "
    "rtsp://viewer:${PASSWORD}@192.0.2.11/stream1"
)
"""What may be written for a camera's URL, for people."""

_ENCODE = "write special characters of the user and password as %XX (/ is %2F, @ is %40, # is %23)"


def without_path(url: str | SecretUrl) -> str:
    """Return a URL whose path may be a secret, as a webhook's is: its scheme and host alone."""
    shown = str(SecretUrl(url) if isinstance(url, str) else url)
    scheme, mark, rest = shown.partition("://")
    host, slash, path = rest.partition("/")
    return scheme + mark + host + (f"/{HIDDEN}" if path or "?" in host else slash)


def parse_url(value: str | SecretUrl) -> SecretUrl:
    """Return the URL, checked.

    Raises:
        ValueError: The URL can't be opened as a camera; the text shows nothing of the URL.
    """
    return check_url(value, SCHEMES)


def check_url(value: str | SecretUrl, schemes: Collection[str]) -> SecretUrl:
    """Return the URL, checked to have one of some schemes and a host.

    Raises:
        ValueError: It can't be opened; the text shows nothing of the URL.
    """
    url = value.secret if isinstance(value, SecretUrl) else value.strip()
    if not url.isprintable() or " " in url:
        raise ValueError("has spaces or characters that can't be printed")
    if len(url) > _LONGEST:
        raise ValueError("is too long")
    if "://" not in url:
        raise ValueError("is not a URL")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(f"has a host or port that can't be read; {_ENCODE}") from None
    if parts.scheme.lower() not in schemes:
        raise ValueError("has a scheme that can't be opened")
    if not parts.hostname or port == 0:
        raise ValueError("has no host" if not parts.hostname else "has port 0")
    if _CONTROL.search(unquote(f"{parts.username}{parts.password}")):
        # A line end in it would be one in a request.
        raise ValueError("has a control character in its user or password")
    if "@" not in parts.netloc and "@" in url:
        # rtsp://user:12/34@host would otherwise connect to the host `user`.
        raise ValueError(f"has an @ after the host; {_ENCODE}, or %40 for an @ in the path")
    return SecretUrl(url)
