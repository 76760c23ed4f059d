"""The faults of one config file, each with its line, what was found and what is allowed."""

from __future__ import annotations

import difflib
import re
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from heatwall.config.document import Document, Place, dotted
from heatwall.config.model import CameraConfig, Config, Section
from heatwall.config.rules import rule_of
from heatwall.errors import ConfigFault
from heatwall.values import SecretUrl

_LONGEST_FOUND = 60
"""Characters of a value that are shown; a line of an error must stay readable."""

_CALLED_HERE = {
    "alpha": "overlay.opacity",
    "decay": "heat.half_lives",
    "decay_factor": "heat.half_lives",
    "half_life": "heat.half_lives",
    "heatmap_alpha": "overlay.opacity",
    "line_thickness": "overlay.line_width",
    "rtsp": "url",
    "show_boxes": "overlay.boxes",
    "show_conf": "overlay.conf",
    "show_labels": "overlay.labels",
    "source": "url",
    "weights": "path",
}
"""What Ultralytics and others call a key, and where it stands here."""

_CONSEQUENCE = "default_factory_not_called"
"""Pydantic's word for a default that hangs on a value which has a fault of its own."""

_FORM = {
    "model_type": ("is not a map", "a map of keys, or nothing for the defaults"),
    "dict_type": ("is not a map", "a map of keys"),
    "tuple_type": ("is not a list", "a list such as [first, second]"),
}
"""Pydantic's words for a value of the wrong form, and ours."""


class Faults:
    """Collects the faults of one document.

    Args:
        document: The file; its own faults are the first ones.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
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
            if in_defaults:
                path = ("defaults", *path[2:])
            origin = self._origin(path)
            if origin not in self._places and detail["type"] != _CONSEQUENCE:
                self._add_detail(path, origin, detail)

    def _origin(self, path: Place) -> Place:
        """Return where the value at `path` is written: under its camera or under `defaults`."""
        if path[:1] == ("cameras",) and len(path) > 2 and not self._has(path):
            in_defaults = ("defaults", *path[2:])
            if self._has(in_defaults):
                return in_defaults
        return path

    def _has(self, path: Place) -> bool:
        return path in self._document.lines

    def _add_detail(self, path: Place, origin: Place, detail: ErrorDetails) -> None:
        kind = detail["type"]
        if kind == "extra_forbidden":
            message, allowed = _unknown_key(path)
            self.add(origin, message, allowed)
            return
        if kind == "missing":
            self.add(origin, "is missing", _allowed_at(path))
            return
        notes = detail.get("ctx", {})
        form = _FORM.get(kind, (f"is wrong: {kind}", ""))
        message, allowed = notes.get("message", form[0]), notes.get("allowed", form[1])
        raw = self._value_at(origin)
        found = None if detail["loc"][-1] == "[key]" else shown(raw, is_url=path[-1:] == ("url",))
        if isinstance(raw, str) and "${" in raw:
            message += ", once filled in"
        if origin != path and origin[0] == "defaults" and path[0] == "cameras":
            message += f" (for {dotted(path[:2])})"
        self.add(origin, message, allowed, found)

    def _value_at(self, path: Place) -> Any:
        value = self._document.tree
        for part in path:
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                return None
        return value


def shown(value: Any, *, is_url: bool = False) -> str:
    """Return a value of the file as it may be shown: without passwords, short, on one line."""
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list):
        return "a list"
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


def _unknown_key(path: Place) -> tuple[str, str]:
    """Return what is wrong with the unknown key at `path`, and the keys that are allowed."""
    section = _section_at(path[:-1])
    key = str(path[-1])
    keys = _keys(section)
    if section is Config:
        keys.append("defaults")
    if path[:-1] == ("defaults",):
        keys = [name for name in keys if name not in ("name", "url")]
    near = difflib.get_close_matches(key.lower(), keys, n=1, cutoff=0.7)
    better = near[0] if near else _CALLED_HERE.get(key.lower()) or _elsewhere(key, section)
    hint = f"; did you mean {better}?" if better else ""
    return f"is not a known key{hint}", ", ".join(sorted(keys))


def _elsewhere(key: str, section: type[Section]) -> str | None:
    """Return where `key` stands in the sections below `section`."""
    for name, field in section.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, Section) and key in _keys(inner):
            return f"{name}.{key}"
    return None


def _keys(section: type[Section]) -> list[str]:
    return [str(field.validation_alias or name) for name, field in section.model_fields.items()]


def _section_at(path: Place) -> type[Section]:
    """Return the section that the map at `path` is read as."""
    current: type[Section] = Config
    if path[:1] == ("cameras",) and len(path) > 1:
        current, rest = CameraConfig, path[2:]
    elif path[:1] == ("defaults",):
        current, rest = CameraConfig, path[1:]
    else:
        rest = path
    for part in rest:
        inner = current.model_fields[str(part)].annotation
        if not (isinstance(inner, type) and issubclass(inner, Section)):
            break
        current = inner
    return current


def _allowed_at(path: Place) -> str:
    """Return what the rule of the key at `path` allows."""
    for name, field in _section_at(path[:-1]).model_fields.items():
        if path[-1] in (name, field.validation_alias):
            rule = rule_of(field)
            return rule.allowed if rule else ""
    return ""
