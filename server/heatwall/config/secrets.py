"""Finding every secret of a config."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr

from heatwall.redaction import KNOWN, secrets_in_url
from heatwall.values import SecretUrl

_SECRET_KEYS = ("password", "passphrase", "secret", "token", "hash", "credential")
"""A text under such a key is one, whatever its type."""

_SHORTEST_PART = 12
"""Characters. A shorter part of a webhook's path is a word, such as `services`, and no secret."""


def secrets_of(value: Any) -> Iterator[str]:
    """Yield the passwords, tokens and hashes in a config or in a part of one."""
    if isinstance(value, SecretUrl):
        yield from secrets_in_url(value.secret)
    elif isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            part = getattr(value, name)
            if isinstance(part, str) and name.endswith(_SECRET_KEYS):
                yield part
            elif isinstance(part, SecretUrl) and name == "webhook":
                # Who knows the address of a chat's or a pager's hook may post to it.
                yield from secrets_in_url(part.secret)
                yield from _secrets_in_path(part.secret)
            else:
                yield from secrets_of(part)
    elif isinstance(value, dict):
        for part in value.values():
            yield from secrets_of(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from secrets_of(part)


def _secrets_in_path(url: str) -> Iterator[str]:
    parts = urlsplit(url).path.split("/")
    yield from (part for part in parts if len(part) >= _SHORTEST_PART)


def hide_secrets(config: BaseModel, more: Iterable[str] = ()) -> None:
    """Keep the secrets of a config, and others, out of logs, answers and reports from now on."""
    KNOWN.add([*secrets_of(config), *more])
