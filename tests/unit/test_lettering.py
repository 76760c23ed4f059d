from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatwall import lettering
from heatwall.lettering import FONT, drawable, fitted, is_written, measure


@pytest.fixture
def only_ascii(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let OpenCV be one that writes ASCII alone, as its fourth edition does."""
    lettering._drawn.cache_clear()
    monkeypatch.setattr(lettering, "is_written", str.isascii)
    yield
    lettering._drawn.cache_clear()


@pytest.mark.parametrize("text", ["", "Entrance", "Really?", "1 + 1 = 2 (a/b) ~"])
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert drawable(text) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Bäckerei", "Backerei"),
        ("Ba\u0308ckerei", "Backerei"),
        ("Straße – Süd", "Strasse - Sud"),
        ("Crème brûlée «½»", "Creme brulee 12"),
        ("Łódź", "Lodz"),
        ("超市 2", " 2"),
        ("Wine 🍷", "Wine "),
    ],
)
@pytest.mark.usefixtures("only_ascii")
def test_letters_lose_their_accents_where_nothing_else_can_be_written(
    text: str, written: str
) -> None:
    assert drawable(text) == written


def test_lines_become_one_and_what_can_not_be_seen_is_left_out() -> None:
    assert drawable("a\nb\tc\x07d\u200be\u00a0f") == "a b cde f"


@settings(deadline=None)
@given(st.text(max_size=12))
def test_no_text_is_written_with_more_question_marks_than_it_has(text: str) -> None:
    written = drawable(text)
    assert all(letter == "?" or is_written(letter) for letter in written)
    assert written.count("?") <= text.count("?")


def test_an_emoji_is_left_out_rather_than_a_question_mark() -> None:
    assert not is_written("🛒")
    assert drawable("Wine 🛒") == "Wine "


@given(st.text("abcg W4:.", max_size=80), st.integers(0, 400))
def test_a_text_is_cut_to_its_room(text: str, room_px: int) -> None:
    cut, width = fitted(text, room_px, 0.5)
    assert width == measure(cut, 0.5)
    assert width <= room_px or cut == "..."
    assert cut == text or (cut.endswith("...") and text.startswith(cut[:-3]))


def test_a_text_is_as_wide_as_it_is_measured() -> None:
    paper = np.zeros((40, 400), np.uint8)
    cv2.putText(paper, "Checkout 4", (0, 30), FONT, 1.0, 255, 1)
    columns = np.flatnonzero(paper.any(axis=0))
    assert columns.max() == pytest.approx(measure("Checkout 4", 1.0), abs=4)
