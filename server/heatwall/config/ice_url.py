"""What makes the URL of a STUN or TURN server usable."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Any

_DEFAULT_PORT = {"stun": 3478, "turn": 3478, "turns": 5349}
"""RFC 7064 section 3.2 and RFC 7065 section 3.2."""

_URL = re.compile(
    r"(?P<scheme>stun|turns?):(?P<host>\[[0-9A-Fa-f:.]+\]|[^\[\]:?@/\s]+)(?::(?P<port>\d{1,5}))?"
    r"(?:\?transport=(?P<transport>udp|tcp))?"
)

HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9-]+)*\.?")
"""A host name."""


@dataclass(frozen=True, slots=True)
class IceUrl:
    """Where a STUN or TURN server is (RFC 7064, RFC 7065).

    Attributes:
        scheme: `stun`, `turn`, or `turns` for TURN over TLS.
        host: Name or address, IPv6 without brackets.
        port: UDP or TCP port.
        transport: `udp` or `tcp`.
    """

    scheme: str
    host: str
    port: int
    transport: str

    def __str__(self) -> str:
        """Return the URL as browsers take it: STUN may not name its transport."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        query = "" if self.scheme == "stun" else f"?transport={self.transport}"
        return f"{self.scheme}:{host}:{self.port}{query}"


def parse_ice_url(value: Any, schemes: tuple[str, ...]) -> IceUrl:
    """Return the URL of a STUN or TURN server.

    Raises:
        ValueError: It is none; the text shows nothing of it.
    """
    if isinstance(value, IceUrl):
        return value
    if not isinstance(value, str):
        raise ValueError("is not a URL")
    if "@" in value:
        raise ValueError("has a user or password in it, which belong beside it")
    match = _URL.fullmatch(value.strip())
    if match is None or match["scheme"] not in schemes:
        raise ValueError("is not such a URL")
    scheme, transport = match["scheme"], match["transport"]
    if scheme == "stun" and transport is not None:
        raise ValueError("names a transport; STUN has UDP alone")
    if scheme == "turns" and transport == "udp":
        raise ValueError("asks for TLS over UDP, which is not served")
    port = int(match["port"] or _DEFAULT_PORT[scheme])
    if not 0 < port < 1 << 16:
        raise ValueError("has a port that does not exist")
    host = match["host"].strip("[]")
    if ":" in host or not HOST.fullmatch(host):
        host = str(_address(host))
    return IceUrl(scheme, host, port, transport or ("tcp" if scheme == "turns" else "udp"))


def _address(value: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        return ipaddress.ip_address(value)
    except ValueError:
        raise ValueError("has a host that can't be read") from None
