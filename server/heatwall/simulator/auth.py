"""Checks RTSP credentials by Basic (RFC 7617) or Digest with MD5 (RFC 2617, RFC 7616)."""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass
from enum import Enum, StrEnum

from heatwall.rtsp.auth import digest_response, parse_parameters

REALM = "Heatwall simulated camera"
"""Shown to users who are asked for a password; part of every digest."""


class AuthScheme(StrEnum):
    """The ways of proving a password that RTSP cameras offer."""

    DIGEST = "digest"
    BASIC = "basic"


class Verdict(Enum):
    """What a check found."""

    GRANTED = "granted"
    REFUSED = "refused"
    """No credentials, or wrong ones."""
    STALE = "stale"
    """The right password, proved with an old nonce: the client may try again by itself."""


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """The account of one simulated camera.

    Attributes:
        user: Without a colon.
        password: Any text.
        schemes: What the camera offers, in order of preference.
    """

    user: str
    password: str
    schemes: tuple[AuthScheme, ...] = (AuthScheme.DIGEST, AuthScheme.BASIC)

    def __repr__(self) -> str:
        """Return a form without the password."""
        return f"Credentials(user={self.user!r}, password=***)"

    def challenges(self, nonce: str, *, is_stale: bool = False) -> list[str]:
        """Return the values of the WWW-Authenticate headers, one for each scheme."""
        stale = ", stale=true" if is_stale else ""
        values = {
            AuthScheme.DIGEST: (
                f'Digest realm="{REALM}", nonce="{nonce}", algorithm=MD5, qop="auth"{stale}'
            ),
            AuthScheme.BASIC: f'Basic realm="{REALM}"',
        }
        return [values[scheme] for scheme in self.schemes]

    def check(self, authorization: str | None, *, method: str, uri: str, nonce: str) -> Verdict:
        """Return whether `authorization` proves the password.

        Replays within one nonce are not looked for: the nonce belongs to one connection.

        Args:
            authorization: Value of the Authorization header, None without one.
            method: Method of the request, part of the digest.
            uri: URI of the request line, which the digest must name.
            nonce: The nonce given out on this connection.
        """
        scheme, _, rest = (authorization or "").strip().partition(" ")
        if scheme.lower() == "basic" and AuthScheme.BASIC in self.schemes:
            return self._check_basic(rest)
        if scheme.lower() == "digest" and AuthScheme.DIGEST in self.schemes:
            return self._check_digest(rest, method, uri, nonce)
        return Verdict.REFUSED

    def _check_basic(self, encoded: str) -> Verdict:
        """Check `base64(user:password)` (RFC 7617 section 2)."""
        try:
            given = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            return Verdict.REFUSED
        wanted = f"{self.user}:{self.password}".encode()
        return Verdict.GRANTED if hmac.compare_digest(given, wanted) else Verdict.REFUSED

    def _check_digest(self, text: str, method: str, uri: str, nonce: str) -> Verdict:
        """Check the request-digest (RFC 2617 section 3.2.2.1, with and without qop)."""
        given = parse_parameters(text)
        if given.get("username") != self.user or given.get("uri") != uri:
            return Verdict.REFUSED
        if given.get("algorithm", "MD5").upper() != "MD5":
            return Verdict.REFUSED
        wanted = digest_response(
            self.user,
            self.password,
            method=method,
            given={**given, "realm": REALM},
        )
        if not hmac.compare_digest(given.get("response", "").lower().encode(), wanted.encode()):
            return Verdict.REFUSED
        return Verdict.GRANTED if given.get("nonce") == nonce else Verdict.STALE
