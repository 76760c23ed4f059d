from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatwall.errors import ConfigError
from heatwall.render.regions import parse_line, parse_region, parse_zone

WIDTH, HEIGHT = 1280, 720


@pytest.mark.parametrize(
    "text",
    [
        "[(20, 400), (1080, 400)]",
        "[[20, 400], [1080, 400]]",
        "(20,400),(1080,400)",
        "20 400 1080 400",
        " 20.0,400;1080,4e2 ".replace("4e2", "400."),
    ],
)
def test_region_is_read_as_ultralytics_and_people_write_it(text: str) -> None:
    region = parse_region(text)

    assert region.is_line
    assert region.normalised(WIDTH, HEIGHT) == ((20 / 1280, 400 / 720), (1080 / 1280, 400 / 720))


def test_region_with_three_points_or_more_is_a_zone() -> None:
    assert not parse_region("[(20, 400), (1080, 404), (1080, 360), (20, 360)]").is_line


def test_numbers_that_are_all_at_most_one_are_parts_of_the_picture() -> None:
    assert parse_line("0.1,0.5,1,0.5").normalised(WIDTH, HEIGHT) == ((0.1, 0.5), (1.0, 0.5))


def test_a_line_may_have_a_name_and_a_side() -> None:
    line = parse_line("door=0,360,1280,360:Above")

    assert (line.name, line.side(WIDTH, HEIGHT)) == ("door", "above")


@pytest.mark.parametrize(
    ("text", "side"),
    [("0,360,1280,360", "below"), ("640,0,640,720", "right"), ("100,0,140,700", "right")],
)
def test_inside_is_down_or_right_unless_it_is_said(text: str, side: str) -> None:
    assert parse_line(text).side(WIDTH, HEIGHT) == side


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1,2,3", "has 3 numbers"),
        ("", "has 0 points"),
        ("1,2,3,4,5,6", "has 3 points, a line has 2"),
        ("1,2,3,x", "is not a list of numbers"),
        ("1e3,2,3,4", "is not a list of numbers"),
        ("0,1,2,3:inside", "has the side 'inside'"),
    ],
)
def test_a_line_that_is_none_is_told_with_what_is_allowed(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_line(text)

    assert words in str(caught.value)
    assert "allowed: " in str(caught.value)
    assert str(caught.value).startswith("--line: ")


def test_a_zone_of_two_points_is_none() -> None:
    with pytest.raises(ConfigError, match="has 2 points, a zone has at least 3"):
        parse_zone("0,0,1,1")


@pytest.mark.parametrize("text", ["0,300,1281,300", "-3,5,100,100", "0,0,5,721"])
def test_a_point_outside_of_the_picture_is_told_with_its_size(text: str) -> None:
    with pytest.raises(ConfigError, match=r"outside of the picture.*1280"):
        parse_line(text).normalised(WIDTH, HEIGHT)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1280), st.integers(0, 720)), min_size=3, max_size=9))
def test_points_in_pixels_come_back_from_their_parts(points: list[tuple[int, int]]) -> None:
    written = ",".join(f"{x},{y}" for x, y in [*points, (1280, 720)])

    parts = parse_zone(written).normalised(WIDTH, HEIGHT)

    assert [(round(x * WIDTH), round(y * HEIGHT)) for x, y in parts[:-1]] == points
