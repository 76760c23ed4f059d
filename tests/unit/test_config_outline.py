from __future__ import annotations

import pytest

from heatwall.config.outline import Part, outline_of

TEXT = """\
# a wall
base: &base {url: x}   # shared
door:                  # the door
  <<: *base
  lines:
    a: {from: [0, 1]}
    # between
    b:
      from:
      - 0.5
      - 1      # last
      # behind all
  zones:
gate: *base
"""


def at(*keys: str, text: str = TEXT) -> Part:
    part = outline_of(text)
    for key in keys:
        assert part is not None
        entry = part.entry(key)
        part = entry.value if entry else None
    assert part is not None
    return part


def written(*keys: str, text: str = TEXT) -> str:
    part = at(*keys, text=text)
    return text[part.start : part.end]


def test_a_value_is_found_where_it_stands() -> None:
    assert written("door", "lines", "a") == "{from: [0, 1]}"
    assert written("door", "lines", "a", "from") == "[0, 1]"
    assert written("base") == "&base {url: x}"
    assert written("door", "zones") == ""
    assert TEXT[: at("door", "zones").start].endswith("zones:")


def test_a_block_ends_with_its_last_value_and_not_with_the_comments_behind() -> None:
    assert written("door", "lines", "b", "from") == "- 0.5\n      - 1"
    assert written("door", "lines").endswith("- 1")
    assert written("door").endswith("zones:")


def test_an_alias_is_a_word_where_it_stands() -> None:
    assert at("gate").form == "alias"
    assert written("gate") == "*base"
    assert written("door", "<<") == "*base"


def test_an_alias_within_an_alias_costs_nothing() -> None:
    rows = ["x0: &x0 [a, a, a, a, a, a, a, a, a, a]"]
    rows += [f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert len(at("x11", text="\n".join(rows)).items) == 10


def test_forms_and_columns_are_told() -> None:
    lines = at("door", "lines")
    assert (lines.form, lines.is_flow, lines.is_block, lines.column) == ("map", False, True, 4)
    assert at("door", "lines", "a").is_flow
    assert at("door", "lines", "b", "from").form == "list"
    assert [entry.key for entry in lines.entries] == ["a", "b"]
    assert [entry.column for entry in lines.entries] == [4, 4]


@pytest.mark.parametrize("start", ["\ufeff", "\ufeff# ä 🙂\r\n", "---\n"])
def test_places_are_characters_of_the_text_whatever_it_begins_with(start: str) -> None:
    text = f"{start}a: ä\r\nb: {{c: 1}}\r\n"
    assert written("a", text=text) == "ä"
    assert written("b", text=text) == "{c: 1}"


def test_an_empty_text_has_no_outline() -> None:
    assert outline_of("") is None
    assert outline_of("# nothing\n") is None
