"""Who may log in, and who may see what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, ModelWrapValidatorHandler, field_validator, model_validator

from heatwall.config import kinds
from heatwall.config.names import nearest
from heatwall.config.rules import FromFile, Rule, choice, duration, fault, text
from heatwall.config.section import Section, renamed
from heatwall.roles import Role

OPEN = "none"
"""In place of the section: everybody may look, and that is meant."""

ROLE_WORDS = tuple(role.value for role in Role)

_PHC = re.compile(
    r"\$argon2id\$v=19\$m=(\d{1,8}),t=(\d{1,4}),p=(\d{1,3})\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,172}"
)
"""The form of a hash by the PHC string format, version 0x13 of Argon2 (RFC 9106)."""

_MOST_KIB, _MOST_PASSES, _MOST_LANES = 1024 * 1024, 16, 16
"""A hash that needs more would hold up every log-in, and the memory of the wall."""

_HASH = re.compile(r"sha256:[0-9a-f]{64}")
_MOST = 1000
"""Users, and tokens; a mistake of a program that writes the file, beyond that."""

_HIDDEN = "***"


def _parse_password(value: Any, _file: FromFile | None) -> str:
    if not isinstance(value, str):
        raise ValueError("is not the hash of a password")
    match = _PHC.fullmatch(value)
    if match is None:
        raise ValueError("is not an argon2id hash; a password itself does not belong here")
    memory, passes, lanes = (int(number) for number in match.groups())
    if not (8 * lanes <= memory <= _MOST_KIB and 1 <= passes <= _MOST_PASSES):
        raise ValueError("is a hash that takes too little or too much to check")
    if not 1 <= lanes <= _MOST_LANES:
        raise ValueError("is a hash that takes too many lanes to check")
    return value


def _parse_hash(value: Any, _file: FromFile | None) -> str:
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise ValueError("is not the hash of a token; a token itself does not belong here")
    return value


_PASSWORD = Rule(
    _parse_password,
    "what `heatwall passwd` prints: $argon2id$v=19$m=…,t=…,p=…$…$…",
    {"type": "string", "pattern": r"^\$argon2id\$v=19\$"},
    lambda _: _HIDDEN,
)

_TOKEN_HASH = Rule(
    _parse_hash,
    "what `heatwall token` prints: sha256: and 64 of 0-9 and a-f",
    {"type": "string", "pattern": f"^{_HASH.pattern}$"},
    lambda _: _HIDDEN,
)

_KEY = text(63, "an id")


class GrantConfig(Section):
    """What somebody may do, and see."""

    role: Annotated[Literal["viewer", "operator", "admin"], choice(ROLE_WORDS)] = Field(
        default="viewer",
        description="A viewer looks, an operator also changes overlays, counts, lines and zones "
        "until the server ends, an admin also saves them to this file.",
    )
    cameras: tuple[Annotated[str, _KEY], ...] = Field(
        default=(),
        description="Ids of the cameras to be seen, beside those of `groups`. Neither cameras nor "
        "groups means all cameras.",
    )
    groups: tuple[Annotated[str, _KEY], ...] = Field(
        default=(), description="Keys of the groups whose cameras may be seen."
    )


class UserConfig(GrantConfig):
    """Somebody who logs in on the page."""

    password: Annotated[str, _PASSWORD] = Field(
        description="The hash of the password, as `heatwall passwd` prints it."
    )


class TokenConfig(GrantConfig):
    """A program that asks by itself, such as a Prometheus."""

    hash: Annotated[str, _TOKEN_HASH] = Field(
        description="The hash of the token, as `heatwall token` prints it."
    )


class AuthConfig(Section):
    """Who may log in; without users and tokens the server listens to its own machine alone."""

    users: dict[Annotated[str, kinds.ID], UserConfig] = Field(
        default_factory=dict, description="Who logs in on the page, each under a name."
    )
    tokens: dict[Annotated[str, kinds.ID], TokenConfig] = Field(
        default_factory=dict,
        description="Programs that send `Authorization: Bearer TOKEN`, each under a name.",
    )
    session_s: Annotated[float, duration(60, 90 * 86400)] = renamed(
        "session",
        default=12 * 3600.0,
        description="How long a log-in holds when it is not used; an open page uses it.",
    )
    longest_session_s: Annotated[float, duration(60, 366 * 86400)] = renamed(
        "longest_session",
        default=30 * 86400.0,
        description="How long a log-in holds at most; then the password is asked for again.",
    )

    @model_validator(mode="wrap")
    @classmethod
    def _open_is_a_word(cls, value: Any, handler: ModelWrapValidatorHandler[AuthConfig]) -> Any:
        if isinstance(value, str):
            if value.strip().lower() == OPEN:
                return OpenConfig()
            raise fault("is not a map", f"a map with users or tokens, or {OPEN} for everybody")
        return handler(value)

    @field_validator("users", "tokens", mode="before")
    @classmethod
    def _are_few(cls, value: Any) -> Any:
        if isinstance(value, dict) and len(value) > _MOST:
            raise fault("has too many entries", f"at most {_MOST}")
        return {} if value is None else value

    @property
    def has_log_in(self) -> bool:
        """Whether nobody sees anything before it is known who asks."""
        return bool(self.users or self.tokens)

    @property
    def is_open(self) -> bool:
        """Whether it is written out that everybody may look."""
        return False

    def grants(self) -> Iterator[tuple[str, str, GrantConfig]]:
        """Yield every grant with its map in the file and its name there."""
        yield from (("users", name, user) for name, user in self.users.items())
        yield from (("tokens", name, token) for name, token in self.tokens.items())


class OpenConfig(AuthConfig):
    """`auth: none`."""

    @property
    def is_open(self) -> bool:
        """Whether it is written out that everybody may look."""
        return True


def require_known(auth: AuthConfig, cameras: Mapping[str, Any], groups: Mapping[str, Any]) -> None:
    """Let a config pass whose users and tokens name cameras and groups that there are.

    Raises:
        PydanticCustomError: The first that there is not, with its place.
    """
    for kind, name, grant in auth.grants():
        for key, known, what in (("cameras", cameras, "camera"), ("groups", groups, "group")):
            _require(getattr(grant, key), known, what, ("auth", kind, name, key))


def _require(
    named: tuple[str, ...], known: Mapping[str, Any], what: str, at: tuple[str | int, ...]
) -> None:
    for place, one in enumerate(named):
        if one not in known:
            meant = nearest(one, list(known))
            hint = f"; did you mean {meant}?" if meant else ""
            allowed = ", ".join(list(known)[:12]) or "none: there are no groups"
            raise fault(f"is not the id of a {what}{hint}", allowed, (*at, place))
