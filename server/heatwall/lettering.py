"""Texts as OpenCV can write them."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import cv2
import numpy as np

FONT = cv2.FONT_HERSHEY_SIMPLEX

_CUT = "..."
"""Stands for the rest of a text; not one letter, since OpenCV 4 can't draw that."""

_INSTEAD = {"–": "-", "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "×": "x", "·": "-"} | {
    "ß": "ss", "Æ": "Ae", "æ": "ae", "Ø": "O", "ø": "o", "Œ": "Oe", "œ": "oe", "Ł": "L", "ł": "l"
}  # fmt: skip
"""What Unicode takes apart no further, and people do."""

_MOST_BYTES = 4
"""Of a letter in UTF-8, for each of which OpenCV may write a question mark."""


def drawable(text: str) -> str:
    """Return a text without what OpenCV would write a question mark for.

    OpenCV 5 writes most scripts, OpenCV 4 writes ASCII alone: letters lose their accents then, and
    what is like no letter of ASCII is left out. Line ends become spaces.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_drawn, unicodedata.normalize("NFC", text)))


def fitted(text: str, room_px: int, scale: float, thickness: int = 1) -> tuple[str, int]:
    """Return as much of a text as fits into some pixels, and its width in pixels."""
    width = measure(text, scale, thickness)
    kept = len(text)
    while width > room_px and kept > 0:
        # About as many letters as fit, and at least one fewer than was tried.
        kept = max(0, min(kept - 1, kept * max(0, room_px) // width - len(_CUT) // 2))
        width = measure(text[:kept] + _CUT, scale, thickness)
    return (text if kept == len(text) else text[:kept] + _CUT), width


def measure(text: str, scale: float, thickness: int = 1) -> int:
    """Return how many pixels wide a text is."""
    (width, _), _ = cv2.getTextSize(text, FONT, scale, thickness)
    return int(width)


@lru_cache(maxsize=4096)
def _drawn(letter: str) -> str:
    """Return what is written for a letter, which may be nothing."""
    if letter.isspace():
        return " "
    if not letter.isprintable():
        return ""
    if is_written(letter):
        return letter
    plain = _INSTEAD.get(letter) or unicodedata.normalize("NFKD", letter)
    return "".join(part for part in plain if part.isascii())


def is_written(letter: str) -> bool:
    """Return whether OpenCV writes a letter itself, and no question mark for it."""
    look = _look(letter)
    return letter == "?" or all(look != _look("?" * count) for count in range(1, _MOST_BYTES + 1))


def _look(text: str) -> bytes:
    """Return the pixels of a short text."""
    paper = np.zeros((32, 96), np.uint8)
    cv2.putText(paper, text, (4, 24), FONT, 0.7, 255, 1)
    return paper.tobytes()
