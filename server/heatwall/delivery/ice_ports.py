"""The UDP sockets of one viewer: one port of a range, on every address of this machine."""

from __future__ import annotations

import errno
import random
import socket
from collections.abc import Iterator, Sequence

from heatwall.config import PortRange
from heatwall.errors import DeliveryError

_TRIES = 16
"""How often another port is looked for that is free on all addresses, where any will do."""

_RETRY_S = 5
"""When a port may be free again: after a page is closed its port is, within seconds."""

_chance = random.SystemRandom()


def sockets_on(addresses: Sequence[str], ports: PortRange | None) -> list[socket.socket]:
    """Return a socket for each address that can be bound, all on one port of the range.

    With one port for all addresses it does not matter which of them a NAT hands packets on to,
    and each viewer takes one port.

    Args:
        addresses: Of this machine.
        ports: The range; None for any port.

    Raises:
        DeliveryError: 503 when none is free.
    """
    for port in _ports(ports):
        sockets = _all_on(addresses, port)
        if sockets is not None:
            return sockets
    if ports is None:
        raise DeliveryError(503, "no_port", "No UDP port is free.", retry_after_s=_RETRY_S)
    raise DeliveryError(
        503,
        "no_port",
        f"All UDP ports of webrtc.ports, {ports}, are taken; each viewer needs one.",
        retry_after_s=_RETRY_S,
    )


def _ports(ports: PortRange | None) -> Iterator[int]:
    """Yield the ports to try, from a random one on, so that a port is seldom used again at once."""
    if ports is None:
        yield from [0] * _TRIES
        return
    start = _chance.randrange(len(ports))
    for place in range(len(ports)):
        yield ports.low + (start + place) % len(ports)


def _all_on(addresses: Sequence[str], port: int) -> list[socket.socket] | None:
    """Return a socket on each address at one port; None when it is taken on one of them.

    An address that can't be bound for another reason, such as one that is about to go, is left
    out.
    """
    sockets: list[socket.socket] = []
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_DGRAM)
        sock.setblocking(False)
        try:
            sock.bind((address, port or (sockets[0].getsockname()[1] if sockets else 0)))
        except OSError as error:
            sock.close()
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                for other in sockets:
                    other.close()
                return None
            continue
        sockets.append(sock)
    return sockets
