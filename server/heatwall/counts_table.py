"""What lines and zones have counted, as rows of a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

from heatwall.status import InOut, LineStatus, ZoneStatus

Row = dict[str, str | int | float]
"""Cells by column."""

COLUMNS = (
    "kind",
    "name",
    "class",
    "in",
    "out",
    "people_now",
    "person_seconds",
    "visits",
    "dwell_mean_s",
    "dwell_median_s",
    "dwell_p90_s",
)
"""Of a row; what it has nothing to say about is left out."""

ALL = "all"
"""What stands for all classes together."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A cell that begins with one of these is run by spreadsheets (OWASP, CSV injection)."""


def count_rows(lines: Mapping[str, LineStatus], zones: Mapping[str, ZoneStatus]) -> Iterator[Row]:
    """Yield the rows of all lines, then of all zones.

    Each has a row for all classes together, and then one for each class.
    """
    for name, line in lines.items():
        yield {**_place("line", name, ALL), "in": line.in_count, "out": line.out_count}
        for kind, count in line.classes.items():
            yield {**_place("line", name, kind), **_in_out(count)}
    for name, zone in zones.items():
        yield _of_all(name, zone)
        for kind in sorted({*zone.classes, *zone.classes_now}):
            yield {
                **_place("zone", name, kind),
                **(_in_out(zone.classes[kind]) if kind in zone.classes else {}),
                **_now(None if zone.people_now is None else zone.classes_now.get(kind, 0)),
            }


def csv_text(columns: Sequence[str], rows: Iterable[Row], line_end: str) -> str:
    """Return rows as CSV (RFC 4180) with the names of the columns above them.

    Texts that a spreadsheet would run get an apostrophe in front: names come from people.

    Args:
        columns: Which cells of the rows, in which order.
        rows: The rows.
        line_end: What ends each line; of RFC 4180 it is a carriage return and a line feed.
    """
    file = io.StringIO()
    table = csv.DictWriter(file, columns, restval="", lineterminator=line_end)
    table.writeheader()
    table.writerows({key: _harmless(cell) for key, cell in row.items()} for row in rows)
    return file.getvalue()


def _of_all(name: str, zone: ZoneStatus) -> Row:
    dwell = zone.dwell
    spans = {
        "dwell_mean_s": dwell.mean_s,
        "dwell_median_s": dwell.median_s,
        "dwell_p90_s": dwell.p90_s,
    }
    return {
        **_place("zone", name, ALL),
        "in": zone.in_count,
        "out": zone.out_count,
        **_now(zone.people_now),
        "person_seconds": round(zone.person_s, 3),
        "visits": dwell.visits,
        **{key: round(span, 3) for key, span in spans.items() if span is not None},
    }


def _now(people: int | None) -> Row:
    return {} if people is None else {"people_now": people}


def _place(kind: str, name: str, class_name: str) -> Row:
    return {"kind": kind, "name": name, "class": class_name}


def _in_out(count: InOut) -> Row:
    return {"in": count.in_count, "out": count.out_count}


def _harmless(cell: str | float) -> str | float:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
