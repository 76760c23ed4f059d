from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from heatwall.config import Config, GroupConfig, describe_check, load_config
from heatwall.errors import ConfigError, ConfigFault

CAMERAS = """\
cameras:
  entrance: {url: rtsp://h/1}
  checkout: {url: rtsp://h/2, name: Tills}
  7: {url: rtsp://h/3}
"""
LINES = len(CAMERAS.splitlines())


def load(folder: Path, groups: str, env: dict[str, str] | None = None) -> Config:
    file = folder / "wall.yaml"
    file.write_text(CAMERAS + groups)
    return load_config(file, env or {})


def faults_of(folder: Path, groups: str, env: dict[str, str] | None = None) -> list[ConfigFault]:
    with pytest.raises(ConfigError) as caught:
        load(folder, groups, env)
    return list(caught.value.faults)


def made(**groups: Any) -> Config:
    cameras = {key: {"url": "rtsp://h/"} for key in ("a", "b")}
    return Config.model_validate({"cameras": cameras, "groups": groups})


@pytest.mark.parametrize("text", ["", "groups:\n", "groups: {}\n"])
def test_there_are_no_groups_unless_some_are_named(tmp_path: Path, text: str) -> None:
    assert load(tmp_path, text).groups == {}


def test_groups_and_their_cameras_keep_their_order(tmp_path: Path) -> None:
    groups = load(
        tmp_path, "groups: {z: {cameras: [checkout, entrance]}, a: {cameras: [7]}}"
    ).groups
    assert [(key, group.cameras) for key, group in groups.items()] == [
        ("z", ("checkout", "entrance")),
        ("a", ("7",)),
    ]


def test_a_group_without_a_name_gets_one_from_its_key(tmp_path: Path) -> None:
    text = "groups: {ground_floor: {cameras: [7]}, b: {name: Café, cameras: [7]}}"
    groups = load(tmp_path, text).groups
    assert [group.name for group in groups.values()] == ["Ground Floor", "Café"]


def test_a_camera_may_be_in_several_groups(tmp_path: Path) -> None:
    groups = load(tmp_path, "groups: {a: {cameras: [7]}, b: {cameras: [7]}}").groups
    assert len(groups) == 2


def test_a_camera_of_a_group_may_come_from_the_environment(tmp_path: Path) -> None:
    text = "groups: {a: {cameras: ['${DOOR}']}}"
    assert load(tmp_path, text, {"DOOR": "entrance"}).groups["a"].cameras == ("entrance",)
    (fault,) = faults_of(tmp_path, text, {"DOOR": "attic"})
    assert fault.message.endswith("once filled in")


def test_a_camera_that_is_not_there_is_told_with_its_place_and_those_that_are(
    tmp_path: Path,
) -> None:
    text = """\
groups:
  front:
    name: Front
    cameras:
      - entrance
      - chekout
"""
    (fault,) = faults_of(tmp_path, text)
    assert str(fault) == (
        f"{tmp_path}/wall.yaml:{LINES + 6}: groups.front.cameras[1]: is not the id of a camera; "
        "did you mean checkout? (found 'chekout'; allowed: entrance, checkout, 7)"
    )


def test_a_camera_that_is_called_by_its_name_is_known(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path, "groups: {a: {cameras: [tills]}}")
    assert "did you mean checkout?" in fault.message


def test_every_camera_that_is_not_there_is_told_at_once_with_all_other_faults(
    tmp_path: Path,
) -> None:
    text = """\
groups:
  a: {cameras: [attic, entrance, cellar]}
  b: {cameras: [roof]}
server: {port: -1}
"""
    (tmp_path / "wall.yaml").write_text(CAMERAS.replace("rtsp://h/1", "ftp://h/1") + text)
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path / "wall.yaml", {})
    assert [fault.key for fault in caught.value.faults] == [
        "cameras.entrance.url",
        "groups.a.cameras[0]",
        "groups.a.cameras[2]",
        "groups.b.cameras[0]",
        "server.port",
    ]


def test_a_wall_without_cameras_is_one_fault_however_many_groups_there_are(tmp_path: Path) -> None:
    file = tmp_path / "wall.yaml"
    file.write_text("cameras: {}\ngroups: {a: {cameras: [x, y]}}\n")
    with pytest.raises(ConfigError) as caught:
        load_config(file, {})
    assert [fault.key for fault in caught.value.faults] == ["cameras"]


@pytest.mark.parametrize(
    ("text", "key", "message", "allowed"),
    [
        ("a: {cameras: []}", "a.cameras", "is empty", "a list of 1 to 64 ids of cameras"),
        ("a: {cameras: [7, entrance, 7]}", "a.cameras[2]", "names 7 twice", "each camera once"),
        ("a: {}", "a.cameras", "is missing", "a list of 1 to 64 ids"),
        ("a:", "a.cameras", "is missing", "a list of 1 to 64 ids"),
        ("a: {cameras: }", "a.cameras", "is not a list", "a list such as"),
        ("a: {cameras: entrance}", "a.cameras", "is not a list", "a list such as"),
        ("a: {cameras: {7: }}", "a.cameras", "is not a list", "a list such as"),
        (
            "a: {cameras: [on]}",
            "a.cameras[0]",
            "put ids such as on or no in quotes",
            "entrance, checkout, 7",
        ),
        (
            "a: {cameras: [null]}",
            "a.cameras[0]",
            "is not the id of a camera",
            "entrance, checkout, 7",
        ),
        (
            "a: {cameras: [[7]]}",
            "a.cameras[0]",
            "is not the id of a camera",
            "entrance, checkout, 7",
        ),
        ("a: {cameras: [7], name: ''}", "a.name", "is empty", "text of 1 to 200 characters"),
        ("a: {cameras: [7], nmae: x}", "a.nmae", "did you mean name?", "cameras, name"),
        ("a: [7]", "a", "is not a map", "a map with cameras"),
        ("A b: {cameras: [7]}", "A b", "can't be a key here", "1 to 63 of a-z"),
        ("a: {cameras: [7]}, a: {cameras: [7]}", "a", "is given twice", "each key once"),
    ],
)
def test_a_group_that_makes_no_sense_is_a_fault_at_its_key(
    tmp_path: Path, text: str, key: str, message: str, allowed: str
) -> None:
    (fault,) = faults_of(tmp_path, f"groups: {{{text}}}\n")
    assert (fault.line, fault.key) == (LINES + 1, f"groups.{key}")
    assert message in fault.message
    assert allowed in fault.allowed


def test_groups_that_are_no_map_are_a_fault(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path, "groups: [front]\n")
    assert (fault.key, fault.message) == ("groups", "is not a map")


def test_groups_and_their_cameras_are_few_enough_to_be_seen(tmp_path: Path) -> None:
    cameras = {f"c{number}": {"url": "rtsp://h/"} for number in range(65)}
    members = list(cameras)
    Config.model_validate({"cameras": cameras, "groups": {"a": {"cameras": members[:64]}}})
    with pytest.raises(ValidationError, match="too many cameras"):
        Config.model_validate({"cameras": cameras, "groups": {"a": {"cameras": members}}})
    many = {f"g{number}": {"cameras": ["a"]} for number in range(64)}
    assert len(made(**many).groups) == 64
    text = "".join(f"  g{number}: {{cameras: [7]}}\n" for number in range(65))
    (fault,) = faults_of(tmp_path, f"groups:\n{text}")
    assert (fault.line, fault.message, fault.allowed) == (
        LINES + 1,
        "has too many groups",
        "at most 64",
    )


def test_a_fault_names_some_of_many_cameras() -> None:
    cameras = {f"c{number}": {"url": "rtsp://h/"} for number in range(200)}
    with pytest.raises(ValidationError) as caught:
        Config.model_validate({"cameras": cameras, "groups": {"a": {"cameras": ["attic"]}}})
    (detail,) = caught.value.errors()
    assert detail["ctx"]["allowed"].endswith("c10, c11, …")


def test_groups_that_were_made_in_code_are_checked_too() -> None:
    assert made(up=GroupConfig(cameras=("a", "b"))).groups["up"].name == "Up"
    assert made(up=GroupConfig(name="Top", cameras=("a",))).groups["up"].name == "Top"
    with pytest.raises(ValidationError):
        made(up=GroupConfig(cameras=("attic",)))
    with pytest.raises(ValidationError):
        GroupConfig(cameras=())
    with pytest.raises(ValidationError, match="not the id"):
        GroupConfig.model_validate({"cameras": [None]})


def test_groups_are_told_by_check(tmp_path: Path) -> None:
    text = "groups: {up: {cameras: [7]}, ground: {name: Down, cameras: [entrance, checkout]}}"
    lines = describe_check(load(tmp_path, text))
    assert lines[-4:] == ("", "2 groups", "up      Up    7", "ground  Down  entrance, checkout")
    assert not any("group" in line for line in describe_check(load(tmp_path, "")))


@pytest.mark.parametrize(
    ("server", "told"),
    [
        ("", "admin on this machine, viewer elsewhere"),
        ("server: {host: 0.0.0.0}\n", "viewer"),
        ("server: {role: Operator}\n", "operator"),
        ("server: {role: admin, host: 0.0.0.0}\n", "admin"),
    ],
)
def test_check_tells_who_may_do_what(tmp_path: Path, server: str, told: str) -> None:
    assert f"role    {told}" in describe_check(load(tmp_path, server))


def test_a_role_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path, "server: {role: boss}\n")
    assert (fault.key, fault.found) == ("server.role", "'boss'")
    assert fault.allowed == "auto or viewer or operator or admin"
