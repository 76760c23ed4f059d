"""Who asks, when proxies stand between: what they say of it, and whose word counts."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

FORWARDED_HEADERS = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto")
"""What proxies say of whom they ask for (RFC 7239, and what came before it)."""

_MOST_HOPS = 32
"""Proxies that are looked through; what lies behind more is not a real path."""

_PAIR = re.compile(
    r'\s*([A-Za-z0-9!#$%&\'*+.^_`|~-]+)=("(?:[^"\\]|\\.)*"|[^\s";,]*)\s*([;,]|$)', re.ASCII
)
_HOST = re.compile(r"[A-Za-z0-9._-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Proxy:
    """The reverse proxies before the server.

    Attributes:
        trusted: Whose word on who asks is believed.
        is_standard: Whether they set `Forwarded`; otherwise `X-Forwarded-For` and its kin.
        prefix: The path below which they show the wall, without a slash at its end.
    """

    trusted: tuple[Network, ...] = ()
    is_standard: bool = False
    prefix: str = ""

    def trusts(self, address: str) -> bool:
        """Return whether an address is a proxy's."""
        found = _address(address)
        return found is not None and any(found in network for network in self.trusted)


@dataclass(frozen=True, slots=True)
class ClientAddress:
    """Who sent a request, and what it was sent to.

    Attributes:
        ip: The address of the last one who is no trusted proxy.
        scheme: `http` or `https`, as the client's own connection has it.
        host: Host and port that the client asked for.
        is_scheme_known: Whether the scheme is the client's for sure: an unknown proxy may stand
            between otherwise.
        is_proxied: Whether somebody else than the client sent the request here.
    """

    ip: str
    scheme: str
    host: str
    is_scheme_known: bool
    is_proxied: bool


@dataclass(frozen=True, slots=True)
class _Path:
    hops: tuple[str, ...]
    scheme: str | None
    host: str | None


def trace(
    proxy: Proxy, peer: str, scheme: str, host: str, headers: Mapping[str, Sequence[str]]
) -> ClientAddress:
    """Return who sent a request that `peer` brought.

    Args:
        proxy: Who is believed.
        peer: The address at the other end of the connection.
        scheme: Of that connection.
        host: The request's Host.
        headers: The lines of each of `FORWARDED_HEADERS` that the request has.
    """
    own = _address(peer)
    ip = peer if own is None else str(own)
    if not proxy.trusts(ip):
        return ClientAddress(ip, scheme, host, scheme == "https", bool(headers))
    path = _standard(headers) if proxy.is_standard else _usual(headers)
    for hop in reversed(path.hops[-_MOST_HOPS:]):
        address = _address(_without_port(hop))
        if address is None:
            break  # "unknown" or hidden (RFC 7239 section 6): the proxy that says so stands for it
        ip = str(address)
        if not proxy.trusts(ip):
            break
    told = path.scheme if path.scheme in ("http", "https") else None
    return ClientAddress(ip, told or scheme, path.host or host, told is not None, True)


def _usual(headers: Mapping[str, Sequence[str]]) -> _Path:
    hops = tuple(_words(headers.get("X-Forwarded-For", ())))
    # The last one, that of the proxy next to us; what stands before is the client's to choose.
    scheme = next(reversed([*_words(headers.get("X-Forwarded-Proto", ()))]), None)
    host = next(reversed([*_words(headers.get("X-Forwarded-Host", ()))]), None)
    return _Path(hops, scheme and scheme.lower(), _host(host))


def _standard(headers: Mapping[str, Sequence[str]]) -> _Path:
    """Read `Forwarded` (RFC 7239 section 4); after a fault the rest is not believed."""
    elements: list[dict[str, str]] = [{}]
    text = ",".join(headers.get("Forwarded", ()))
    at = 0
    while at < len(text):
        pair = _PAIR.match(text, at)
        if pair is None:
            return _Path((), None, None)
        value = pair[2]
        if value.startswith('"'):
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        elements[-1][pair[1].lower()] = value
        if pair[3] == ",":
            elements.append({})
        at = pair.end()
    last = elements[-1]
    hops = tuple(element.get("for", "unknown") for element in elements)
    return _Path(hops, last.get("proto", "").lower() or None, _host(last.get("host")))


def _words(lines: Sequence[str]) -> Iterator[str]:
    return (word.strip() for line in lines for word in line.split(",") if word.strip())


def _host(host: str | None) -> str | None:
    return host if host is not None and _HOST.fullmatch(host) else None


def _without_port(hop: str) -> str:
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop


def _address(word: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(word.partition("%")[0])  # without the zone of a link
    except ValueError:
        return None
    # IPv4 as a socket for both families has it (RFC 4291 section 2.5.5.2).
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found
