"""The threat model names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "server" / "THREATS.md"


def missing(text: str) -> list[str]:
    """Return the tests that a text names and that do not exist."""
    files = {path.stem: path for path in TESTS.rglob("test_*.py")}
    named = re.findall(r"`(test_\w+): (test_\w*)`", text)
    return [
        f"{file}: {test}"
        for file, test in named
        if file not in files or f"def {test}" not in files[file].read_text(encoding="utf-8")
    ]


def test_every_test_that_the_threat_model_names_exists() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert len(re.findall(r"`test_\w+: ", text)) > 30
    assert missing(text) == []


def test_a_test_that_is_gone_is_missed() -> None:
    own = Path(__file__).stem
    text = f"`{own}: test_every_test` `{own}: test_that_never_was` `test_nowhere: test_x`"
    assert missing(text) == [f"{own}: test_that_never_was", "test_nowhere: test_x"]


def test_every_threat_names_a_test() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:2] == "| "]
    assert len(rows) > 15
    for row in rows[1:]:
        assert "`test_" in row, row
