"""The kinds of value that lie in a picture: points, polygons, sides, widths by row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from heatwall.config.rules import FromFile, JsonSchema, PartError, Rule, choice, read_number
from heatwall.shapes import MOST_CORNERS, SIDES, Point, check_point, check_polygon, open_ring

_NARROWEST, _WIDEST = 0.005, 0.5
"""Share of the picture's width. Nothing can be told of a person of 3 px in a detect frame of
640; one who fills half the picture stands before the lens."""

_MOST_ROWS = 32
"""Between the rows the width follows a straight line; two are enough for a level floor."""

_A_POINT = "a point [x, y], each a number from 0 to 1: x to the right, y down"
_A_POLYGON = (
    f"a list of 3 to {MOST_CORNERS} corners [x, y] in order round the edge, "
    "each number from 0 to 1, no edge across another"
)
_A_WIDTH = f"auto, a number from {_NARROWEST} to {_WIDEST} for the whole picture"
_A_PAIR = f"[row, width]: row from 0 (top) to 1, width from {_NARROWEST} to {_WIDEST}"

PersonWidth = float | tuple[Point, ...] | None
"""One width, widths by row, or None to learn them; shares of the picture's width."""


def is_pair(value: Any) -> bool:
    """Return whether `value` looks like a point: a list of two single values."""
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        return False
    return not any(isinstance(part, Sequence) and not isinstance(part, str) for part in value)


def _numbers(value: Any, at: tuple[int, ...], allowed: str) -> Point:
    """Return the two numbers of a list."""
    if not is_pair(value):
        raise PartError(at, "is not a list of two numbers", allowed)
    try:
        return read_number(value[0]), read_number(value[1])
    except ValueError:
        raise PartError(at, "is not a list of two numbers", allowed) from None


def _point(value: Any, at: tuple[int, ...] = ()) -> Point:
    point = _numbers(value, at, _A_POINT)
    try:
        check_point(point)
    except ValueError as error:
        raise PartError(at, str(error), _A_POINT) from None
    return point


def _parse_polygon(value: Any, _file: FromFile | None) -> tuple[Point, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise ValueError("is not a list of corners")
    if value and not any(isinstance(corner, Sequence) for corner in value):
        raise ValueError("is one point: a polygon is a list of them, in brackets of its own")
    corners = open_ring([_point(corner, (place,)) for place, corner in enumerate(value)])
    check_polygon(corners)
    return corners


def _parse_width(value: Any, _file: FromFile | None) -> PersonWidth:
    if value is None or (isinstance(value, str) and value.strip().lower() == "auto"):
        return None
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _widths(value)
    width = read_number(value)
    if not _NARROWEST <= width <= _WIDEST:
        raise ValueError(f"is out of range{_pixels(width)}")
    return width


def _widths(value: Sequence[Any]) -> tuple[Point, ...]:
    if not 1 <= len(value) <= _MOST_ROWS:
        raise ValueError(f"has {len(value)} rows")
    pairs: list[Point] = []
    for place, item in enumerate(value):
        row, width = _numbers(item, (place,), _A_PAIR)
        if not (0 <= row <= 1 and _NARROWEST <= width <= _WIDEST):
            raise PartError((place,), f"is out of range{_pixels(max(row, width))}", _A_PAIR)
        if pairs and row <= pairs[-1][0]:
            raise PartError((place,), "does not come below the row before it", "rows from the top")
        pairs.append((row, width))
    return tuple(pairs)


def _pixels(value: float) -> str:
    """Return the hint for a number that looks like pixels."""
    return ": divide pixels by the picture's width and height" if value > 1 else ""


def _write_width(width: PersonWidth) -> Any:
    if isinstance(width, tuple):
        return [list(pair) for pair in width]
    return "auto" if width is None else width


_POINT_SCHEMA: JsonSchema = {
    "type": "array",
    "items": {"type": "number", "minimum": 0, "maximum": 1},
    "minItems": 2,
    "maxItems": 2,
}

POINT = Rule(lambda value, _file: _point(value), _A_POINT, _POINT_SCHEMA, list)
"""A point of the picture."""

POLYGON = Rule(
    _parse_polygon,
    _A_POLYGON,
    {"type": "array", "items": _POINT_SCHEMA, "minItems": 3, "maxItems": MOST_CORNERS + 1},
    lambda corners: [list(corner) for corner in corners],
)
"""A simple polygon in the picture, its first corner not repeated."""

SIDE = choice(SIDES)
"""The side of a line that is inside."""

PERSON_WIDTH = Rule(
    _parse_width,
    f"{_A_WIDTH}, or a list of up to {_MOST_ROWS} {_A_PAIR}",
    {
        "anyOf": [
            {"const": "auto"},
            {"type": "number", "minimum": _NARROWEST, "maximum": _WIDEST},
            {
                "type": "array",
                "items": {**_POINT_SCHEMA, "items": {"type": "number"}},
                "minItems": 1,
                "maxItems": _MOST_ROWS,
            },
        ]
    },
    _write_width,
)
"""How wide a person is in the picture."""
