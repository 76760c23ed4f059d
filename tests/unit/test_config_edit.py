from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heatwall.config.document import parse_document
from heatwall.config.edit import edited
from heatwall.config.loader import config_of
from heatwall.config.regions import in_words, regions_of
from heatwall.config.written import Shapes
from heatwall.errors import EditError
from support.yaml_walls import LINES, ZONES, YamlWall, shapes, yaml_walls

CONFIGS = Path(__file__).parents[2] / "configs"
ENV = {
    "ENTRANCE_PASSWORD": "a",
    "CHECKOUT_PASSWORD": "b",
    "BACK_DOOR_PASSWORD": "c",
    "WEBHOOK_SECRET": "0123456789abcdef",
    "MQTT_PASSWORD": "d",
}
DOOR, OTHER, UPRIGHT, _ = LINES
FLOOR, _, CORNER = ZONES

NEW_DOOR = "door: {from: [0.1, 0.7], to: [0.9, 0.7], inside: below}"
NEW_CORNER = "corner: {polygon: [[0.1, 0.1], [0.4, 0.1], [0.4, 0.4]]}"


def words(text: str, camera: str = "cam") -> dict[str, Shapes]:
    config = config_of(text, Path("wall.yaml"), ENV)
    return in_words(regions_of(config.cameras[camera]))


def edit(text: str, camera: str = "cam", **after: Any) -> str:
    """Return `text` with those sections changed that are named."""
    before = words(text, camera)
    return edited(text, camera, before, before | after)


def test_a_camera_without_lines_gets_them_after_its_last_key_at_its_indent() -> None:
    text = """\
cameras:
    cam:
        url: rtsp://h/1  # main
        # nothing more

    # the next
    two: {url: 'rtsp://h/2'}
"""
    assert edit(text, lines={"door": DOOR}, zones={"corner": CORNER}) == text.replace(
        "# main\n",
        f"# main\n        lines:\n            {NEW_DOOR}\n"
        f"        zones:\n            {NEW_CORNER}\n",
    )


def test_only_the_number_that_changed_is_written_anew() -> None:
    text = """\
cameras:
  cam:
    url: rtsp://h/1
    lines:
      # the door
      door:
        from: [ 0.10, 0.7 ]  # left
        to:
          - 0.9
          - .7  # by the wall
        inside: "below"
"""
    assert edit(text, lines={"door": OTHER}) == text.replace("- 0.9", "- 0.8").replace(
        "- .7", "- 0.6"
    ).replace('"below"', "above")


def test_a_polygon_with_another_number_of_corners_is_written_as_a_whole() -> None:
    text = """\
cameras:
  cam:
    url: rtsp://h/1
    zones:
      floor:
        polygon:
        - [0, 0.5]
        - [1, 0.5]
        - [1, 1]
        - [0, 1]
        # behind
      other: {polygon: [[0, 0], [0.1, 0], [0.1, 0.1]]}
"""
    new = edit(text, zones=words(text)["zones"] | {"floor": CORNER})
    assert new == text.replace(
        """\
        - [0, 0.5]
        - [1, 0.5]
        - [1, 1]
        - [0, 1]
""",
        "          [[0.1, 0.1], [0.4, 0.1], [0.4, 0.4]]\n",
    )
    assert words(new)["zones"]["floor"] == CORNER


def test_what_is_removed_takes_its_lines_and_leaves_the_comment_above() -> None:
    text = """\
cameras:
  cam:
    lines:
      # the first
      door: {from: [0.1, 0.7], to: [0.9, 0.7], inside: below} # gone
      # the second
      back:
        from: [0.5, 0]
        to: [0.5, 1]
        # of it
        inside: left
      # behind
    url: rtsp://h/1"""
    assert edit(text, lines={"back": UPRIGHT}) == text.replace(
        "      door: {from: [0.1, 0.7], to: [0.9, 0.7], inside: below} # gone\n", ""
    )
    assert edit(text, lines={}).count("\n") == text.count("\n") - 6
    assert words(edit(text, lines={"new": OTHER})) == {"lines": {"new": OTHER}, "zones": {}}


@pytest.mark.parametrize(
    "written", ["", " null", " ~", " {}", " { }", " {}  # none yet", " # none"]
)
def test_an_empty_section_gets_its_entries_below(written: str) -> None:
    text = f"cameras:\r\n  cam:\r\n    lines:{written}\r\n    url: rtsp://h/1\r\n"
    comment = written[written.index("#") :] if "#" in written else ""
    gap = "" if not comment else " " if written == " # none" else "  "
    assert edit(text, lines={"door": DOOR}) == (
        f"cameras:\r\n  cam:\r\n    lines:{gap}{comment}\r\n      {NEW_DOOR}\r\n"
        "    url: rtsp://h/1\r\n"
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{url: 'rtsp://h/1'}", f"{{url: 'rtsp://h/1', lines: {{{NEW_DOOR}}}}}"),
        ("{url: rtsp://h/1 }", f"{{url: rtsp://h/1, lines: {{{NEW_DOOR}}} }}"),
        ("{lines: {}, url: rtsp://h/1}", f"{{lines: {{{NEW_DOOR}}}, url: rtsp://h/1}}"),
        ("{lines: , url: rtsp://h/1}", f"{{lines: {{{NEW_DOOR}}} , url: rtsp://h/1}}"),
        ("{lines: null, url: rtsp://h/1}", f"{{lines: {{{NEW_DOOR}}}, url: rtsp://h/1}}"),
        ("{\n    url: 'rtsp://h/1', # it\n  }", None),
        ("{\n    url: rtsp://h/1 # it\n  }", None),
    ],
)
def test_a_camera_in_braces_stays_in_braces(old: str, new: str | None) -> None:
    text = f"cameras:\n  cam: {old} # cam\n  two: {{url: 'rtsp://h/2'}}\n"
    after = edit(text, lines={"door": DOOR})
    assert words(after) == {"lines": {"door": DOOR}, "zones": {}}
    assert after.endswith("} # cam\n  two: {url: 'rtsp://h/2'}\n")
    assert ("# it" in after) is ("# it" in old)
    if new is not None:
        assert after == text.replace(old, new)


@pytest.mark.parametrize(
    ("names", "kept"),
    [
        (["a", "b", "c"], ["b"]),
        (["a", "b", "c"], ["a"]),
        (["a", "b", "c"], ["c"]),
        (["a", "b", "c"], ["a", "c"]),
        (["a", "b", "c"], []),
        (["a"], []),
    ],
)
@pytest.mark.parametrize("comma", ["", ","])
@pytest.mark.parametrize("new", [[], ["n"], ["n", "m"]])
def test_entries_in_braces_come_and_go(
    names: list[str], kept: list[str], comma: str, new: list[str]
) -> None:
    inner = ", ".join(f"{name}: {{polygon: [[0, 0], [1, 0], [1, 1]]}}" for name in names)
    text = f"cameras: {{cam: {{url: 'rtsp://h/1', zones: {{{inner}{comma}}}}}}} # all\n"
    before = words(text)["zones"]
    wanted = {name: before[name] for name in kept} | dict.fromkeys(new, CORNER)
    after = edit(text, zones=wanted)
    assert words(after)["zones"] == wanted
    assert after.endswith(" # all\n")


def test_a_camera_that_is_an_alias_gets_lines_of_its_own_beside() -> None:
    text = """\
cameras:
  one: &same {url: 'rtsp://h/1', lines: {door: {from: [0, 0.5], to: [1, 0.5], inside: above}}}
  cam: *same  # as one
"""
    after = edit(text, lines={"back": UPRIGHT})
    assert words(after)["lines"] == {"back": UPRIGHT}
    assert words(after, "one") == words(text, "one")
    assert after.startswith(text[: text.index("*same")])
    assert after.endswith("  # as one\n")


def test_what_comes_by_a_merge_key_is_written_over_by_a_section_of_the_cameras_own() -> None:
    text = """\
cameras:
  one: &same
    url: rtsp://h/1
    lines: &all {door: {from: [0, 0.5], to: [1, 0.5], inside: above}}
  cam:
    <<: *same
    zones: {}
  two: {url: rtsp://h/2, lines: *all}
"""
    assert words(edit(text, lines={}))["lines"] == {}
    assert words(edit(text, lines={"door": DOOR}))["lines"] == {"door": DOOR}
    assert words(edit(text, "two", lines={"door": DOOR}), "two")["lines"] == {"door": DOOR}
    assert words(edit(text, "two", lines={"door": DOOR}), "one") == words(text, "one")


@pytest.mark.parametrize(
    "text",
    [
        "all: &all {cam: {url: 'rtsp://h/1'}}\ncameras: *all\n",
        "all: &all {cameras: {cam: {url: 'rtsp://h/1'}}}\n<<: *all\n",
    ],
)
def test_a_camera_that_is_not_written_out_can_not_be_edited(text: str) -> None:
    empty: dict[str, Shapes] = {"lines": {}, "zones": {}}
    with pytest.raises(EditError, match="cam is not written out"):
        edited(text, "cam", empty, empty | {"lines": {"door": DOOR}})


def test_a_line_that_does_not_begin_its_line_is_not_cut_out() -> None:
    text = "cameras:\n  cam:\n    url: rtsp://h/1\n    lines:\n      ? door\n      : {from: [0.1, "
    text += "0.7], to: [0.9, 0.7], inside: below}\n"
    with pytest.raises(EditError, match="door"):
        edit(text, lines={})


@pytest.mark.parametrize("file", ["store.yaml", "demo.yaml"])
def test_the_examples_take_lines_and_zones_and_give_them_back(file: str) -> None:
    text = (CONFIGS / file).read_text()
    for camera in config_of(text, CONFIGS / file, ENV).cameras:
        before = words(text, camera)
        new = {"lines": {**before["lines"], "n": OTHER}, "zones": {**before["zones"], "m": CORNER}}
        more = edit(text, camera, **new)
        assert words(more, camera) == new
        rows = more.splitlines(keepends=True)
        assert [row for row in text.splitlines(keepends=True) if row not in rows] == []
        changed = before | {"lines": dict.fromkeys(before["lines"], OTHER)}
        other = edit(text, camera, **changed)
        assert words(other, camera) == changed
        assert other.count("#") == text.count("#")
        assert edit(more, camera, **before).count("#") == text.count("#")


@st.composite
def changes(draw: st.DrawFn) -> tuple[YamlWall, dict[str, Shapes]]:
    """Return a wall, and lines and zones in place of its own, of which some are the same."""
    wall = draw(yaml_walls())
    after: dict[str, Shapes] = {}
    for section, kinds in (("lines", LINES), ("zones", ZONES)):
        own = wall.before[section]
        kept = {name: shape for name, shape in own.items() if draw(st.booleans())}
        after[section] = kept | draw(shapes(kinds))
    return wall, after


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(changes())
def test_whatever_is_changed_nothing_else_is(case: tuple[YamlWall, dict[str, Shapes]]) -> None:
    wall, after = case
    new = edited(wall.text, "cam", wall.before, after)

    tree = parse_document(new, "wall.yaml").tree
    old = parse_document(wall.text, "wall.yaml").tree
    cam = tree["cameras"].pop("cam")
    was = old["cameras"].pop("cam")
    assert tree == old
    assert {key: cam.get(key) or {} for key in after} == after
    assert cam["url"] == was["url"]
    assert new.startswith(wall.head)
    assert new.endswith(wall.tail)
    for comment in wall.comments:
        assert comment in new
    for (section, name), text in wall.whole.items():
        if after[section].get(name) == wall.before[section][name]:
            assert text in new
    if after == wall.before:
        assert new == wall.text
    lonely = new.replace("\r\n", "")
    assert ("\r" in lonely, "\n" in lonely) == (False, "\r" not in wall.text and "\n" in new)
