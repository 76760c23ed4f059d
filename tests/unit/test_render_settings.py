from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest

from heatwall.errors import ConfigError
from heatwall.render.options import RenderOptions
from heatwall.render.settings import RenderSettings, load_settings

SIZE = (1280, 720)


def load(**given: object) -> RenderSettings:
    options = replace(RenderOptions("shop.mp4"), **given)  # type: ignore[arg-type]  # by name
    return load_settings(options, SIZE, {})


def fault(**given: object) -> str:
    with pytest.raises(ConfigError) as caught:
        load(**given)
    return str(caught.value)


def test_a_file_is_looked_at_ten_times_a_second_unless_a_config_says_otherwise(
    tmp_path: Path,
) -> None:
    config = tmp_path / "wall.yaml"
    config.write_text("cameras: {door: {url: 'rtsp://192.0.2.1/x', detect: {fps: 3}}}")

    assert load().detect_fps == 10
    assert load(config=config).detect_fps == 3
    assert load(config=config, detect_fps="7").detect_fps == 7


def test_the_heat_of_the_whole_video_is_always_kept() -> None:
    assert load().analysis.half_lives_s == (30, None)
    assert load(half_life="10m").analysis.half_lives_s == (600, None)
    assert load(half_life="none").analysis.half_lives_s == (None,)
    assert load(half_life="10m", heat_of="2m").analysis.half_lives_s == (600, 120, None)


def test_what_is_shown_and_what_is_written_may_have_other_half_lives() -> None:
    settings = load(half_life="none", heat_of="10s")

    assert settings.analysis.style.shown_s is None
    assert settings.file_half_life_s == 10


def test_the_demo_model_is_run_as_in_the_demo_unless_told_otherwise() -> None:
    demo = load(model="demo")
    other = load(model="demo", conf="0.6", imgsz="640")

    assert (demo.model.imgsz, demo.model.iou, demo.analysis.confidence) == (320, 0.5, 0.3)
    assert (other.model.imgsz, other.model.iou, other.analysis.confidence) == (640, 0.5, 0.6)


def test_a_model_of_a_config_lies_beside_it_and_one_of_an_option_here(tmp_path: Path) -> None:
    config = tmp_path / "wall.yaml"
    (tmp_path / "a.pt").touch()
    config.write_text("model: {path: a.pt}\ncameras: {door: {url: 'rtsp://192.0.2.1/x'}}")

    assert load(config=config).model.path == str(tmp_path / "a.pt")
    assert load(config=config, model="b.pt").model.path == "b.pt"
    assert load(config=config).model_name == "a.pt"


def test_lines_zones_and_regions_get_names_and_lie_in_parts_of_the_picture() -> None:
    spec = load(
        line=["0,360,1280,360:above", "door=640,0,640,720"],
        zone=["0.1,0.1,0.9,0.1,0.5,0.9"],
        region=["[(0, 720), (1280, 720), (640, 0)]", "0,0.2,1,0.2"],
    ).analysis

    assert list(spec.lines) == ["line", "door", "line2"]
    assert spec.lines["line"].inside == "above"
    assert spec.lines["door"].start == (0.5, 0)
    assert list(spec.zones) == ["zone", "zone2"]
    assert spec.zones["zone2"] == ((0, 1), (1, 1), (0.5, 0))


def test_a_line_of_an_option_stands_beside_those_of_the_config(tmp_path: Path) -> None:
    config = tmp_path / "wall.yaml"
    config.write_text(
        "cameras: {door: {url: 'rtsp://192.0.2.1/x', "
        "lines: {entry: {from: [0, 0.5], to: [1, 0.5], inside: below}}}}"
    )

    assert list(load(config=config, line=["0,0.2,1,0.2"]).analysis.lines) == ["entry", "line"]


@pytest.mark.parametrize(
    ("written", "classes"),
    [
        (["person,cart"], ("person", "cart")),
        (["0", "2"], (0, 2)),
        (["[0, 2]"], (0, 2)),
        (["all"], None),
        (None, ("person",)),
    ],
)
def test_classes_are_written_in_many_ways(
    written: list[str] | None, classes: tuple[int | str, ...] | None
) -> None:
    assert load(classes=written).analysis.classes == classes


@pytest.mark.parametrize(
    ("written", "size"),
    [
        (None, (1280, 720)),
        ("640x360", (640, 360)),
        ("640X1000", (640, 360)),
        ("4000x4000", (1280, 720)),
        ("101x1000", (102, 56)),
    ],
)
def test_a_size_is_a_limit_that_keeps_the_aspect(
    written: str | None, size: tuple[int, int]
) -> None:
    settings = load(size=written)

    assert (settings.width, settings.height) == size or abs(settings.width - size[0]) <= 2


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--colormap", "rainbowe"),
        ("--opacity", "1.5"),
        ("--scale", "0"),
        ("--gamma", "x"),
        ("--half-life", "0s"),
        ("--half-life", "30"),
        ("--footprint", "square"),
        ("--tracker", "kalman"),
        ("--tracker", "not-there.yaml"),
        ("--track-buffer", "2"),
        ("--conf", "2"),
        ("--iou", "-1"),
        ("--imgsz", "333"),
        ("--max-det", "0"),
        ("--device", "tpu"),
        ("--detect-fps", "0"),
        ("--line-width", "0"),
        ("--size", "640"),
        ("--duration", "10"),
        ("--duration", "0s"),
        ("--heat-of", "all"),
    ],
)
def test_a_value_that_is_not_allowed_is_told_once_by_its_option(option: str, value: str) -> None:
    said = fault(**{option.removeprefix("--").replace("-", "_"): value})

    assert said.startswith(f"{option}: ")
    assert "found" in said
    assert "allowed: " in said
    assert said.count("\n") == 0


@pytest.mark.parametrize(
    ("option", "text", "words"),
    [
        ("line", "5,5,5,5", "no length"),
        ("line", "0,300,1280,300:left", "level line"),
        ("zone", "0,0,1,1,0,1,1,0", "crosses itself"),
        ("zone", "0,0,0.5,0.5,1,1", "--zone: "),
        ("region", "[(20, 400), (1400, 400)]", "outside of the picture"),
    ],
)
def test_a_shape_that_makes_no_sense_is_told_as_it_was_written(
    option: str, text: str, words: str
) -> None:
    said = fault(**{option: [text]})

    assert said.startswith(f"--{option}: ")
    assert words in said
    assert text in said


def test_a_name_given_twice_is_told() -> None:
    assert "given twice: a" in fault(line=["a=0,0.5,1,0.5", "a=0,0.6,1,0.6"])


def test_every_option_of_parity_is_there_by_its_name() -> None:
    names = {field.name for field in fields(RenderOptions)}

    assert names >= {
        *("model", "tracker", "conf", "iou", "classes", "imgsz", "max_det", "device"),
        *("colormap", "opacity", "half_life", "footprint", "region", "line", "zone"),
        *("show_in", "show_out", "show_boxes", "show_labels", "show_conf", "line_width"),
        *("track_buffer", "scale", "gamma"),
    }
