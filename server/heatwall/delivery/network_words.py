"""What is said of how viewers reach this server: the lines of the start-up check. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass

from heatwall.config import WebRtcConfig

_CONTAINERS = ipaddress.ip_network("172.16.0.0/12")
"""Where Docker's bridges are unless somebody says otherwise."""


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of the check.

    Attributes:
        text: The sentence.
        is_warning: Whether something should be done about it.
    """

    text: str
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class Sight:
    """What a look at the network has found.

    Attributes:
        own: This machine's addresses that viewers are told.
        announced: Those of `webrtc.announce`, names looked up.
        seen_as: What STUN servers say that this machine is seen as.
        relays: Addresses that TURN servers gave.
        servers: Each STUN and TURN server of the config, and why it is of no use; None when it is.
        names: Announced names that can't be looked up.
        fault: Why viewers can't be served at all; None when they can.
    """

    own: tuple[str, ...] = ()
    announced: tuple[str, ...] = ()
    seen_as: tuple[str, ...] = ()
    relays: tuple[str, ...] = ()
    servers: tuple[tuple[str, str | None], ...] = ()
    names: tuple[str, ...] = ()
    fault: str | None = None


def network_lines(sight: Sight, config: WebRtcConfig, max_viewers: int) -> tuple[Line, ...]:
    """Return the lines of the check, the addresses first."""
    return (
        *_addresses(sight, config),
        *_servers(sight),
        *_doubts(sight, config, max_viewers),
    )


def changes(before: Mapping[str, str | None], after: Mapping[str, str | None]) -> tuple[Line, ...]:
    """Return a line for each STUN or TURN server that is of use again, or no longer."""
    return tuple(
        _server(name, reason) for name, reason in after.items() if before.get(name, "") != reason
    )


def _addresses(sight: Sight, config: WebRtcConfig) -> tuple[Line, ...]:
    if sight.fault is not None:
        return (Line(f"Viewers get no pictures by WebRTC: {sight.fault}", is_warning=True),)
    ports = "any UDP port" if config.ports is None else f"UDP {config.ports}"
    own = ", ".join(dict.fromkeys((*sight.announced, *sight.own))) or "none of its own"
    return (Line(f"Viewers get these addresses: {own} ({ports})"),)


def _servers(sight: Sight) -> tuple[Line, ...]:
    told = [_server(name, reason) for name, reason in sight.servers]
    if sight.seen_as:
        told.append(Line(f"STUN says that this server is seen as {', '.join(sight.seen_as)}"))
    if sight.relays:
        told.append(Line(f"TURN gives this server the address {', '.join(sight.relays)}"))
    return tuple(told)


def _server(name: str, reason: str | None) -> Line:
    kind = "STUN" if name.startswith("stun") else "TURN"
    if reason is None:
        return Line(f"{kind} {name} answers")
    return Line(f"{kind} {name} {reason}; this server goes on without it", is_warning=True)


def _doubts(sight: Sight, config: WebRtcConfig, max_viewers: int) -> tuple[Line, ...]:
    found = [
        Line(f"webrtc.announce: the name {name} can't be looked up", is_warning=True)
        for name in sight.names
    ]
    others = (*sight.announced, *sight.seen_as, *sight.relays)
    own_v4 = [ipaddress.ip_address(own) for own in sight.own if ":" not in own]
    if not others and own_v4 and all(address in _CONTAINERS for address in own_v4):
        found.append(
            Line(
                f"{', '.join(map(str, own_v4))} may be a container's own address, which nobody "
                "outside reaches; if so, publish webrtc.ports and name the machine's address in "
                "webrtc.announce",
                is_warning=True,
            )
        )
    if config.announce and config.ports is None:
        found.append(
            Line("webrtc.announce without webrtc.ports: a NAT must hand on all ports of UDP", True)
        )
    if config.ports is not None and len(config.ports) < max_viewers:
        found.append(
            Line(
                f"webrtc.ports has {len(config.ports)} ports for server.max_viewers {max_viewers}: "
                "each viewer needs one",
                is_warning=True,
            )
        )
    return tuple(found)
