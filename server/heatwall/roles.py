"""The roles of those who open the page, and who has which while there is no log-in."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from enum import Enum

AUTO = "auto"
"""In place of a role: it hangs on where the server listens."""


class Role(Enum):
    """What somebody may do, from the least to the most.

    No StrEnum, since those compare as words: admin would be less than viewer.
    """

    VIEWER = "viewer"
    """Looks at the wall and at all figures."""
    OPERATOR = "operator"
    """Changes what is drawn and counted, until the server ends."""
    ADMIN = "admin"
    """Saves it to the config file too."""

    def includes(self, other: Role) -> bool:
        """Return whether this role may do all that `other` may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class OpenRole:
    """The role of everybody, for nobody has to say who he is.

    Attributes:
        near: Of those who ask this machine by an address that leads to itself.
        far: Of all others.
    """

    near: Role
    far: Role


def open_role(word: str, host: str) -> OpenRole:
    """Return who has which role.

    Args:
        word: The role for all, or `auto`: admin for those on this machine while the server listens
            to nobody else, otherwise viewer.
        host: Address that the server listens on.

    Raises:
        ValueError: There is no such role.
    """
    if word != AUTO:
        return OpenRole(Role(word), Role(word))
    return OpenRole(Role.ADMIN if is_loopback(host) else Role.VIEWER, Role.VIEWER)


def is_loopback(host: str) -> bool:
    """Return whether an address or name leads from this machine to itself (RFC 6761, 6.3)."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False  # any other name: it may lead anywhere
