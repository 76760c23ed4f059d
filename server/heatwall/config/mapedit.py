"""Edits of the maps in a YAML text: entries added, taken out and changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from heatwall.config.outline import Entry, Part
from heatwall.config.splice import Splice
from heatwall.config.written import written
from heatwall.errors import EditError

_STEP = 2
"""Columns by which a value of more lines than one stands under its key, at the least."""

_COMMA = re.compile(r"\s*,")
_BARE = re.compile(r"~|null|\{\s*\}|", re.IGNORECASE)
"""Nothing, in the ways to write that."""


def is_bare(splice: Splice, part: Part) -> bool:
    """Return whether nothing is written at `part`: no value, a null, or a map without entries."""
    return _BARE.fullmatch(splice.text, part.start, part.end) is not None


def insert_rows(splice: Splice, after: int, indent: int, rows: Sequence[str]) -> None:
    """Put rows of their own after the line in which a piece ends before `after`."""
    at = splice.line_after(after)
    splice.insert(at, "".join(f"{' ' * indent}{row}{splice.line_end}" for row in rows))


def add_to_flow(splice: Splice, part: Part, kept: Sequence[Entry], new: Sequence[str]) -> None:
    """Put entries behind those of a map in braces that are `kept`."""
    if kept:
        splice.insert(kept[-1].value.end, "".join(f", {entry}" for entry in new))
    elif new:
        at = part.entries[0].start if part.entries else part.end - 1
        splice.insert(at, ", ".join(new))


def remove_from_block(splice: Splice, gone: Sequence[Entry]) -> None:
    """Take the lines of entries out of a map that has a line for each.

    Raises:
        EditError: One of them shares its line with what stands before it.
    """
    for entry in gone:
        start = splice.line_of(entry.start)
        if splice.text[start : entry.start].strip():
            raise EditError(f"{entry.key} does not begin a line")
        splice.replace(start, splice.line_after(entry.value.end), "")


def remove_from_flow(splice: Splice, part: Part, gone: Sequence[Entry]) -> None:
    """Take entries out of a map in braces. Comments between them stay."""
    before: Entry | None = None  # the last one that stays
    run: list[Entry] = []
    for entry in part.entries:
        if entry in gone:
            run.append(entry)
            continue
        _remove_run(splice, before, run, entry)
        before, run = entry, []
    _remove_run(splice, before, run, None)


def _remove_run(
    splice: Splice, before: Entry | None, run: Sequence[Entry], behind: Entry | None
) -> None:
    """Take entries that follow each other out from between two that stay, where there are such."""
    if not run:
        return
    start, end = run[0].start, run[-1].value.end
    if behind is not None:
        end = behind.start
    elif before is not None:
        start = before.value.end
    if "#" not in splice.text[start:end] and (before or behind):
        splice.replace(start, end, "")
        return
    for entry in run:
        comma = _COMMA.match(splice.text, entry.value.end)
        splice.replace(entry.start, comma.end() if comma else entry.value.end, "")


def write(splice: Splice, part: Part, value: Any, column: int) -> None:
    """Write a value anew as a whole; `column` is that of its key."""
    new = written(value)
    if part.start == part.end:
        new = f" {new}"  # nothing stood behind the colon
    elif part.is_block and part.column <= column:
        new = f"{' ' * (column - part.column + _STEP)}{new}"
    splice.replace(part.start, part.end, new)


def patch(splice: Splice, part: Part, old: Any, new: Any, column: int) -> None:
    """Write those values below `part` anew that are others in `new` than in `old`."""
    if old == new:
        return
    keys = {entry.key for entry in part.entries}
    if part.form == "map" and isinstance(new, dict) and keys == new.keys() == old.keys():
        for entry in part.entries:
            patch(splice, entry.value, old[entry.key], new[entry.key], entry.column)
    elif part.form == "list" and len(part.items) == len(old) == len(new):
        for item, was, wanted in zip(part.items, old, new, strict=True):
            patch(splice, item, was, wanted, part.column)
    else:
        write(splice, part, new, column)
