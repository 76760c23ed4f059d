"""How one viewer may be reached: ports, addresses, and the servers that are asked. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from heatwall.config import IceUrl, PortRange

WAIT_S = 1.0
"""Longest wait for STUN and TURN servers. A lost packet is sent again after half of it."""


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
