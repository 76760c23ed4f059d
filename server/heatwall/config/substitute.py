"""`${NAME}`, `${NAME:default}` and `${file:PATH}` in the texts of a config."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from heatwall.config.document import Place

_TOKEN = re.compile(r"\$\$\{|\$\{([^}]*)\}|\$\{")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LARGEST_SECRET = 64 * 1024
"""Bytes; a password file is short, and a device file never ends."""

ALLOWED_FORMS = "${NAME}, ${NAME:default} or ${file:/run/secrets/name}; $${ for a plain ${"

Report = Callable[[Place, str, str], None]
"""Takes the place of a text, what is wrong with it and what is allowed."""


class Substitution:
    """Fills in one config.

    Args:
        env: The environment.
        folder: What relative paths of `${file:…}` start from.
        report: Called once for each text that can't be filled in.

    Attributes:
        secrets: What was filled in where a URL has its password.
    """

    def __init__(self, env: Mapping[str, str], folder: Path, report: Report) -> None:
        self._env = env
        self._folder = folder
        self._report = report
        self.secrets: list[str] = []

    def fill(self, value: Any, path: Place = ()) -> Any:
        """Return `value` with every text in it filled in; maps and lists are new."""
        if isinstance(value, dict):
            return {key: self.fill(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item, (*path, place)) for place, item in enumerate(value)]
        if isinstance(value, str) and "${" in value:
            return self._fill_text(value, path)
        return value

    def _fill_text(self, text: str, path: Place) -> str:
        secret_from, secret_until = _password_of(text)

        def replace(match: re.Match[str]) -> str:
            if match[0] == "$${":
                return "${"
            try:
                value = self._value_of(match[1])
            except LookupError as error:
                self._report(path, str(error.args[0]), str(error.args[1]))
                return ""
            if match.start() >= secret_until:
                return value
            if match.start() >= secret_from:
                # As it is too: so it stands in the environment, or in the file.
                self.secrets.append(value)
            return _encode(value)

        return _TOKEN.sub(replace, text)

    def _value_of(self, body: str | None) -> str:
        """Return what `body` of `${body}` stands for; LookupError(message, allowed) if nothing."""
        if body is None:
            raise LookupError("has a ${ that is not closed", ALLOWED_FORMS)
        if body.startswith("file:"):
            return self._read(body.removeprefix("file:").strip())
        name, has_default, default = body.partition(":")
        if not _NAME.fullmatch(name):
            raise LookupError("has a ${…} that names nothing", ALLOWED_FORMS)
        if name in self._env:
            return self._env[name]
        if has_default:
            return default
        advice = f"set it, or give a default: ${{{name}:default}}"
        raise LookupError(f"needs the environment variable {name}, which is not set", advice)

    def _read(self, name: str) -> str:
        advice = f"a readable text file of at most {_LARGEST_SECRET // 1024} KiB"
        try:
            with (self._folder / Path(name).expanduser()).open("rb") as file:
                content = file.read(_LARGEST_SECRET + 1)
            text = content.decode()
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise LookupError(f"needs the file {name}: {reason}", advice) from None
        if len(content) > _LARGEST_SECRET:
            raise LookupError(f"needs the file {name}, which is too large", advice)
        return text.rstrip("\r\n")


def _password_of(text: str) -> tuple[int, int]:
    """Return where a URL with `${…}` in it has its password, and the end of it; 0, 0 without one.

    The @ that ends it is the last one before the path (RFC 3986 section 3.2), not counting what
    stands inside of `${…}`.
    """
    hollow = _TOKEN.sub(lambda match: "x" * len(match[0]), text)
    start = hollow.find("://")
    if start < 0:
        return 0, 0
    authority = re.split(r"[/?#]", hollow[start + 3 :], maxsplit=1)[0]
    user, at, _ = authority.rpartition("@")
    if not at:
        return 0, 0
    return start + 3 + len(user.partition(":")[0]), start + 3 + len(user)


def _encode(password: str) -> str:
    """Return `password` fit for a URL; what is already written as %XX is left as it is."""
    parts = re.split(r"(%[0-9A-Fa-f]{2})", password)
    return "".join(part if place % 2 else quote(part, safe="") for place, part in enumerate(parts))
