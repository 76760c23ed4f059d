"""A YAML text as a plain tree that knows the line of each of its values."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from heatwall.errors import ConfigError, ConfigFault
from heatwall.values import SecretUrl

Place = tuple[str | int, ...]
"""Where a value stands: keys of maps and places in lists, from the root."""

_DEEPEST = 32
"""Levels; the deepest value of a real config stands at level 7."""

_MOST_NODES = 100_000
"""Values after aliases are followed; a wall of 64 cameras has about 3000."""

_LONGEST_KEY = 63
"""Characters of a key that are shown: the longest that can be right."""

_MERGE = "tag:yaml.org,2002:merge"
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_PLAIN_TAGS = {
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "timestamp", "value")
}


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML document.

    Attributes:
        file: The path as the user gave it.
        tree: Dicts with text keys, lists, text, numbers, booleans and None.
        lines: 1-based line of each value's key, or of the value itself in a list.
        faults: Faults that leave the rest of the document readable, such as keys given twice.
    """

    file: str
    tree: Any
    lines: dict[Place, int] = field(default_factory=dict)
    faults: list[ConfigFault] = field(default_factory=list)

    def has(self, path: Place) -> bool:
        """Return whether something stands at `path`, if only a null."""
        tree = self.tree
        for part in path:
            is_there = part in tree if isinstance(tree, dict) else _is_item(tree, part)
            if not is_there:
                return False
            tree = tree[part]
        return True

    def line_of(self, path: Place) -> int | None:
        """Return the line of `path`, or of the nearest value around it that has one."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)


def dotted(path: Place) -> str:
    """Return `cameras.door.classes[0]` for the path to that value, without passwords."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{_shown(part)}" for part in path)
    return text.removeprefix(".")


def _shown(key: str) -> str:
    """Return a key as it may be shown: it may be a URL that slipped to the left of a colon."""
    if "://" in key or "@" in key:
        key = str(SecretUrl(key))
    return key if len(key) <= _LONGEST_KEY else f"{key[:_LONGEST_KEY]}…"


def value_at(tree: Any, place: Place) -> Any:
    """Return the value that stands at `place`, None where there is nothing."""
    for part in place:
        try:
            tree = tree[part]
        except (KeyError, IndexError, TypeError):
            return None
    return tree


def _is_item(tree: Any, part: str | int) -> bool:
    return isinstance(tree, list) and isinstance(part, int) and part < len(tree)


def parse_document(text: str, file: str) -> Document:
    """Return the document in `text`.

    Raises:
        ConfigError: The text is no YAML, is too deep or too large once its aliases are followed.
    """
    builder = _Builder(file)
    try:
        node = ShallowLoader(text).get_single_node()
        tree = None if node is None else builder.build(node, ())
    except yaml.MarkedYAMLError as error:
        raise ConfigError([_syntax_fault(error, file)]) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        message = "has a character that YAML does not allow"
        raise ConfigError([ConfigFault(file, line, "", None, message, "printable text")]) from None
    return Document(file, tree, builder.lines, builder.faults)


class ShallowLoader(yaml.SafeLoader):
    """PyYAML's composer with a limit on depth, since it calls itself for each level."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Compose one node, unless it stands too deep."""
        if self._depth > _DEEPEST:
            mark = self.get_mark()
            raise yaml.composer.ComposerError(None, None, "is nested too deep", mark)
        self._depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1


class _Builder:
    """Turns composed nodes into plain values and notes their lines."""

    def __init__(self, file: str) -> None:
        self.lines: dict[Place, int] = {}
        self.faults: list[ConfigFault] = []
        self._file = file
        self._count = 0
        self._open: set[int] = set()

    def build(self, node: yaml.Node, path: Place) -> Any:
        """Return the value of `node`; `path` is where it stands."""
        self._count += 1
        if self._count > _MOST_NODES:
            raise yaml.composer.ComposerError(None, None, "has too many values", node.start_mark)
        if id(node) in self._open:
            message = "has an alias that holds itself"
            raise yaml.composer.ComposerError(None, None, message, node.start_mark)
        self._open.add(id(node))
        self.lines.setdefault(path, node.start_mark.line + 1)
        try:
            if isinstance(node, yaml.MappingNode):
                return self._build_map(node, path)
            if isinstance(node, yaml.SequenceNode):
                return [self.build(item, (*path, place)) for place, item in enumerate(node.value)]
            return self._build_scalar(node, path)
        finally:
            self._open.discard(id(node))

    def _build_map(self, node: yaml.MappingNode, path: Place) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for key, value in node.value:
            if key.tag == _MERGE:
                parts = value.value if isinstance(value, yaml.SequenceNode) else [value]
                for part in reversed(parts):
                    merged.update(self._build_merged(part, path))
        seen: dict[str, int] = {}
        for key, value in node.value:
            if key.tag == _MERGE:
                continue
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                self._fault(line, path, "has a list or a map as a key", "a word as a key")
                continue
            name = str(key.value)
            here = (*path, name)
            if name in seen:
                message = f"is given twice; the first is in line {seen[name]}"
                self._fault(line, here, message, "each key once")
                continue
            seen[name] = line
            self.lines[here] = line
            merged[name] = self.build(value, here)
        return merged

    def _build_merged(self, node: yaml.Node, path: Place) -> dict[str, Any]:
        if isinstance(node, yaml.MappingNode):
            value: dict[str, Any] = self.build(node, path)
            return value
        self._fault(node.start_mark.line + 1, path, "merges something that is no map", "<<: *map")
        return {}

    def _build_scalar(self, node: yaml.Node, path: Place) -> Any:
        """Return text, number, truth or None, by YAML 1.2's rules.

        YAML 1.1, which PyYAML follows, reads 1:30 as 90, 0777 as 511 and a date as a date:
        those stay text here.
        """
        text = str(node.value)
        kind = node.tag.rpartition(":")[2]
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() in ("true", "yes", "on")
        if kind == "int" and _WHOLE.fullmatch(text) and len(text) < 20:
            return int(text)
        if kind == "float" and ":" not in text:
            return float(
                text.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan")
            )
        if node.tag not in _PLAIN_TAGS:
            line = node.start_mark.line + 1
            self._fault(line, path, "has a tag (a word with !)", "plain values without tags")
        return text

    def _fault(self, line: int, path: Place, message: str, allowed: str) -> None:
        self.faults.append(ConfigFault(self._file, line, dotted(path), None, message, allowed))


def _syntax_fault(error: yaml.MarkedYAMLError, file: str) -> ConfigFault:
    """Return PyYAML's complaint without its excerpt of the file, which may hold a password."""
    mark = error.problem_mark or error.context_mark
    problem = error.problem or error.context or "is not YAML"
    line = None if mark is None else mark.line + 1
    if "'\\t'" in problem:
        return ConfigFault(file, line, "", "a tab", "tabs can't indent YAML", "spaces")
    if problem.startswith(("is ", "has ")):
        return ConfigFault(file, line, "", None, problem, "a plain, shallow document")
    context = f" {error.context}" if error.context else ""
    return ConfigFault(file, line, "", None, f"is not valid YAML: {problem}{context}")
