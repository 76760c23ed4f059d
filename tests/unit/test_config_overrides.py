from __future__ import annotations

from pathlib import Path

import pytest

from heatwall.config.model import CameraConfig, ModelConfig
from heatwall.config.overrides import Override, load_overridden
from heatwall.errors import ConfigError

WALL = """
model: {path: shop.pt, imgsz: 480}
defaults:
  heat: {half_life: 10m}
  overlay: {colormap: jet, opacity: 0.4}
cameras:
  door:
    url: rtsp://viewer:${PASSWORD}@192.0.2.1/x
    overlay: {opacity: 0.8}
    lines: {entry: {from: [0.1, 0.5], to: [0.9, 0.5], inside: below}}
  till: {url: "rtsp://192.0.2.2/x"}
"""


@pytest.fixture
def wall(tmp_path: Path) -> Path:
    path = tmp_path / "wall.yaml"
    path.write_text(WALL)
    return path


def load(
    path: Path | None, camera: str | None, *overrides: Override
) -> tuple[ModelConfig, CameraConfig]:
    return load_overridden(path, camera, overrides, {"PASSWORD": "canary-4711"})


def overlay(option: str, key: str, value: object) -> Override:
    return Override(option, ("camera", "overlay", key), value)


def test_without_a_file_all_is_as_a_config_has_it_by_default() -> None:
    model, camera = load(None, None)

    assert model == ModelConfig()
    assert camera.heat.shown_s == 30


def test_a_camera_has_its_own_settings_over_the_defaults(wall: Path) -> None:
    model, camera = load(wall, "door")

    assert (model.path, model.imgsz) == ("shop.pt", 480)
    assert (camera.overlay.colormap, camera.overlay.opacity) == ("jet", 0.8)
    assert list(camera.lines) == ["entry"]


def test_what_all_cameras_share_can_be_asked_for(wall: Path) -> None:
    _, camera = load(wall, "defaults")

    assert camera.overlay.opacity == 0.4
    assert camera.lines == {}


def test_an_override_stands_above_the_file(wall: Path) -> None:
    _, camera = load(wall, "door", overlay("--opacity", "opacity", "0.1"))

    assert (camera.overlay.colormap, camera.overlay.opacity) == ("jet", 0.1)


def test_other_half_lives_replace_those_of_the_file_in_its_short_form(wall: Path) -> None:
    place = ("camera", "heat")
    _, camera = load(
        wall,
        "till",
        Override("--half-life", (*place, "half_lives"), ["2m"]),
        Override("--half-life", (*place, "shown"), "2m"),
    )

    assert camera.heat.half_lives_s == (120,)


def test_the_only_camera_needs_no_name(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    path.write_text("cameras: {door: {url: 'rtsp://192.0.2.1/x', conf: 0.6}}")

    assert load(path, None)[1].conf == 0.6


@pytest.mark.parametrize("camera", [None, "window"])
def test_one_of_several_cameras_must_be_named(wall: Path, camera: str | None) -> None:
    with pytest.raises(ConfigError, match=r"--camera: must name a camera.*door, till, or defaults"):
        load(wall, camera)


def test_a_fault_is_told_by_the_option_it_came_from() -> None:
    with pytest.raises(ConfigError) as caught:
        load(
            None,
            None,
            overlay("--opacity", "opacity", "2"),
            Override("--line", ("camera", "lines", "a"), {"from": [2, 0]}, "2,0,1,1", "4 numbers"),
        )

    faults = [str(fault) for fault in caught.value.faults]
    assert "--opacity: is out of range (found '2'; allowed: a number from 0 to 1)" in faults
    assert any("'2,0,1,1'; allowed: 4 numbers" in fault for fault in faults)
    assert all(fault.startswith(("--opacity: ", "--line: ")) for fault in faults)


def test_a_fault_of_the_file_is_told_with_its_line_and_without_the_password(wall: Path) -> None:
    wall.write_text(WALL.replace("opacity: 0.8", "opacity: 8"))

    with pytest.raises(ConfigError) as caught:
        load(wall, "door")

    assert "wall.yaml:9: cameras.door.overlay.opacity" in str(caught.value)
    assert "canary" not in str(caught.value)


def test_what_an_option_leaves_without_sense_in_the_file_is_told_by_its_key(wall: Path) -> None:
    wall.write_text(WALL.replace("half_life: 10m", "half_lives: [10m], shown: 10m"))

    with pytest.raises(ConfigError, match=r"settings: heat\.shown: .*allowed: 2m"):
        load(wall, "till", Override("--half-life", ("camera", "heat", "half_lives"), ["2m"]))
