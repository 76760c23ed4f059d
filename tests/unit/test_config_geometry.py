from __future__ import annotations

from pathlib import Path

import pytest

from heatwall.config import CameraConfig, load_config
from heatwall.errors import ConfigError, ConfigFault

CAMERA = """\
cameras:
  door:
    url: rtsp://192.0.2.11/stream1
"""


def load(folder: Path, text: str) -> CameraConfig:
    file = folder / "wall.yaml"
    file.write_text(CAMERA + text)
    return load_config(file, {"X": "0.25"}).cameras["door"]


def faults_of(folder: Path, text: str) -> list[ConfigFault]:
    with pytest.raises(ConfigError) as caught:
        load(folder, text)
    return list(caught.value.faults)


def test_lines_and_zones_are_read_under_their_names(tmp_path: Path) -> None:
    door = load(
        tmp_path,
        """\
    lines:
      main-door: {from: [0.1, 0.7], to: [0.9, 0.7], inside: Below}
      side_door: {from: ["${X}", 0], to: [0, 1], inside: left}
    zones:
      queue:
        polygon: [[0.6, 0.5], [0.9, 0.5], [0.9, 0.9], [0.6, 0.9], [0.6, 0.5]]
""",
    )
    main, side = door.lines["main-door"], door.lines["side_door"]
    assert (main.start, main.end, main.inside) == ((0.1, 0.7), (0.9, 0.7), "below")
    assert (side.start, side.end, side.inside) == ((0.25, 0), (0, 1), "left")
    assert door.zones["queue"].polygon == ((0.6, 0.5), (0.9, 0.5), (0.9, 0.9), (0.6, 0.9))


@pytest.mark.parametrize("text", ["", "    lines:\n    zones:\n", "    lines: {}\n    zones: {}\n"])
def test_a_camera_may_have_no_lines_and_no_zones(tmp_path: Path, text: str) -> None:
    door = load(tmp_path, text)
    assert (door.lines, door.zones) == ({}, {})


LINE = """\
    lines:
      way:
        from: {start}
        to: {end}
        inside: {inside}
"""


@pytest.mark.parametrize(
    ("start", "end", "inside", "line", "key", "message", "allowed"),
    [
        ("[640, 360]", "[0, 1]", "left", 6, "from", "divide pixels by the", "0 to 1"),
        ("[0, 1]", "[-0.1, 1]", "above", 7, "to", "outside of the picture", "0 to 1"),
        ("[.nan, 1]", "[0, 1]", "left", 6, "from", "is not a list of two numbers", "[x, y]"),
        ("[0, .inf]", "[0, 1]", "left", 6, "from", "is not a list of two numbers", "[x, y]"),
        ("[0, yes]", "[0, 1]", "left", 6, "from", "is not a list of two numbers", "[x, y]"),
        ("[0, 0, 0]", "[0, 1]", "left", 6, "from", "is not a list of two numbers", "[x, y]"),
        ("0.1, 0.7", "[0, 1]", "left", 6, "from", "is not a list of two numbers", "[x, y]"),
        ("{x: 0, y: 1}", "[0, 1]", "left", 6, "from", "is not a list of two numbers", "[x, y]"),
        ("", "[0, 1]", "left", 6, "from", "is not a list of two numbers", "[x, y]"),
        ("[0.5, 0.5]", "[0.5, 0.5]", "left", 7, "to", "no length", "apart from"),
        ("[0, 0.5]", "[1, 0.5]", "left", 8, "inside", "level line", "above or below"),
        ("[0, 0.5]", "[1, 0.5]", "right", 8, "inside", "level line", "above or below"),
        ("[0.5, 0]", "[0.5, 1]", "above", 8, "inside", "upright line", "left or right"),
        ("[0.5, 0]", "[0.5, 1]", "below", 8, "inside", "upright line", "left or right"),
        ("[0, 0]", "[1, 1]", "outside", 8, "inside", "is not one of", "above or below or left"),
        ("[0, 0]", "[1, 1]", "", 8, "inside", "is not one of", "above or below or left"),
    ],
)  # fmt: skip
def test_a_line_that_means_nothing_is_a_fault_in_its_line_of_the_file(
    tmp_path: Path,
    start: str,
    end: str,
    inside: str,
    line: int,
    key: str,
    message: str,
    allowed: str,
) -> None:
    (fault,) = faults_of(tmp_path, LINE.format(start=start, end=end, inside=inside))
    assert (fault.line, fault.key) == (line, f"cameras.door.lines.way.{key}")
    assert message in fault.message
    assert allowed in fault.allowed
    assert fault.found is not None


@pytest.mark.parametrize(
    ("text", "line", "key", "message", "found"),
    [
        ("[[0, 0], [1, 1]]", 6, "", "has 2 corners", "a list"),
        ("[]", 6, "", "has 0 corners", "a list"),
        ("[[0, 0], [1, 1], [1, 0], [0, 1]]", 6, "", "edge [0, 0] to [1, 1]", "a list"),
        ("[[0, 0], [0.5, 0.5], [1, 1]]", 6, "", "turns back", "a list"),
        ("[[0, 0], [0, 0], [1, 1]]", 6, "", "twice in a row", "a list"),
        ("[0.1, 0.2]", 6, "", "is one point", "[0.1, 0.2]"),
        ("square", 6, "", "is not a list of corners", "'square'"),
        ("", 6, "", "is not a list of corners", "nothing"),
        (
            "\n        - [0, 0]\n        - [1, 0]\n        - [1, 1080]\n        - [0, 9]",
            9,
            "[2]",
            "divide pixels",
            "[1, 1080]",
        ),
        ("\n        - [0, 0]\n        - [1, x]", 8, "[1]", "two numbers", "a list"),
        ("\n        - [0, 0]\n        - 0.5\n        - [1, 1]", 8, "[1]", "two numbers", "0.5"),
        ("[[0, 0], [.nan, 0], [1, 1]]", 6, "[1]", "two numbers", "[nan, 0]"),
    ],
)  # fmt: skip
def test_a_zone_that_means_nothing_is_a_fault_in_its_line_of_the_file(
    tmp_path: Path, text: str, line: int, key: str, message: str, found: str
) -> None:
    faults = faults_of(tmp_path, f"    zones:\n      queue:\n        polygon: {text}\n")
    (fault,) = faults
    assert (fault.line, fault.key) == (line, f"cameras.door.zones.queue.polygon{key}")
    assert message in fault.message
    assert fault.found == found
    assert fault.allowed


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ("    lines: {way: }\n", "lines.way.from", "is missing"),
        ("    lines: {way: [0, 1]}\n", "lines.way", "is not a map"),
        ("    zones: {queue: [[0, 0], [1, 0], [1, 1]]}\n", "zones.queue", "is not a map"),
        ("    zones: [queue]\n", "zones", "is not a map"),
        ("    zones: {queue: {}}\n", "zones.queue.polygon", "is missing"),
        ("    lines: {Front Door: {}}\n", "lines.Front Door", "can't be a key"),
        ("    zones: {'': {polygon: [[0, 0], [1, 0], [1, 1]]}}\n", "zones.", "can't be a key"),
    ],
)
def test_the_form_of_lines_and_zones_is_checked(
    tmp_path: Path, text: str, key: str, message: str
) -> None:
    fault = faults_of(tmp_path, text)[0]
    assert (fault.line, fault.key) == (4, f"cameras.door.{key}")
    assert message in fault.message
    assert fault.allowed


def test_a_zone_that_is_not_a_map_says_which_keys_it_needs(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path, "    zones: {queue: [[0, 0], [1, 0], [1, 1]]}\n")
    assert fault.allowed == "a map with polygon"
    (fault,) = faults_of(tmp_path, "    lines: {way: [[0, 0], [1, 0]]}\n")
    assert fault.allowed == "a map with from, to, inside"


@pytest.mark.parametrize(
    ("text", "key", "found", "message"),
    [
        ("{person_width: 40}", "person_width", "40", "divide pixels"),
        ("{person_width: 0.6}", "person_width", "0.6", "out of range"),
        ("{person_width: 0.001}", "person_width", "0.001", "out of range"),
        ("{person_width: wide}", "person_width", "'wide'", "is not a number"),
        ("{person_width: []}", "person_width", "a list", "has 0 rows"),
        ("{person_width: [0.1, 0.2]}", "person_width[0]", "0.1", "two numbers"),
        ("{person_width: [[0.1, 0.1], [0.1, 0.2]]}", "person_width[1]", "[0.1, 0.2]", "below"),
        ("{person_width: [[200, 0.1]]}", "person_width[0]", "[200, 0.1]", "divide pixels"),
        ("{person_width: [[0.2, 0.7]]}", "person_width[0]", "[0.2, 0.7]", "out of range"),
        ("{exclude: [[0, 0], [1, 0], [1, 1]]}", "exclude", "a list", "is one polygon"),
        ("{exclude: [[[0, 0], [1, 0], [2, 1]]]}", "exclude[0][2]", "[2, 1]", "divide pixels"),
        ("{exclude: {counter: []}}", "exclude", "a map", "is not a list"),
        ("{footprint: square}", "footprint", "'square'", "is not one of foot, circle, rect"),
        ("{ignore_still: 9s}", "ignore_still", "'9s'", "out of range"),
        ("{ignore_still: 2d}", "ignore_still", "'2d'", "out of range"),
        ("{ignore_still: 60}", "ignore_still", "60", "has no unit"),
        ("{per_class: some}", "per_class", "'some'", "is not true or false"),
        ("{shown_class: person}", "shown_class", "'person'", "has no heat of its own"),
        ("{per_class: true, shown_class: cart}", "shown_class", "'cart'", "not one of classes"),
        ("{per_class: true, shown_class: 2}", "shown_class", "2", "is not the name of a class"),
        ("{half_life: 30s, half_lives: [30s]}", "half_life", "'30s'", "beside half_lives"),
        ("{half_life: 0.99}", "half_life", "0.99", "has no unit"),
        ("{half_life: [30s]}", "half_life[0]", "'30s'", "is not a duration"),
        ("{half_life: 31d}", "half_life", "'31d'", "out of range"),
        ("{half_life: 30s, shown: 10m}", "shown", "'10m'", "not one of half_lives"),
    ],
)
def test_each_fault_of_the_heat_is_told_where_it_stands(
    tmp_path: Path, text: str, key: str, found: str, message: str
) -> None:
    (fault,) = faults_of(tmp_path, f"    heat: {text}\n")
    assert (fault.line, fault.key, fault.found) == (4, f"cameras.door.heat.{key}", found)
    assert message in fault.message
    assert fault.allowed
