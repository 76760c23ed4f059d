"""How the web server is reached: by TLS, or through a reverse proxy."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from heatwall.config.rules import FromFile, Rule, choice
from heatwall.config.section import Section

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
"""An address is a network of one."""

_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)+")


def _parse_file(value: Any, file: FromFile | None) -> Path:
    if isinstance(value, Path):
        return value
    if not isinstance(value, str) or not value.strip():
        raise ValueError("is not a path")
    return (file.folder if file else Path()) / Path(value.strip()).expanduser()


def _parse_network(value: Any, _file: FromFile | None) -> Network:
    if isinstance(value, Network):
        return value
    if not isinstance(value, str):
        raise ValueError("is not an address; put it in quotes")
    try:
        return ipaddress.ip_network(value.strip())
    except ValueError:
        raise ValueError("is not an address or a network of addresses") from None


def _parse_prefix(value: Any, _file: FromFile | None) -> str:
    if not isinstance(value, str):
        raise ValueError("is not a path")
    prefix = value.strip().rstrip("/")
    parts = prefix.split("/")
    if prefix and (not _PREFIX.fullmatch(prefix) or "." in parts or ".." in parts):
        raise ValueError("is not the beginning of an address")
    return prefix


_FILE = Rule(
    _parse_file,
    "the path of a PEM file, from this file's folder on",
    {"type": "string", "minLength": 1},
    str,
)
_NETWORK = Rule(
    _parse_network,
    "an address such as 127.0.0.1 or ::1, or a network such as 10.0.0.0/8",
    {"type": "string", "minLength": 1},
    lambda network: str(network.network_address if network.num_addresses == 1 else network),
)
_PREFIX_RULE = Rule(
    _parse_prefix,
    "a path such as /heatwall of letters, digits and - . _ ~, or nothing",
    {"type": "string"},
)
_HEADERS = ("x-forwarded-for", "forwarded")


class TlsConfig(Section):
    """The certificate of the web server."""

    certificate: Annotated[Path, _FILE] = Field(
        description="PEM file of the certificate and those that it hangs on. A new one is taken "
        "while the server runs."
    )
    key: Annotated[Path, _FILE] = Field(description="PEM file of its key, without a password.")


class ProxyConfig(Section):
    """A reverse proxy before the web server."""

    trusted: tuple[Annotated[Network, _NETWORK], ...] = Field(
        default=(),
        description="Addresses and networks of the proxies, whose word on who asks is believed. "
        "Nobody else's is.",
    )
    header: Annotated[Literal["x-forwarded-for", "forwarded"], choice(_HEADERS)] = Field(
        default="x-forwarded-for",
        description="The header that the proxies set: X-Forwarded-For with -Proto and -Host, or "
        "Forwarded of RFC 7239. The other is ignored, since proxies pass on what a client puts "
        "there.",
    )
    prefix: Annotated[str, _PREFIX_RULE] = Field(
        default="",
        description="The path below which the proxy shows the wall. It may cut it off or pass it "
        "on.",
    )
