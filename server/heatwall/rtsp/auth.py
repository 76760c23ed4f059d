"""Proves and checks passwords by Basic (RFC 7617) and Digest (RFC 7616, RFC 2617)."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_CONTROLS = r"\x00-\x08\x0a-\x1f\x7f"
_PARAMETER = re.compile(
    rf'([A-Za-z]+)[ \t]*=[ \t]*(?:"((?:[^"\\{_CONTROLS}]|\\[^{_CONTROLS}])*)"'
    rf'|([^\s",{_CONTROLS}]+))'
)
"""What RFC 7230, section 3.2.6 lets into a token and a quoted-string: a line end in a nonce would
come back as one in our own request."""
_HASHES = {"SHA-256": hashlib.sha256, "MD5": hashlib.md5}
"""The best first."""


def parse_parameters(text: str) -> dict[str, str]:
    """Return the `name=value` pairs of a header, names in lower case."""
    return {
        name.lower(): re.sub(r"\\(.)", r"\1", quoted) if quoted else plain
        for name, quoted, plain in _PARAMETER.findall(text)
    }


def digest_response(user: str, password: str, *, method: str, given: Mapping[str, str]) -> str:
    """Return the response in hexadecimal (RFC 7616 section 3.4.1, RFC 2617 section 3.2.2.1).

    Args:
        user: Account.
        password: Its password.
        method: RTSP method.
        given: The parameters `realm`, `nonce`, `uri`, `algorithm` (MD5 when it is missing) and,
            with qop, `qop`, `nc` and `cnonce`.
    """
    make = _HASHES[given.get("algorithm", "MD5").upper()]

    def hashed(text: str) -> str:
        return make(text.encode(), usedforsecurity=False).hexdigest()

    secret = hashed(f"{user}:{given['realm']}:{password}")
    request = hashed(f"{method}:{given['uri']}")
    nonce = given.get("nonce", "")
    if given.get("qop"):
        middle = f"{nonce}:{given.get('nc', '')}:{given.get('cnonce', '')}:{given['qop']}"
    else:
        middle = nonce
    return hashed(f"{secret}:{middle}:{request}")


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way in which a camera lets the password be proved, that we know.

    Attributes:
        scheme: `digest` or `basic`.
        parameters: Names in lower case.
    """

    scheme: str
    parameters: Mapping[str, str]

    @property
    def is_stale(self) -> bool:
        """Whether the password was right and only the nonce too old (RFC 7616 section 3.3)."""
        return self.parameters.get("stale", "").lower() == "true"


def choose_challenge(values: Iterable[str]) -> Challenge | None:
    """Return the strongest challenge that can be answered, None when there is none.

    Args:
        values: Those of the WWW-Authenticate headers, one challenge in each, as all cameras do.
    """
    known: dict[str, Challenge] = {}
    for value in values:
        scheme, _, rest = value.strip().partition(" ")
        parameters = parse_parameters(rest)
        if scheme.lower() == "basic":
            known.setdefault("basic", Challenge("basic", parameters))
        elif scheme.lower() == "digest":
            algorithm = parameters.get("algorithm", "MD5").upper()
            qops = [one.strip() for one in parameters.get("qop", "auth").lower().split(",")]
            if algorithm in _HASHES and "auth" in qops and "nonce" in parameters:
                known.setdefault(algorithm, Challenge("digest", parameters))
    return next((known[name] for name in (*_HASHES, "basic") if name in known), None)


class Prover:
    """Answers one camera's challenges. Not thread-safe.

    Args:
        user: Account.
        password: Its password.
        cnonce: Random text of the client's own (RFC 7616 section 5.4).
    """

    def __init__(self, user: str, password: str, cnonce: str) -> None:
        self._user = user
        self._password = password
        self._cnonce = cnonce
        self._challenge: Challenge | None = None
        self._count = 0

    def take(self, challenge: Challenge) -> None:
        """Answer `challenge` from now on."""
        self._challenge = challenge
        self._count = 0

    def authorization(self, method: str, uri: str) -> str | None:
        """Return the Authorization header for a request, None before any challenge."""
        if self._challenge is None:
            return None
        if self._challenge.scheme == "basic":
            account = f"{self._user}:{self._password}".encode()
            return "Basic " + base64.b64encode(account).decode("ascii")
        asked = self._challenge.parameters
        given = {"realm": asked.get("realm", ""), "nonce": asked["nonce"], "uri": uri}
        given |= {name: asked[name] for name in ("algorithm", "opaque") if name in asked}
        if "qop" in asked:
            self._count += 1
            given |= {"qop": "auth", "nc": f"{self._count:08x}", "cnonce": self._cnonce}
        response = digest_response(self._user, self._password, method=method, given=given)
        # RFC 7616 section 3.4 wants some without quotes, and cameras are known to insist.
        fields = [f"username={_quoted(self._user)}"] + [
            f"{name}={value if name in _BARE else _quoted(value)}"
            for name, value in (given | {"response": response}).items()
        ]
        return "Digest " + ", ".join(fields)


_BARE = frozenset({"algorithm", "qop", "nc"})


def _quoted(text: str) -> str:
    """Return a quoted-string (RFC 7230 section 3.2.6)."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
