"""What a benchmark found: rows with their targets, printed as tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

_WORDS = {True: "[green]yes[/]", False: "[red]no[/]", None: ""}


@dataclass(frozen=True, slots=True)
class Row:
    """One measured figure.

    Attributes:
        name: What was measured; unique over all tables.
        value: The figure; None when it could not be measured.
        unit: Its unit; empty for a ratio.
        target: Limit that it should keep, in the same unit; None for a figure to know.
        note: How it was measured, or why it was not.
        limit: Which limit: the value may be up to it, from it on, or that far off 0 either way.
    """

    name: str
    value: float | None
    unit: str = ""
    target: float | None = None
    note: str = ""
    limit: Literal["≤", "≥", "±"] = "≤"

    @property
    def reached(self) -> bool | None:
        """Whether the value keeps the target; None without one of the two."""
        if self.value is None or self.target is None:
            return None
        match self.limit:
            case "≤":
                return self.value <= self.target
            case "≥":
                return self.value >= self.target
            case "±":
                return abs(self.value) <= self.target

    def as_json(self) -> dict[str, str | float | bool | None]:
        """Return the row as it stands in the file."""
        return {
            "name": self.name,
            "value": None if self.value is None else _rounded(self.value),
            "unit": self.unit,
            "target": self.target,
            "limit": self.limit,
            "reached": self.reached,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one benchmark."""

    title: str
    rows: tuple[Row, ...]


def print_table(console: Console, table: Table) -> None:
    """Print one table, and below it how its figures came about."""
    shown = RichTable(title=table.title, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    shown.add_column("figure")
    shown.add_column("value", justify="right", no_wrap=True)
    shown.add_column("target", justify="right", no_wrap=True)
    shown.add_column("reached", justify="center")
    for row in table.rows:
        value = "not measured" if row.value is None else f"{_rounded(row.value):g} {row.unit}"
        target = "" if row.target is None else f"{row.limit} {row.target:g} {row.unit}"
        shown.add_row(row.name, value.strip(), target.strip(), _WORDS[row.reached])
    console.print(shown)
    for row in table.rows:
        if row.note:
            console.print(f"  [dim]{escape(row.name)}: {escape(row.note)}[/]", highlight=False)


def write_rows(path: Path, tables: Sequence[Table]) -> None:
    """Write the rows of all tables as one JSON list."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [row.as_json() for table in tables for row in table.rows]
    path.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _rounded(value: float) -> float:
    """Return `value` with four digits that count: more would be noise."""
    return float(f"{value:.4g}")
