"""What somebody may do and see, as the config grants it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from heatwall.config import Config, GrantConfig
from heatwall.roles import Role


@dataclass(frozen=True, slots=True)
class Grant:
    """What one user, one token, or everybody may do.

    Attributes:
        owner: Whom it is granted to, `user anna` or `token grafana`; None for everybody.
        user: The user's name, for the page; None for tokens and everybody.
        role: What may be done.
        cameras: What may be seen; None for all cameras, those of later too.
    """

    owner: str | None
    user: str | None
    role: Role
    cameras: frozenset[str] | None = None

    def sees(self, camera: str) -> bool:
        """Return whether a camera may be seen, or would be if it were there."""
        return self.cameras is None or camera in self.cameras

    def sees_all(self, cameras: Iterable[str]) -> bool:
        """Return whether all of `cameras` may be seen."""
        return self.cameras is None or self.cameras.issuperset(cameras)


def user_grants(config: Config) -> dict[str, Grant]:
    """Return the grant of each user."""
    return {
        name: _grant(config, user, f"user {name}", name) for name, user in config.auth.users.items()
    }


def token_grants(config: Config) -> dict[str, Grant]:
    """Return the grant of each token."""
    return {
        name: _grant(config, token, f"token {name}", None)
        for name, token in config.auth.tokens.items()
    }


def _grant(config: Config, settings: GrantConfig, owner: str, user: str | None) -> Grant:
    cameras: frozenset[str] | None = None
    if settings.cameras or settings.groups:
        of_groups = (camera for key in settings.groups for camera in config.groups[key].cameras)
        cameras = frozenset((*settings.cameras, *of_groups))
    return Grant(owner, user, Role(settings.role), cameras)
