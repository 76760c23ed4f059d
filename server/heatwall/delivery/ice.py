"""The gathering of one viewer's candidates: ports, announced addresses, STUN and TURN, by aioice.

aioice binds whatever port is free, on every address, and waits up to five seconds for servers that
do not answer. Here its gathering is replaced, connection by connection, where the config asks for
more. The hook rests on private names of aioice, which `known_aiortc` looks for. Event loop only.
"""

# ruff: noqa: SLF001 -- private names are the point here; `known_aiortc` looks for them

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aioice import Candidate, Connection
from aioice.candidate import candidate_foundation, candidate_priority
from aioice.ice import (
    StunProtocol,
    get_host_addresses,
    relayed_candidate,
    server_reflexive_candidate,
)
from aioice.stun import TransactionFailed

from heatwall.config import IceUrl, PortRange
from heatwall.delivery.ice_ports import sockets_on
from heatwall.errors import DeliveryError

WAIT_S = 1.0
"""Longest wait for STUN and TURN servers. A lost packet is sent again after half of it."""

_COMPONENT = 1
"""RTP and RTCP share one (RFC 5761)."""

_HOOKED, _CLOSED_BY = "get_component_candidates", "close"

_FAREWELL_S = 0.5
"""Longest wait for a TURN server to hear that a relay is given up."""

_BUFFER_BYTES = 256 * 1024
"""What a socket keeps of what comes in; as much as aioice's own."""

_REFUSED = (401, 403)
"""TURN's answers to a wrong account (RFC 8656 section 19)."""


@dataclass(frozen=True, slots=True)
class Relay:
    """A TURN server with an account.

    Attributes:
        url: Where it is; its host is an address unless TLS needs the name.
        name: What it is called in the config.
        username: The account's user.
        password: Its password.
    """

    url: IceUrl
    name: str
    username: str
    password: str

    def __repr__(self) -> str:
        """Return it without its password."""
        return f"Relay({self.name!r})"


@dataclass(frozen=True, slots=True)
class Stun:
    """A STUN server.

    Attributes:
        url: Where it is; its host is an address.
        name: What it is called in the config.
    """

    url: IceUrl
    name: str


@dataclass(frozen=True, slots=True)
class Way:
    """How one viewer may be reached.

    Attributes:
        ports: Of which the viewer gets one; None for any.
        networks: In which an address of this machine must be to be used.
        announced: Addresses by which others reach this machine with the same port.
        stun: Servers that are asked how others see this machine.
        relays: TURN servers that are asked for an address each.
        wait_s: Longest wait for both.
        on_outcome: Called with a server's name and why it is of no use; None when it is.
    """

    ports: PortRange | None = None
    networks: tuple[str, ...] = ("0.0.0.0/0", "::/0")
    announced: tuple[str, ...] = ()
    stun: tuple[Stun, ...] = ()
    relays: tuple[Relay, ...] = ()
    wait_s: float = WAIT_S
    on_outcome: Callable[[str, str | None], None] | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """An address that a viewer is told.

    Attributes:
        kind: `host`, `srflx` for what a NAT makes of it, `relay` for that of a TURN server.
        address: IPv4 or IPv6.
        port: UDP port.
    """

    kind: str
    address: str
    port: int


def lead(connection: Connection, way: Way) -> None:
    """Let an aioice connection, which has not gathered yet, gather by `way`."""

    async def gather(**_asked: Any) -> list[Candidate]:
        return await gather_by(connection, way)

    setattr(connection, _HOOKED, gather)


async def gather_by(connection: Connection, way: Way) -> list[Candidate]:
    """Bind the connection's sockets and return the candidates that the viewer is told.

    Raises:
        DeliveryError: 503 when no port of the range is free, or there is no address at all.
    """
    try:
        protocols = await _bind(connection, way)
        asked = await _ask(connection, protocols, way)
    finally:
        if connection._closing:  # closed meanwhile, when not all of these were there yet
            await asyncio.gather(*(protocol.close() for protocol in connection._protocols))
            connection._protocols.clear()
    candidates = [protocol.local_candidate for protocol in protocols]
    told = {(candidate.host, candidate.port) for candidate in candidates}
    for candidate in (*_announced(protocols, way.announced), *asked):
        if (candidate.host, candidate.port) not in told:
            told.add((candidate.host, candidate.port))
            candidates.append(candidate)
    if not candidates:
        raise DeliveryError(
            503, "no_address", "This server has no address in webrtc.networks to send from."
        )
    return candidates


async def try_out(way: Way) -> tuple[Told, ...]:
    """Return what a viewer would be told now, and give all of it up again.

    Raises:
        DeliveryError: As `gather_by`.
    """
    connection = Connection(ice_controlling=False)
    try:
        candidates = await gather_by(connection, way)
    finally:
        await connection.close()
    return tuple(Told(candidate.type, candidate.host, candidate.port) for candidate in candidates)


def own_addresses(networks: Iterable[str]) -> list[str]:
    """Return this machine's addresses in `networks`, without loopback and link-local ones."""
    nets = [ipaddress.ip_network(network) for network in networks]
    return [
        address
        for address in get_host_addresses(use_ipv4=True, use_ipv6=True)
        if any(ipaddress.ip_address(address) in net for net in nets)
    ]


async def _bind(connection: Connection, way: Way) -> list[StunProtocol]:
    """Return a protocol for each own address, all on one port."""
    loop = asyncio.get_running_loop()
    protocols = []
    sockets = sockets_on(own_addresses(way.networks), way.ports)
    try:
        while sockets:
            sock = sockets[0]
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
            host, port = sock.getsockname()[:2]
            _, protocol = await loop.create_datagram_endpoint(
                lambda: StunProtocol(connection), sock=sock
            )
            del sockets[0]
            protocol.local_candidate = _candidate("host", host, port, host)
            connection._protocols.append(protocol)
            protocols.append(protocol)
    finally:
        for sock in sockets:
            sock.close()
    return protocols


def _candidate(kind: str, host: str, port: int, base: str) -> Candidate:
    """Return a candidate of this machine (RFC 8445 section 5.1.1)."""
    return Candidate(
        foundation=candidate_foundation(kind, "udp", base),
        component=_COMPONENT,
        transport="udp",
        priority=candidate_priority(_COMPONENT, kind),
        host=host,
        port=port,
        type=kind,
    )


def _announced(protocols: Sequence[StunProtocol], addresses: Iterable[str]) -> Iterator[Candidate]:
    """Yield announced addresses: what a NAT makes of this machine's own ones.

    They are server-reflexive (RFC 8445 section 5.1.1.2), and so come after the own ones where a
    viewer reaches both.
    """
    for address in addresses:
        is_v6 = ":" in address
        for protocol in protocols:
            base = protocol.local_candidate
            if (":" in base.host) == is_v6:
                candidate = _candidate("srflx", address, base.port, base.host)
                candidate.related_address, candidate.related_port = base.host, base.port
                yield candidate
                break


async def _ask(
    connection: Connection, protocols: Sequence[StunProtocol], way: Way
) -> list[Candidate]:
    """Return what STUN and TURN servers bring within the time; those that fail bring nothing."""
    asked: dict[asyncio.Task[Candidate], str] = {}
    for stun in way.stun:
        for protocol in protocols:
            if ":" not in protocol.local_candidate.host:  # aioice asks by IPv4 alone
                asked[asyncio.create_task(_reflexive(protocol, stun))] = stun.name
    for relay in way.relays:
        asked[asyncio.create_task(_relayed(connection, relay))] = relay.name
    if not asked:
        return []
    try:
        await asyncio.wait(asked, timeout=way.wait_s)
    finally:
        for task in asked:
            task.cancel()
        await asyncio.wait(asked)
    if way.on_outcome is not None:
        outcomes: dict[str, str | None] = {}
        for task, name in asked.items():
            # One of several own addresses that a server was asked from is enough.
            outcomes[name] = None if outcomes.get(name, "") is None else _why_not(task)
        for name, reason in outcomes.items():
            way.on_outcome(name, reason)
    return [task.result() for task in asked if _why_not(task) is None]


async def _reflexive(protocol: StunProtocol, stun: Stun) -> Candidate:
    candidate, _ = await server_reflexive_candidate(protocol, (stun.url.host, stun.url.port))
    return candidate


async def _relayed(connection: Connection, relay: Relay) -> Candidate:
    url = relay.url
    candidate, protocol = await relayed_candidate(
        component=_COMPONENT,
        hide_related_address=False,
        protocol_factory=lambda: StunProtocol(connection),
        turn_server=(url.host, url.port),
        turn_username=relay.username,
        turn_password=relay.password,
        turn_ssl=url.scheme == "turns",
        turn_transport=url.transport,
    )
    setattr(protocol, _CLOSED_BY, _closing_soon(protocol.close))
    # At once, so that closing the connection gives the relay up, whatever happens next.
    connection._protocols.append(protocol)
    return candidate


def _closing_soon(close: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """Return a way to close a relay that does not wait for a TURN server that is gone.

    It is told that the relay is not needed any more, for half a minute if it does not answer; who
    closes the connection need not be there.
    """

    async def close_soon() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_FAREWELL_S):
                await close()

    return close_soon


def _why_not(task: asyncio.Task[Any]) -> str | None:
    """Return why a server is of no use; None when it is."""
    if task.cancelled():
        return "does not answer"
    error = task.exception()
    if error is None:
        return None
    if isinstance(error, TransactionFailed):
        code = error.response.error_code
        return "refuses the account" if code in _REFUSED else f"answers with error {code}"
    if isinstance(error, OSError) and error.strerror:
        return f"can't be reached: {error.strerror}"
    return "does not answer"
