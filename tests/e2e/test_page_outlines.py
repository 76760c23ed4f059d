"""The page's rules of lines and zones are the server's."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.async_api import Page

from heatwall import LineCounter, Tracks
from heatwall.config import in_words, load_config, regions_of
from heatwall.shapes import MOST_CORNERS, SIDES, Point, check_inside, check_length, check_polygon
from support.fake_wall import FakeWall, fake_wall

pytestmark = pytest.mark.e2e

RANDOM = 1500
"""Shapes of each kind: on a grid so coarse that corners and edges often meet."""

FLAWS = """async ([lines, polygons, sides]) => {
  const { flawOfLine, flawOfPolygon } = await import("./js/outlines.js");
  return [
    lines.map(([from, to]) => sides.map((side) => flawOfLine(from, to, side)?.code ?? "")),
    polygons.map((polygon) => flawOfPolygon(polygon)?.code ?? ""),
  ];
}"""

SIDES_OF = """async (lines) => {
  const { handOf, sideOf, sidesWith } = await import("./js/outlines.js");
  return lines.map(([from, to]) => [1, -1].map((hand) => {
    const side = sideOf(from, to, hand, 16 / 9);
    return [side, handOf(from, to, side), sidesWith(side)];
  }));
}"""

YAML = """async (regions) => (await import("./js/regions-yaml.js")).yamlOf(regions)"""

SAID = {
    "no-length": "makes a line of no length",
    "upright": "can't be told of an upright line",
    "level": "can't be told of a level line",
    "few-corners": "has 2 corner",
    "many-corners": "has 101 corners",
    "twice": "twice in a row",
    "turns-back": "turns back on itself",
    "crosses": "crosses itself",
    "no-area": "has no area",
}
"""What the server says of each of the page's flaws."""


def coarse(count: int, corners: int) -> list[list[Point]]:
    """Return so many shapes whose corners lie on few places."""
    random = np.random.default_rng(corners)
    places = random.integers(0, 7, (count, corners, 2)) / 6
    return [[(float(x), float(y)) for x, y in shape.round(4)] for shape in places]


def server_line(start: Point, end: Point, side: str) -> str:
    try:
        check_length(start, end)
        check_inside(start, end, side)
    except ValueError as error:
        return str(error)
    return ""


def server_polygon(corners: list[Point]) -> str:
    try:
        check_polygon(corners)
    except ValueError as error:
        return str(error)
    return ""


def are_alike(code: str, said: str) -> bool:
    return said == "" if code == "" else SAID[code] in said


def goes_in(start: Point, end: Point, side: Any) -> bool:
    """Return what the server counts when somebody walks over a line to its right hand."""
    line = LineCounter(start, end, side)
    across = np.array([start[1] - end[1], end[0] - start[0]])
    across /= np.hypot(*across)
    for step, way in enumerate((-0.25, -0.15, 0.15, 0.25)):
        x, y = (np.array(start) + np.array(end)) / 2 + way * across
        line.update(Tracks.of(step / 5, [[x - 0.02, y - 0.2, x + 0.02, y]], [1]))
    counts = line.counts()
    assert counts.total_in + counts.total_out == 1, (start, end, side)
    return counts.total_in == 1


async def open_page(page: Page, wall: FakeWall) -> None:
    await page.goto(wall.url)


async def test_the_page_finds_the_same_flaws(page: Page) -> None:
    lines = coarse(300, 2)
    wheel = [
        (round(0.5 + 0.4 * math.cos(a), 4), round(0.5 + 0.4 * math.sin(a), 4))
        for a in np.linspace(0, 2 * math.pi, MOST_CORNERS + 1, endpoint=False)
    ]
    polygons = [*coarse(40, 2), *coarse(RANDOM, 3), *coarse(RANDOM, 4), *coarse(RANDOM, 5)]
    polygons += [
        wheel,
        wheel[:-1],
        [(0, 0), (1, 0), (1, 1e-6)],
        [(0.1, 0.1), (0.9, 0.1), (0.5, 0.1)],
    ]
    async with fake_wall(1, fps=1) as wall:
        await open_page(page, wall)
        of_lines, of_polygons = await page.evaluate(FLAWS, [lines, polygons, SIDES])
    for (start, end), codes in zip(lines, of_lines, strict=True):
        for side, code in zip(SIDES, codes, strict=True):
            assert are_alike(code, server_line(start, end, side)), (start, end, side, code)
    found = set()
    for polygon, code in zip(polygons, of_polygons, strict=True):
        assert are_alike(code, server_polygon(polygon)), (polygon, code)
        found.add(code)
    assert found >= {"", "few-corners", "many-corners", "twice", "turns-back", "crosses", "no-area"}


async def test_a_side_has_the_word_that_the_server_reads_as_that_side(page: Page) -> None:
    inner = [[(0.3 + 0.4 * x, 0.3 + 0.4 * y) for x, y in line] for line in coarse(60, 2)]
    lines = [line for line in inner if line[0] != line[1]]
    async with fake_wall(1, fps=1) as wall:
        await open_page(page, wall)
        told: list[Any] = await page.evaluate(SIDES_OF, lines)
    for (start, end), hands in zip(lines, told, strict=True):
        (right, right_again, pair), (left, left_again, _) = hands
        assert (right_again, left_again) == (1, -1)
        assert {right, left} == set(pair)
        assert server_line(start, end, right) == server_line(start, end, left) == ""
        assert goes_in(start, end, right)
        assert not goes_in(start, end, left)


@pytest.mark.parametrize("zones", [{}, {"on": {"polygon": [[0, 1e-7], [1, 0], [1, 1]]}}])
async def test_what_is_to_be_pasted_is_read_by_the_server(
    page: Page, zones: dict[str, Any], tmp_path: Path
) -> None:
    drawn = {
        "lines": {
            "door": {"from": [0.1, 0.7], "to": [0.5512, 1], "inside": "below"},
            "1": {"from": [0, 0], "to": [0.3333333333333333, 0.0001], "inside": "above"},
        },
        "zones": zones,
    }
    async with fake_wall(1, fps=1) as wall:
        await open_page(page, wall)
        text = await page.evaluate(YAML, drawn)
    file = tmp_path / "wall.yaml"
    file.write_text(f"cameras:\n  entrance:\n    url: rtsp://192.0.2.1/\n{text}\n")
    assert in_words(regions_of(load_config(file).cameras["entrance"])) == drawn
