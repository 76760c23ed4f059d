from __future__ import annotations

import pytest

from heatwall.config.splice import Splice


def test_edits_are_made_at_places_of_the_text_as_it_was() -> None:
    splice = Splice("abcdef\n")
    splice.replace(4, 5, "")
    splice.insert(1, "-")
    splice.replace(2, 3, "CC")
    assert splice.result() == "a-bCCdf\n"


def test_what_is_removed_twice_is_removed_once_and_inserts_stay() -> None:
    splice = Splice("abcdef\n")
    splice.replace(1, 4, "")
    splice.replace(2, 5, "")
    splice.insert(1, "x")
    splice.insert(1, "y")
    splice.insert(5, "z")
    assert splice.result() == "axyzf\n"


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_lines_are_found_by_the_files_own_line_ends(line_end: str) -> None:
    splice = Splice(line_end.join(["ab", "cd", "ef"]))
    assert splice.line_end == line_end
    second = len(f"ab{line_end}")
    assert splice.line_of(1) == 0
    assert splice.line_of(second) == splice.line_of(second + 1) == second
    assert splice.line_after(1) == splice.line_after(second) == second
    third = len(f"ab{line_end}cd{line_end}")
    assert splice.line_after(third + 2) == len(splice.text)


@pytest.mark.parametrize("text", ["", "a", "a\n", "a\r\nb", "a\n\n"])
def test_a_text_that_is_not_edited_is_the_same(text: str) -> None:
    assert Splice(text).result() == text


def test_a_last_line_without_an_end_has_none_after_lines_were_added_or_removed() -> None:
    longer = Splice("a\nb")
    longer.insert(longer.line_after(3), "c\n")
    assert longer.result() == "a\nb\nc"
    shorter = Splice("a\nb")
    shorter.replace(2, shorter.line_after(3), "")
    assert shorter.result() == "a"
