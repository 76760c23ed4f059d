"""Where the values of a YAML text stand in it, for edits that leave all else as it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import yaml

from heatwall.config.document import ShallowLoader

_ALIAS = "alias"
"""Our own tag of an alias, which stands for the value of its anchor elsewhere."""


@dataclass(frozen=True, slots=True)
class Part:
    """One value as it is written.

    Attributes:
        form: A word is anything without parts of its own, a null that is not written too.
        start: Of its first character; its anchor and its tag belong to it.
        end: After its last character. Comments behind it do not belong to it.
        column: Of its first character in its line, from 0.
        is_flow: Whether it is in brackets or braces.
        entries: Of a map, in order; those of merged maps are not among them.
        items: Of a list, in order.
    """

    form: Literal["map", "list", "word", "alias"]
    start: int
    end: int
    column: int
    is_flow: bool = False
    entries: tuple[Entry, ...] = ()
    items: tuple[Part, ...] = ()

    @property
    def is_block(self) -> bool:
        """Whether it has parts that are set apart by their lines."""
        return self.form in ("map", "list") and not self.is_flow

    def entry(self, key: str) -> Entry | None:
        """Return the entry of a map under `key`."""
        return next((entry for entry in self.entries if entry.key == key), None)


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a map with its value.

    Attributes:
        key: The key, `<<` for a merged map.
        start: Of the key's first character.
        column: Of that in its line, from 0.
        value: What stands under the key.
    """

    key: str
    start: int
    column: int
    value: Part


def outline_of(text: str) -> Part | None:
    """Return where the document in `text` stands; None for one that is empty.

    Args:
        text: A text that `parse_document` takes.
    """
    node = _OutlineLoader(text).get_single_node()
    return None if node is None else _part(node)


class _OutlineLoader(ShallowLoader):
    """A composer that leaves aliases as they are written."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Compose one node; an alias is a word of its own, where it stands."""
        peek: Callable[[], Any] = self.peek_event
        event = peek()
        is_alias = isinstance(event, yaml.AliasEvent)
        node = super().compose_node(parent, index)
        if is_alias:
            return yaml.ScalarNode(_ALIAS, "", event.start_mark, event.end_mark)
        return node


def _part(node: yaml.Node) -> Part:
    start, column = node.start_mark.index, node.start_mark.column
    if isinstance(node, yaml.MappingNode):
        entries = tuple(_entry(key, value) for key, value in node.value)
        end = node.end_mark.index if node.flow_style else entries[-1].value.end
        return Part("map", start, end, column, bool(node.flow_style), entries=entries)
    if isinstance(node, yaml.SequenceNode):
        items = tuple(_part(item) for item in node.value)
        # The parser's own end of a block lies behind the comments that follow it.
        end = node.end_mark.index if node.flow_style else items[-1].end
        return Part("list", start, end, column, bool(node.flow_style), items=items)
    form: Literal["word", "alias"] = "alias" if node.tag == _ALIAS else "word"
    return Part(form, start, node.end_mark.index, column)


def _entry(key: yaml.Node, value: yaml.Node) -> Entry:
    return Entry(str(key.value), key.start_mark.index, key.start_mark.column, _part(value))
