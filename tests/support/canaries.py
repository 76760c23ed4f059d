"""Secrets that are made up to be looked for, in all the forms in which they could come out."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus

_ALIGNMENTS = 3
"""Where a text can stand in Base64, three bytes of which are four characters."""


def forms_of(secret: str) -> dict[str, bytes]:
    """Return what a secret looks like, by the name of the form.

    Of Base64 the part that is the same whatever stands around the secret.
    """
    forms = {
        "plain": secret.encode(),
        "percent-encoded": quote(secret, safe="").encode(),
        "percent-encoded path": quote(secret).encode(),
        "form-encoded": quote_plus(secret).encode(),
        "JSON": json.dumps(secret)[1:-1].encode(),
        "JSON, not ASCII": json.dumps(secret, ensure_ascii=False)[1:-1].encode(),
        "HTML": html.escape(secret).encode(),
        "Python": repr(secret)[1:-1].encode(),
        "bytes in Python": repr(secret.encode())[2:-1].encode(),
        "UTF-16": secret.encode("utf-16-le"),
        "hexadecimal": secret.encode().hex().encode(),
    }
    for shift in range(_ALIGNMENTS):
        whole = base64.b64encode(b"\0" * shift + secret.encode())
        # The first group holds what stands before, the last what follows.
        middle = whole[4 if shift else 0 : (shift + len(secret.encode())) // 3 * 4]
        forms[f"Base64 at {shift}"] = middle
        forms[f"Base64 for URLs at {shift}"] = middle.translate(bytes.maketrans(b"+/", b"-_"))
    return forms


def leaks(
    secrets: Mapping[str, str], channels: Mapping[str, bytes], allowed: Iterable[tuple[str, str]]
) -> list[str]:
    """Return a line for each secret that stands in a channel.

    Args:
        secrets: By name.
        channels: What came out, by name.
        allowed: Names of a secret and of the channel that has to tell it.
    """
    may = set(allowed)
    found = {
        (name, channel): f"{name} stands in {channel} ({form}): …{_around(text, looked_for)}…"
        for name, secret in secrets.items()
        for form, looked_for in forms_of(secret).items()
        for channel, text in channels.items()
        if looked_for in text and (name, channel) not in may
    }
    return list(found.values())


def _around(text: bytes, found: bytes) -> str:
    at = text.index(found)
    return ascii(text[max(0, at - 120) : at + len(found) + 40].decode(errors="replace"))
