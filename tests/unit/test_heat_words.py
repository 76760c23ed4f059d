from __future__ import annotations

import pytest

from heatwall.heat_words import meaning, percent


@pytest.mark.parametrize(
    ("half_life_s", "class_name", "text"),
    [
        (None, None, "of the time so far"),
        (30.0, None, "of recent time (half-life 30s)"),
        (600.0, "person", "of recent time (half-life 10m), person"),
    ],
)
def test_a_legend_says_what_a_share_is_of(
    half_life_s: float | None, class_name: str | None, text: str
) -> None:
    assert meaning(half_life_s, class_name) == text


@pytest.mark.parametrize(("share", "text"), [(0.25, "25 %"), (0.051, "5.1 %"), (1.0, "100 %")])
def test_a_share_is_told_in_per_cent(share: float, text: str) -> None:
    assert percent(share) == text
