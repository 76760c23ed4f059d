"""The examples of the public API do what they say."""

from __future__ import annotations

import ast
import doctest
import re
from pathlib import Path

import pytest

import heatwall

README = Path(__file__).parents[2] / "README.md"
PUBLIC = sorted(name for name in heatwall.__all__ if not name.startswith("_"))
WITHOUT = {"HeatmapResult"}
"""What only others make: their examples show it."""


@pytest.mark.parametrize("name", [name for name in PUBLIC if name not in WITHOUT])
def test_every_public_class_has_an_example_that_does_what_it_says(name: str) -> None:
    assert_examples_hold(name, getattr(heatwall, name).__doc__)


def test_the_readme_s_example_on_plain_arrays_does_what_it_says() -> None:
    blocks = re.findall(r"```python\n(.*?)```", section("From Python"), re.DOTALL)
    arrays = [block for block in blocks if ">>>" in block]
    assert len(arrays) == 1
    assert_examples_hold("README", arrays[0])


def test_the_readme_s_other_examples_are_python() -> None:
    for block in re.findall(r"```python\n(.*?)```", section("From Python"), re.DOTALL):
        if ">>>" not in block:
            ast.parse(block)


def section(title: str) -> str:
    _, _, rest = README.read_text().partition(f"\n## {title}\n")
    assert rest, f"README.md has no section {title}"
    return rest.partition("\n## ")[0]


def assert_examples_hold(name: str, text: str) -> None:
    example = doctest.DocTestParser().get_doctest(text, {}, name, None, None)
    said: list[str] = []
    done = doctest.DocTestRunner(verbose=False).run(example, out=said.append)
    assert done.attempted > 0, f"{name} has no example"
    assert done.failed == 0, "".join(said)
