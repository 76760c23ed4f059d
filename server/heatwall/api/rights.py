"""What a request may do: the one place that says it."""

from __future__ import annotations

from aiohttp import web

from heatwall.api.peer_address import client_of
from heatwall.api.wall import CONFIG_FILE, OPEN_ROLE
from heatwall.errors import DeliveryError
from heatwall.roles import Role, is_loopback
from heatwall.status import RightsStatus

_WHAT_IT_IS = {Role.VIEWER: "a viewer", Role.OPERATOR: "an operator", Role.ADMIN: "an admin"}


def role_of(request: web.Request) -> Role:
    """Return the role of whoever sent a request."""
    role = request.app[OPEN_ROLE]
    return role.near if _is_near(request) else role.far


def require(request: web.Request, needed: Role) -> None:
    """Let a request pass that may do what `needed` may.

    Raises:
        DeliveryError: It may not; 403.
    """
    role = role_of(request)
    if not role.includes(needed):
        raise DeliveryError(
            403,
            "forbidden",
            f"You are {_WHAT_IT_IS[role]} here, and this needs {_WHAT_IT_IS[needed]}; server.role "
            "in the config says who may do what.",
        )


def rights_of(request: web.Request) -> RightsStatus:
    """Return what the sender of a request is told of its rights."""
    role = role_of(request)
    return RightsStatus(
        role=role,
        can_operate=role.includes(Role.OPERATOR),
        can_save=role.includes(Role.ADMIN) and request.app[CONFIG_FILE] is not None,
    )


def _is_near(request: web.Request) -> bool:
    """Whether a request was sent from this machine to this machine, as far as it tells.

    To listen on a loopback address alone does not say so. A proxy beside the server brings in
    others, and another site's name may lead a browser here (DNS rebinding), with an Origin that
    fits: both ask for a host that is not this machine's own, or say whom they ask for.
    """
    host = request.host
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return is_loopback(name) and not client_of(request).is_proxied
