"""Signing what a webhook is told, so that its receiver knows from whom it is, and when."""

from __future__ import annotations

import hashlib
import hmac


def sign(body: bytes, secret: str, at: int) -> str:
    """Return the header `Heatwall-Signature`: `t=…,v1=…`.

    v1 is HMAC-SHA256 (RFC 2104) of the time, a full stop and the body, in hexadecimal. A receiver
    computes the same, compares in constant time, and refuses what is older than some minutes, so
    that nobody can send it again.

    Args:
        body: As it is sent.
        secret: What both know.
        at: Seconds since 1970 UTC.
    """
    text = f"{at}.".encode() + body
    return f"t={at},v1={hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()}"
