"""What the numbers of a heat mean, in words for people."""

from __future__ import annotations

from heatwall.config.units import format_duration

SO_FAR = "of the time so far"
"""What a share of a heat that does not fade is of."""


def meaning(half_life_s: float | None, class_name: str | None) -> str:
    """Return what a share is of, for a legend.

    Args:
        half_life_s: Of the heat, seconds; None for a lifetime sum.
        class_name: The class that it is of; None for all that count.
    """
    words = SO_FAR
    if half_life_s is not None:
        words = f"of recent time (half-life {format_duration(half_life_s)})"
    return words if class_name is None else f"{words}, {class_name}"


def percent(share: float) -> str:
    """Return a share for people, such as `25 %` or `7.5 %`, as exactly as scales move."""
    return f"{round(share * 100, 1):g} %"
