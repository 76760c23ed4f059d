"""Where a server may listen, by who may watch then."""

from __future__ import annotations

from heatwall.config.model import Config
from heatwall.errors import StartError
from heatwall.roles import is_loopback


def require_auth(config: Config, host: str) -> None:
    """Let a server pass that listens to its own machine alone, or knows who may watch.

    Args:
        config: All settings.
        host: Address to listen on, which need not be that of the config.

    Raises:
        StartError: Anybody in the network could watch, and nobody has said that this is meant.
    """
    auth = config.auth
    if auth.has_log_in or auth.is_open or is_loopback(host):
        return
    raise StartError(
        f"refuses to listen on {host}, where anybody in the network could watch; either give "
        "auth.users in the config (`heatwall passwd` makes the lines), or write out `auth: none` "
        "if everybody may watch, or listen on 127.0.0.1"
    )
