"""Every exception that a linter is asked for says why, on its line."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

EXCEPTION = re.compile(r"# noqa\b|# type: ignore\b")

REASONED = re.compile(
    r"# noqa: [A-Z]+\d+(, [A-Z]+\d+)* --? \S.*|# type: ignore\[[a-z, -]+\] +# \S.*"
)


def without_reason(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of each comment that asks for an exception and does not say why."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        is_exception = token.type == tokenize.COMMENT and EXCEPTION.search(token.string)
        if is_exception and not REASONED.fullmatch(token.string):
            yield token.start[0], token.string


def test_every_exception_has_its_reason() -> None:
    files = [*(ROOT / "server").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
    assert len(files) > 100
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in files
        for line, text in without_reason(path.read_text(encoding="utf-8"))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("comment", "has_reason"),
    [
        ("# noqa: T201 - the command's output", True),
        ("# noqa: ARG002, N802 -- as the library calls it", True),
        ("# noqa: T201", False),
        ("# noqa", False),
        ("# noqa - all of it", False),
        ("# type: ignore[arg-type]  # by name", True),
        ("# type: ignore[arg-type]", False),
        ("# type: ignore  # whatever it is", False),
        ("# a plain comment", True),
        ("x = '# noqa'", True),
    ],
)
def test_the_check_tells_a_reason_from_none(comment: str, has_reason: bool) -> None:
    assert (not list(without_reason(f"{comment}\n"))) is has_reason
