"""Edits of a text at given places, made all at once."""

from __future__ import annotations

import re

_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
"""The ends of a line that YAML 1.1 knows (section 4.2), which PyYAML follows."""


class Splice:
    """Collects edits of one text. Places are those of the text as it was.

    Args:
        text: The text; it gets an end of line while it is edited, if its last line has none.
    """

    def __init__(self, text: str) -> None:
        found = _BREAK.search(text)
        self.line_end = found[0] if found else "\n"
        self._is_open = _BREAK.fullmatch(text[-1:]) is None
        self.text = text + self.line_end if self._is_open else text
        self._edits: list[tuple[int, int, str]] = []

    def replace(self, start: int, end: int, new: str) -> None:
        """Put `new` in place of what stands from `start` to before `end`.

        What is removed twice is removed once; inserts at one place keep the order of the calls.
        """
        self._edits.append((start, end, new))

    def insert(self, at: int, new: str) -> None:
        """Put `new` before the character at `at`."""
        self.replace(at, at, new)

    def line_of(self, at: int) -> int:
        """Return where the line that holds the character at `at` begins."""
        ends = [found.end() for found in _BREAK.finditer(self.text, 0, at)]
        return ends[-1] if ends else 0

    def line_after(self, end: int) -> int:
        """Return where the line after a piece that ends before `end` begins."""
        if end and _BREAK.fullmatch(self.text[end - 1]):
            return end  # a block of text, whose last character is an end of line
        found = _BREAK.search(self.text, end)
        return found.end() if found else len(self.text)

    def result(self) -> str:
        """Return the text with all edits made."""
        pieces: list[str] = []
        at = 0
        for start, end, new in sorted(self._edits, key=lambda edit: edit[:2]):
            pieces += [self.text[at:start], new]
            at = max(at, end)
        text = "".join([*pieces, self.text[at:]])
        return text.removesuffix(self.line_end) if self._is_open else text
