"""Values in YAML's flow style, as this server writes them into a config."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

Shapes = dict[str, dict[str, Any]]
"""Lines or zones by name, each with its keys and values as in the file."""


def written(value: Any) -> str:
    """Return a value of maps, lists, numbers and plain words in flow style."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {written(one)}' for key, one in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, float):
        digits = format(Decimal(repr(value)), "f")  # never 1e-05, which YAML 1.1 reads as text
        return digits.removesuffix(".0")
    return str(value)


def written_out(regions: dict[str, Shapes]) -> str:
    """Return lines and zones as somebody may paste them below a camera's key."""
    rows: list[str] = []
    for section, shapes in regions.items():
        rows.append(f"{section}:" if shapes else f"{section}: {{}}")
        rows += [f"  {name}: {written(shape)}" for name, shape in shapes.items()]
    return "\n".join(rows)
