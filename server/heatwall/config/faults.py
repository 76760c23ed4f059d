"""The faults of one config file, each with its line, what was found and what is allowed."""

from __future__ import annotations

import re
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from heatwall.config.document import Document, Place, dotted, value_at
from heatwall.config.heat import HeatConfig
from heatwall.config.model import OWN_TO_A_CAMERA, Config
from heatwall.config.names import hint_for
from heatwall.config.rules import rule_of
from heatwall.config.section import Section, is_map, key_of, section_of
from heatwall.config.url import without_path
from heatwall.errors import ConfigFault
from heatwall.values import SecretUrl

_LONGEST_FOUND = 60
"""Characters of a value that are shown; a line of an error must stay readable."""

_CONSEQUENCE = "default_factory_not_called"
"""Pydantic's word for a default that hangs on a value which has a fault of its own."""

_URLS = (("url",), ("substream",), ("webhook",), ("mqtt",))
"""Last keys of values that may hold a password even when they are no URL."""

_SECRETS = (("secret",), ("password",), ("hash",))
"""Last keys of values of which nothing is shown."""

_HOLD_SECRETS = re.compile(
    r"auth(\.(users|tokens)(\.[^.]*)?)?|alarms\.notify(\.[^.]*)?|webrtc\.turn(\.\d+)?"
)
"""Maps in whose place somebody may have written the secret itself."""

_FORM = {
    "dict_type": ("is not a map", "a map of keys"),
    "tuple_type": ("is not a list", "a list such as [first, second]"),
}
"""Pydantic's words for a value of the wrong form, and ours."""


class Faults:
    """Collects the faults of one document.

    Args:
        document: The file; its own faults are the first ones.
        root: What the whole document is read as.
    """

    def __init__(self, document: Document, root: type[Section] = Config) -> None:
        self._document = document
        self._root = root
        self._faults = list(document.faults)
        self._places: set[Place] = set()

    def sorted(self) -> list[ConfigFault]:
        """Return the faults in file order, each once."""
        unique = dict.fromkeys(self._faults)
        return sorted(unique, key=lambda fault: fault.line or 0)

    def add(self, path: Place, message: str, allowed: str, found: str | None = None) -> None:
        """Note a fault at `path`, one for each path."""
        if path in self._places:
            return
        self._places.add(path)
        document = self._document
        line = document.line_of(path)
        self._faults.append(ConfigFault(document.file, line, dotted(path), found, message, allowed))

    def add_validation(self, error: ValidationError, *, in_defaults: bool = False) -> None:
        """Note what pydantic found, at the places where it stands in the file."""
        for detail in error.errors(include_url=False, include_input=False):
            path = tuple(part for part in detail["loc"] if part != "[key]")
            path += detail.get("ctx", {}).get("at", ())
            if in_defaults:
                path = ("defaults", *path[2:])
            origin = self._origin(path)
            if origin not in self._places and detail["type"] != _CONSEQUENCE:
                self._add_detail(path, origin, detail)

    def _origin(self, path: Place) -> Place:
        """Return where the value at `path` is written: under its camera or under `defaults`."""
        if self._document.has(path):
            return path
        if path[0] == "cameras" and len(path) > 2:
            in_defaults = ("defaults", *path[2:])
            if self._document.has(in_defaults):
                return in_defaults
        if isinstance(path[-1], int):
            return self._origin(path[:-1])  # the one value that stands for a list of one
        return path

    def _add_detail(self, path: Place, origin: Place, detail: ErrorDetails) -> None:
        kind = detail["type"]
        if kind == "extra_forbidden":
            message, allowed = _unknown_key(path, self._root)
            self.add(origin, message, allowed)
            return
        if kind == "missing":
            self.add(origin, "is missing", _allowed_at(path, self._root))
            return
        notes = detail.get("ctx", {})
        form = _FORM.get(kind, (f"is wrong: {kind}", ""))
        if kind == "model_type":
            form = _form(path, self._root)
        message, allowed = notes.get("message", form[0]), notes.get("allowed", form[1])
        raw = value_at(self._document.tree, origin)
        found = None if detail["loc"][-1:] == ("[key]",) else _found(path, raw)
        if isinstance(raw, str) and "${" in raw:
            message += ", once filled in"
        if origin != path and origin[0] == "defaults" and path[0] == "cameras":
            message += f" (for {dotted(path[:2])})"
        self.add(origin, message, allowed, found)


def _found(path: Place, raw: Any) -> str:
    """Return the value at `path` as it may be shown."""
    if path[-1:] in _SECRETS and raw is not None:
        return "***"
    if isinstance(raw, str) and _HOLD_SECRETS.fullmatch(".".join(map(str, path))):
        return "text"
    if path[-1:] == ("webhook",) and isinstance(raw, str) and "://" in raw:
        return repr(without_path(raw))
    return shown(raw, is_url=path[-1:] in _URLS)


def shown(value: Any, *, is_url: bool = False) -> str:
    """Return a value of the file as it may be shown: without passwords, short, on one line."""
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list):
        are_numbers = value and all(type(item) in (int, float) for item in value)
        numbers = f"[{', '.join(map(str, value))}]" if are_numbers else ""
        return numbers if 0 < len(numbers) <= _LONGEST_FOUND else "a list"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return str(value)
    if is_url and "://" not in value:
        return "text without ://"
    text = re.sub(r"(\$\{(?!file:)[^}:]*):[^}]*\}", r"\1:***}", value)
    if "://" in text or "@" in text:
        text = str(SecretUrl(text))
    if len(text) > _LONGEST_FOUND:
        text = f"{text[:_LONGEST_FOUND]}…"
    return repr(text)


def _unknown_key(path: Place, root: type[Section]) -> tuple[str, str]:
    """Return what is wrong with the unknown key at `path`, and the keys that are allowed."""
    section = section_at(path[:-1], root)
    keys = keys_of(section)
    if section is Config:
        keys.append("defaults")
    if path[:-1] == ("defaults",):
        keys = [name for name in keys if name not in OWN_TO_A_CAMERA]
    inner = {
        key_of(name, field): keys_of(below)
        for name, field in section.model_fields.items()
        if (below := section_of(field)) and not is_map(field)
    }
    hint = hint_for(str(path[-1]), keys, inner, dotted(path[-2:-1]))
    return f"is not a known key{hint}", ", ".join(sorted(keys))


def keys_of(section: type[Section]) -> list[str]:
    """Return the keys of `section` as they are written in the file."""
    keys = [key_of(name, field) for name, field in section.model_fields.items()]
    return [*keys, "half_life"] if section is HeatConfig else keys


def section_at(path: Place, root: type[Section] = Config) -> type[Section]:
    """Return the section that the map at `path` is read as, in a document read as `root`."""
    current = root
    rest = ("cameras", "", *path[1:]) if path[:1] == ("defaults",) else path
    while rest:
        field = _field_at(current, rest[0])
        inner = section_of(field) if field else None
        if field is None or inner is None:
            break
        current, rest = inner, rest[2:] if is_map(field) else rest[1:]
    return current


def _field_at(section: type[Section], key: str | int) -> FieldInfo | None:
    for name, field in section.model_fields.items():
        if key_of(name, field) == key:
            return field
    return None


def _form(path: Place, root: type[Section]) -> tuple[str, str]:
    """Return what is wrong with a value that should be a section, and what is allowed."""
    fields = section_at(path, root).model_fields.items()
    needed = [key_of(name, field) for name, field in fields if field.is_required()]
    keys = f"a map with {', '.join(needed)}" if needed else "a map of keys, or nothing for defaults"
    return "is not a map", keys


def _allowed_at(path: Place, root: type[Section]) -> str:
    """Return what the rule of the key at `path` allows."""
    field = _field_at(section_at(path[:-1], root), path[-1])
    if field and is_map(field):
        return "a map of keys, {} for none"
    rule = rule_of(field) if field else None
    return rule.allowed if rule else ""
