"""Counting lines and zones as they are written on the command line."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from heatwall.errors import ConfigError, ConfigFault
from heatwall.shapes import SIDES

LINE_FORM = (
    "X1,Y1,X2,Y2 in pixels or in parts of the picture from 0 to 1, with :above, :below, :left or "
    ":right behind it for the side that is inside, and NAME= before it if it shall have a name"
)
"""What may be written for a line, for people."""

ZONE_FORM = (
    "X1,Y1,X2,Y2,X3,Y3 and so on, in pixels or in parts of the picture from 0 to 1, with NAME= "
    "before it if it shall have a name"
)
"""What may be written for a zone, for people."""

REGION_FORM = (
    "points such as [(20, 400), (1080, 400)]: two for a counting line, three or more for a zone, "
    "in pixels or in parts of the picture from 0 to 1"
)
"""What may be written for a region, for people."""

_NAME = re.compile(r"([^=,;()\[\]]+)=(.*)", re.DOTALL)
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)")
_BETWEEN = re.compile(r"[\s,;()\[\]]*")
"""What may stand between the numbers: all of Python's and of people's ways to write points."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A line or a zone as it was written.

    Attributes:
        option: The option that it was given with, such as `--line`.
        text: What was written.
        name: Its name, or "" when it has none of its own.
        points: Corners or ends, in pixels or normalised, as they were written.
        inside: For a line, the side that is inside; None when it was not said.
    """

    option: str
    text: str
    name: str
    points: tuple[tuple[float, float], ...]
    inside: str | None

    @property
    def is_line(self) -> bool:
        """Whether it is a line: it has two points."""
        return len(self.points) == 2

    def side(self, width: int, height: int) -> str:
        """Return the side of the line that is inside in a picture of this size in pixels.

        Where none was said, it is below a line that lies, and right of one that stands, which is
        the direction that Ultralytics' counters take for in.
        """
        if self.inside is not None:
            return self.inside
        start, end = self.normalised(width, height)
        lies = abs(end[0] - start[0]) * width >= abs(end[1] - start[1]) * height
        return "below" if lies else "right"

    def normalised(self, width: int, height: int) -> tuple[tuple[float, float], ...]:
        """Return the points in parts of a picture of this size in pixels.

        Numbers that are all at most 1 are such parts already: a line within the first pixel
        would be of no use to anybody.

        Raises:
            ConfigError: A point lies outside of the picture.
        """
        if all(max(point) <= 1 for point in self.points):
            size = (1, 1)
            edges = "numbers from 0 to 1"
        else:
            size = (width, height)
            edges = f"x from 0 to {width} and y from 0 to {height}, the size of the picture"
        for x, y in self.points:
            if not (0 <= x <= size[0] and 0 <= y <= size[1]):
                message = f"has the point {x:g},{y:g} outside of the picture"
                raise fault(self.option, self.text, message, edges)
        return tuple((x / size[0], y / size[1]) for x, y in self.points)


def parse_line(text: str, option: str = "--line") -> Shape:
    """Return the line that `[NAME=]X1,Y1,X2,Y2[:SIDE]` describes.

    Raises:
        ConfigError: The text is no line.
    """
    name, rest = _split_name(text)
    body, mark, side = rest.partition(":")
    side = side.strip().lower()
    if mark and side not in SIDES:
        raise fault(option, text, f"has the side {side!r}", ", ".join(SIDES))
    points = _points(body, option, text, LINE_FORM)
    if len(points) != 2:
        raise fault(option, text, f"has {_count(points)}, a line has 2", LINE_FORM)
    return Shape(option, text, name, points, side or None)


def parse_zone(text: str, option: str = "--zone") -> Shape:
    """Return the zone that `[NAME=]X1,Y1,X2,Y2,X3,Y3,…` describes.

    Raises:
        ConfigError: The text is no polygon.
    """
    name, body = _split_name(text)
    points = _points(body, option, text, ZONE_FORM)
    if len(points) < 3:
        raise fault(option, text, f"has {_count(points)}, a zone has at least 3", ZONE_FORM)
    return Shape(option, text, name, points, None)


def parse_region(text: str, option: str = "--region") -> Shape:
    """Return the line (two points) or the zone (three or more) of Ultralytics' `region`.

    Raises:
        ConfigError: The text has fewer than two points.
    """
    name, body = _split_name(text)
    points = _points(body, option, text, REGION_FORM)
    if len(points) < 2:
        raise fault(option, text, f"has {_count(points)}", REGION_FORM)
    return Shape(option, text, name, points, None)


def fault(option: str, found: str, message: str, allowed: str) -> ConfigError:
    """Return the error for one option."""
    return ConfigError([ConfigFault(option, None, "", repr(found), message, allowed)])


def _count(points: tuple[tuple[float, float], ...]) -> str:
    return f"{len(points)} point{'' if len(points) == 1 else 's'}"


def _split_name(text: str) -> tuple[str, str]:
    match = _NAME.fullmatch(text.strip())
    return (match[1].strip(), match[2]) if match else ("", text)


def _points(body: str, option: str, text: str, allowed: str) -> tuple[tuple[float, float], ...]:
    numbers = [float(number) for number in _NUMBER.findall(body)]
    if not _BETWEEN.fullmatch(_NUMBER.sub(" ", body)) or not all(map(math.isfinite, numbers)):
        raise fault(option, text, "is not a list of numbers", allowed)
    if len(numbers) % 2:
        raise fault(option, text, f"has {len(numbers)} numbers, which make no points", allowed)
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))
