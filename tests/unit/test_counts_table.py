from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatwall.counts_table import COLUMNS, count_rows, csv_text
from heatwall.status import DwellStatus, InOut, LineStatus, ZoneStatus

ZONE = ZoneStatus(
    people_now=2,
    classes_now={"cart": 1, "person": 1},
    in_count=7,
    out_count=5,
    classes={"person": InOut(7, 5)},
    person_s=812.51234,
    dwell=DwellStatus(visits=9, mean_s=90.0, median_s=80.25, p90_s=None),
)


def test_a_line_has_a_row_for_all_and_one_for_each_class() -> None:
    line = LineStatus(5, 3, {"person": InOut(4, 3), "cart": InOut(1, 0)})

    assert list(count_rows({"door": line}, {})) == [
        {"kind": "line", "name": "door", "class": "all", "in": 5, "out": 3},
        {"kind": "line", "name": "door", "class": "person", "in": 4, "out": 3},
        {"kind": "line", "name": "door", "class": "cart", "in": 1, "out": 0},
    ]


def test_a_zone_tells_of_all_how_long_they_stay_and_of_each_class_who_is_there() -> None:
    everybody, carts, people = count_rows({}, {"queue": ZONE})

    assert everybody == {
        "kind": "zone",
        "name": "queue",
        "class": "all",
        "in": 7,
        "out": 5,
        "people_now": 2,
        "person_seconds": 812.512,
        "visits": 9,
        "dwell_mean_s": 90.0,
        "dwell_median_s": 80.25,
    }
    assert carts == {"kind": "zone", "name": "queue", "class": "cart", "people_now": 1}
    assert (people["in"], people["people_now"]) == (7, 1)


@pytest.mark.parametrize(
    "name", ["=1+1", "+door", "-door", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", '=HYPERLINK("x")']
)
def test_a_name_that_a_spreadsheet_would_run_is_text(name: str) -> None:
    text = csv_text(("name", "in"), [{"name": name, "in": 3}], "\r\n")

    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row == {"name": f"'{name}", "in": "3"}


def test_numbers_below_zero_are_numbers() -> None:
    assert csv_text(("in",), [{"in": -3}], "\r\n") == "in\r\n-3\r\n"


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_any_name_comes_back_as_it_was_but_for_the_apostrophe(name: str) -> None:
    text = csv_text(COLUMNS, count_rows({name: LineStatus(1, 2, {})}, {}), "\r\n")

    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["name"] in {name, f"'{name}"}
    assert (row["in"], row["out"], row["people_now"]) == ("1", "2", "")
    assert len(row) == len(COLUMNS)
