"""What a viewer is told of the STUN and TURN servers, as browsers take it. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

from heatwall.config import TurnConfig, WebRtcConfig

LIFETIME_S = 12 * 3600
"""How long a password made of a shared secret holds: a working day. A page that reconnects asks
for a new one; coturn looks at the time only when a relay is asked for."""

_USER = "heatwall"
"""Whom the TURN server finds in its log behind the time."""


@dataclass(frozen=True, slots=True)
class IceServer:
    """One server with its account, if it needs one: an RTCIceServer of the WebRTC API.

    Attributes:
        url: Where it is.
        username: The account's user; None for a STUN server.
        credential: Its password.
    """

    url: str
    username: str | None = None
    credential: str | None = None

    def __repr__(self) -> str:
        """Return it without its password."""
        return f"IceServer({self.url!r})"

    def link(self) -> str:
        """Return the value of a Link header that tells it (RFC 9725 section 4.6)."""
        account = "" if self.username is None else f'; username="{_quoted(self.username)}"'
        if self.credential is not None:
            account += f'; credential="{_quoted(self.credential)}"; credential-type="password"'
        return f'<{self.url}>; rel="ice-server"{account}'


def account_of(turn: TurnConfig, now_s: float, lifetime_s: float = LIFETIME_S) -> tuple[str, str]:
    """Return user and password for a TURN server.

    Of a shared secret both are made as in draft-uberti-behave-turn-rest-00 section 2.2: the user
    begins with the time until which it holds, and the password is the HMAC-SHA1 of the user.

    Args:
        turn: The server.
        now_s: Seconds since 1970 UTC.
        lifetime_s: How long they shall hold, if they are made of a secret.
    """
    if turn.secret is None:
        password = turn.password.get_secret_value() if turn.password else ""
        return turn.user or "", password
    user = f"{int(now_s + lifetime_s)}:{_USER}"
    key = turn.secret.get_secret_value().encode()
    digest = hmac.new(key, user.encode(), hashlib.sha1).digest()
    return user, base64.b64encode(digest).decode()


def servers_for_viewers(config: WebRtcConfig, now_s: float) -> tuple[IceServer, ...]:
    """Return the servers that a viewer may use: of TURN those too that this server can't reach."""
    stun = [IceServer(str(url)) for url in config.stun]
    turn = [IceServer(str(one.url), *account_of(one, now_s)) for one in config.turn]
    return (*stun, *turn)


def links(servers: Iterable[IceServer]) -> str:
    """Return one Link header that tells all of them (RFC 8288 section 3)."""
    return ", ".join(server.link() for server in servers)


def _quoted(text: str) -> str:
    """Return `text` as it stands in a quoted string (RFC 9110 section 5.6.4)."""
    return text.replace("\\", "\\\\").replace('"', '\\"')
