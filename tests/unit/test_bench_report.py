from __future__ import annotations

import io
import json
from pathlib import Path

from rich.console import Console

from bench.report import Row, Table, print_table, write_rows


def test_a_target_is_reached_when_the_value_is_not_above_it() -> None:
    assert Row("a", 50.0, "ms", 50.0).reached is True
    assert Row("a", 50.1, "ms", 50.0).reached is False


def test_a_target_may_be_a_least_value_or_a_distance_from_zero() -> None:
    assert Row("a", 0.97, "", 0.97, limit="≥").reached is True
    assert Row("a", 0.96, "", 0.97, limit="≥").reached is False
    assert Row("a", -5.0, "%", 5.0, limit="±").reached is True
    assert Row("a", -5.1, "%", 5.0, limit="±").reached is False


def test_what_was_not_measured_or_has_no_target_is_neither_reached_nor_missed() -> None:
    assert Row("a", None, "ms", 50.0).reached is None
    assert Row("a", 50.0, "ms").reached is None


def test_the_file_is_one_list_of_all_rows(tmp_path: Path) -> None:
    path = tmp_path / "build" / "bench.json"

    write_rows(
        path, [Table("t", (Row("a", 1.23456, "ms", 2.0, "so"),)), Table("u", (Row("b", 2),))]
    )

    assert json.loads(path.read_text()) == [
        {
            "name": "a",
            "value": 1.235,
            "unit": "ms",
            "target": 2,
            "limit": "≤",
            "reached": True,
            "note": "so",
        },
        {
            "name": "b",
            "value": 2,
            "unit": "",
            "target": None,
            "limit": "≤",
            "reached": None,
            "note": "",
        },
    ]


def test_a_printed_table_says_what_was_not_measured_and_why() -> None:
    text = io.StringIO()

    print_table(Console(file=text, width=100), Table("GPU", (Row("a", None, note="no [gpu]"),)))

    assert "not measured" in text.getvalue()
    assert "a: no [gpu]" in text.getvalue()
