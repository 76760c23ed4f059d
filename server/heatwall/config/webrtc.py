"""The settings of the pictures' way to the viewers: ports, addresses, STUN and TURN."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, SecretStr, field_validator, model_validator

from heatwall.config.rules import FromFile, Rule, fault, text
from heatwall.config.section import Section

_MOST_SERVERS = 4
"""Browsers warn from five on, since each one makes gathering slower."""

_MOST_ADDRESSES = 16
"""Each is repeated for every tile in an answer."""

_LOWEST_PORT = 1024
_MOST_PORTS = 10_000
"""All may have to be tried for one viewer, which takes about 5 µs each."""

_DEFAULT_PORT = {"stun": 3478, "turn": 3478, "turns": 5349}
"""RFC 7064 section 3.2 and RFC 7065 section 3.2."""

_URL = re.compile(
    r"(?P<scheme>stun|turns?):(?P<host>\[[0-9A-Fa-f:.]+\]|[^\[\]:?@/\s]+)(?::(?P<port>\d{1,5}))?"
    r"(?:\?transport=(?P<transport>udp|tcp))?"
)
_HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9-]+)*\.?")
_PORTS = re.compile(r"(\d{1,5})\s*[-–]\s*(\d{1,5})")


@dataclass(frozen=True, slots=True)
class PortRange:
    """UDP ports of which each viewer gets one.

    Attributes:
        low: The first.
        high: The last, which counts too.
    """

    low: int
    high: int

    def __str__(self) -> str:
        """Return it as in the file."""
        return f"{self.low}-{self.high}"

    def __len__(self) -> int:
        """Return how many there are."""
        return self.high - self.low + 1


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
    if ":" in host or not _HOST.fullmatch(host):
        host = str(_address(host))
    return IceUrl(scheme, host, port, transport or ("tcp" if scheme == "turns" else "udp"))


def _address(value: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        return ipaddress.ip_address(value)
    except ValueError:
        raise ValueError("has a host that can't be read") from None


def _parse_ports(value: Any, _file: FromFile | None) -> PortRange | None:
    if value is None or isinstance(value, PortRange):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    if word == "any":
        return None
    match = _PORTS.fullmatch(word)
    if match is None:
        raise ValueError("is not a range of ports")
    low, high = int(match[1]), int(match[2])
    if low > high:
        raise ValueError("begins after its end")
    if low < _LOWEST_PORT or high > 65535:
        raise ValueError("is out of range")
    if not 1 < high - low + 1 <= _MOST_PORTS:
        raise ValueError("has too few ports" if low == high else "has too many ports")
    return PortRange(low, high)


def _parse_announced(value: Any, _file: FromFile | None) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("is not an address")
    word = value.strip()
    try:
        address = ipaddress.ip_address(word)
    except ValueError:
        is_number = word.replace(".", "").isdigit()
        if ":" in word or is_number or not _HOST.fullmatch(word):
            raise ValueError("is not an address") from None
        return word
    if address.is_unspecified or address.is_multicast:
        raise ValueError("is an address that nobody has")
    return str(address)


def _parse_network(value: Any, _file: FromFile | None) -> str:
    if not isinstance(value, str):
        raise ValueError("is not a network")
    try:
        return str(ipaddress.ip_network(value.strip(), strict=False))
    except ValueError:
        raise ValueError("is not a network") from None


def _parse_secret(value: Any, _file: FromFile | None) -> SecretStr | None:
    if value is None or isinstance(value, SecretStr):
        return value
    if not isinstance(value, str):
        raise ValueError("is not text; put it in quotes")
    if not 0 < len(value) <= _LONGEST_SECRET:
        raise ValueError("is too long" if value else "is empty")
    return SecretStr(value)


_LONGEST_SECRET = 1024

PORTS = Rule(
    _parse_ports,
    f"any, or the first and the last port from {_LOWEST_PORT} to 65535, such as 50000-50100: one "
    f"for each viewer and some more, 2 to {_MOST_PORTS}",
    {"type": "string", "pattern": r"^\s*(any|\d{1,5}\s*[-–]\s*\d{1,5})\s*$"},
    lambda ports: "any" if ports is None else str(ports),
)
"""The UDP ports of the viewers; None for whatever is free."""

ANNOUNCED = Rule(
    _parse_announced,
    "an IPv4 or IPv6 address without a port, such as 203.0.113.5, or a host name",
    {"type": "string", "minLength": 1, "maxLength": 253},
)
"""An address that viewers reach this server by."""

NETWORK = Rule(
    _parse_network,
    "a network such as 192.168.0.0/16 or ::/0, or one address",
    {"type": "string", "minLength": 1},
)
"""A network of which this machine's own addresses may be told."""

STUN = Rule(
    lambda value, _file: parse_ice_url(value, ("stun",)),
    "stun:HOST or stun:HOST:PORT, such as stun:192.0.2.1:3478",
    {"type": "string", "pattern": "^stun:"},
    str,
)
"""A STUN server."""

TURN = Rule(
    lambda value, _file: parse_ice_url(value, ("turn", "turns")),
    "turn:HOST:PORT?transport=udp, turn:HOST:PORT?transport=tcp or turns:HOST:PORT",
    {"type": "string", "pattern": "^turns?:"},
    str,
)
"""A TURN server."""

SECRET = Rule(
    _parse_secret,
    f"text of 1 to {_LONGEST_SECRET} characters, best as ${{NAME}} or ${{file:/run/secrets/name}}",
    {"anyOf": [{"type": "string", "minLength": 1}, {"type": "null"}]},
    lambda secret: None if secret is None else "***",
)
"""A password or secret, which is never written back."""


def _parse_user(value: Any, file: FromFile | None) -> str | None:
    return None if value is None else str(_USER.parse(value, file))


_USER = text(128, "a user")

USER = Rule(
    _parse_user,
    _USER.allowed,
    {"anyOf": [{"type": "string", "minLength": 1, "maxLength": 128}, {"type": "null"}]},
)
"""The user of an account at a TURN server."""


class TurnConfig(Section):
    """One TURN server, by an account or by a secret that it shares with this server."""

    url: Annotated[IceUrl, TURN] = Field(description="Where it is, and how it is reached.")
    user: Annotated[str | None, USER] = Field(
        default=None, description="The account's user. Every viewer is told it and the password."
    )
    password: Annotated[SecretStr | None, SECRET] = Field(
        default=None, description="The account's password."
    )
    secret: Annotated[SecretStr | None, SECRET] = Field(
        default=None,
        description="In place of user and password: what the TURN server makes passwords of that "
        "end by themselves (coturn's static-auth-secret). Viewers never get to know it.",
    )

    @model_validator(mode="after")
    def _has_one_way_in(self) -> TurnConfig:
        account = (self.user is not None, self.password is not None)
        if self.secret is not None and any(account):
            raise fault("has both a secret and an account", "either secret, or user and password")
        if self.secret is None and not all(account):
            raise fault("can't be used without an account", "user and password, or secret")
        return self


class WebRtcConfig(Section):
    """How pictures get through networks."""

    ports: Annotated[PortRange | None, PORTS] = Field(
        default=None,
        description="UDP ports on which viewers are served: to be let through by a firewall or "
        "published by Docker. any takes what is free.",
    )
    announce: tuple[Annotated[str, ANNOUNCED], ...] = Field(
        default=(),
        description="Addresses by which viewers reach this server through a NAT or out of Docker "
        "that keeps the port's number. They are told beside this machine's own. Names are looked "
        "up again every minute.",
    )
    networks: tuple[Annotated[str, NETWORK], ...] = Field(
        default=("0.0.0.0/0", "::/0"),
        description="Of this machine's own addresses only those in these networks are used.",
    )
    stun: tuple[Annotated[IceUrl, STUN], ...] = Field(
        default=(),
        description="STUN servers, which tell a page and this server how others see them.",
    )
    turn: tuple[TurnConfig, ...] = Field(
        default=(),
        description="TURN servers, which carry the pictures where nothing else gets through.",
    )

    @field_validator("announce", "networks", "stun", "turn", mode="before")
    @classmethod
    def _nothing_means_none(cls, value: Any) -> Any:
        return () if value is None else value

    @field_validator("announce", "networks", "stun", "turn")
    @classmethod
    def _are_few(cls, value: tuple[Any, ...], info: Any) -> tuple[Any, ...]:
        most = _MOST_SERVERS if info.field_name in ("stun", "turn") else _MOST_ADDRESSES
        if len(value) > most:
            raise fault("has too many entries", f"at most {most}")
        return value

    @field_validator("networks")
    @classmethod
    def _are_some(cls, networks: tuple[str, ...]) -> tuple[str, ...]:
        if not networks:
            raise fault("is empty", "a list such as [0.0.0.0/0], or nothing for all")
        return networks
