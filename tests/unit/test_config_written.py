from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from heatwall.config.document import parse_document
from heatwall.config.written import Shapes, written, written_out

DOOR = {"from": [0.1, 0.7], "to": [1.0, 0.0], "inside": "below"}


def test_a_line_is_written_as_people_write_it() -> None:
    assert written(DOOR) == "{from: [0.1, 0.7], to: [1, 0], inside: below}"
    assert written({}) == "{}"


@given(st.floats(0, 1))
def test_every_place_is_read_again_as_the_same_number(place: float) -> None:
    assert "e" not in written(place)
    assert parse_document(f"a: {written(place)}", "x").tree == {"a": place}


@pytest.mark.parametrize("zones", [{}, {"queue": {"polygon": [[0.0, 0.0], [0.5, 0.0]]}}])
def test_what_is_to_be_pasted_is_yaml(zones: Shapes) -> None:
    regions: dict[str, Shapes] = {"lines": {"door": DOOR}, "zones": zones}
    assert yaml.safe_load(written_out(regions)) == regions
