"""How long the long tests are: short in `make test`, long in `make soak`."""

from __future__ import annotations

import os


def is_soak() -> bool:
    """Return whether `make soak` runs."""
    return os.environ.get("HEATWALL_SOAK") == "1"


def amount(short: int, long: int) -> int:
    """Return how much of something there is to be."""
    return long if is_soak() else short


def tell(figures: str) -> None:
    """Print what a long test has measured; pytest shows it with `-s`, as `make soak` does."""
    print(figures, flush=True)  # noqa: T201 - what the soak is run for
