from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from heatwall.config import (
    CameraConfig,
    Config,
    HeatConfig,
    ModelConfig,
    OverlayConfig,
    ServerConfig,
    TierConfig,
)
from heatwall.config.kinds import TRACKERS, name_of
from heatwall.config.rules import FromFile
from heatwall.values import SecretUrl, Tier

URL = SecretUrl("rtsp://192.0.2.11/stream1")


def camera(**keys: Any) -> CameraConfig:
    return CameraConfig.model_validate({"url": URL, **keys}, context=FromFile(Path()))


@pytest.mark.parametrize(
    ("section", "key", "good", "bad"),
    [
        (ServerConfig, "host", ["0.0.0.0", "::1"], ["", " ", 5, None, "a\nb", "x" * 254]),
        (ServerConfig, "port", [0, 65535, "80"], [-1, 65536, 80.5, True, "x", None, "nan", []]),
        (ServerConfig, "max_viewers", [1, 10_000], [0, 10_001]),
        (ModelConfig, "device", ["auto", "cpu", "cuda", "cuda:1", "mps", "CUDA:0"],
         ["gpu", "cuda:", "cuda:x", "", -1, True, None]),
        (ModelConfig, "imgsz", [64, 320, 1920], [32, 100, 1952, "big"]),
        (ModelConfig, "half", [True, False, "auto", "Auto"], ["maybe", 1, None]),
        (ModelConfig, "batch", [1, 256], [0, 257]),
        (ModelConfig, "window", ["auto", "0ms", "1s"], ["2s", "fast", 0.01, "-1s", None, True]),
        (ModelConfig, "iou", [0, 1, 0.5], [-0.1, 1.1, True]),
        (ModelConfig, "max_det", [1, 3000], [0, 3001]),
        (OverlayConfig, "colormap", ["jet", "COLORMAP_JET", 2, "2"], ["blue", 22, 1.5, None, True]),
        (OverlayConfig, "opacity", [0, 1], [1.01, "inf", None]),
        (OverlayConfig, "scale", ["auto", 0.01, 1, "0.5"], [0, 1.1, "nan", True, None, "x", []]),
        (OverlayConfig, "gamma", [0.1, 5], [0, 6]),
        (OverlayConfig, "show_boxes", [True, "yes", "off"], ["", 0, None]),
        (OverlayConfig, "line_width", [1, 16], [0, 17]),
        (HeatConfig, "half_life", ["30s", "none", None], [30, "half", ["30s"], True]),
        (HeatConfig, "footprint", ["foot", "Circle", "rect"], ["square", None, 1]),
        (HeatConfig, "person_width",
         ["auto", 0.005, "0.5", [[0.5, 0.1]], [[0, 0.02], [1, 0.2]], None],
         [0.004, 0.51, True, "", [], [0.1], [[0, 0.1], [0, 0.2]], [[0] * 3], [[n / 40, 0.1]
          for n in range(33)]]),
        (HeatConfig, "exclude", [[], [[[0, 0], [1, 0], [1, 1]]]], [None, "x", [[]], [[0, 0]]]),
        (HeatConfig, "ignore_still", ["none", "10s", "1d", None], ["9s", "25h", 60, "", True]),
        (HeatConfig, "per_class", [True, "no"], [None, 1]),
        (TierConfig, "width", [64, 3840], [63, 3841]),
        (TierConfig, "height", [64, 2160], [63, 2161]),
        (TierConfig, "fps", [1, 60], [0.5, 61]),
        (TierConfig, "bitrate", ["50k", "50M", 64_000], ["49k", "51M", "fast", 1.5, None, True]),
    ],
)  # fmt: skip
def test_each_key_takes_what_is_allowed_and_nothing_else(
    section: type[ServerConfig], key: str, good: list[Any], bad: list[Any]
) -> None:
    for value in good:
        section.model_validate({key: value}, context=FromFile(Path()))
    for value in bad:
        with pytest.raises(ValidationError):
            section.model_validate({key: value}, context=FromFile(Path()))


@pytest.mark.parametrize(
    ("key", "good", "bad"),
    [
        ("name", ["Tür 3", "出口"], ["", "x" * 201, 7, "a\x1bb"]),
        ("transport", ["tcp", "UDP"], ["http", "", None, 1]),
        ("timeout", ["500ms", "1m"], ["100ms", "2m", 5, "5"]),
        (
            "classes",
            [["person"], [0, "2"], None],
            [[], "person", [None], [True], [-1], [""], [1.5]],
        ),
        ("conf", [0, 1, "0.3"], [1.5, None]),
        ("track_buffer", ["100ms", "1m"], ["10ms", "1h", 2]),
        (
            "tracker",
            [*TRACKERS, "botsort.yaml", "ByteTrack.yml"],
            ["sort", "", None, "none.yaml", 3],
        ),
        ("detect", [{"fps": 0.1}, {"fps": 60}, None], [{"fps": 0}, {"fps": 61}, 5]),
    ],
)
def test_each_key_of_a_camera_takes_what_is_allowed_and_nothing_else(
    key: str, good: list[Any], bad: list[Any]
) -> None:
    for value in good:
        camera(**{key: value})
    for value in bad:
        with pytest.raises(ValidationError):
            camera(**{key: value})


def test_spellings_are_brought_to_one() -> None:
    assert camera(tracker="botsort.yaml").tracker == "botsort"
    assert camera(classes=["person", "2", 0]).classes == ("person", 2, 0)
    assert camera(overlay={"colormap": "COLORMAP_JET"}).overlay.colormap == "jet"
    assert camera(transport="UDP").transport == "udp"
    assert ModelConfig(device="0").device == "cuda:0"


def test_the_shown_half_life_is_the_first_unless_another_is_named() -> None:
    assert camera(heat={"half_lives": ["10m", "30s"]}).heat.shown_s == 600
    assert camera(heat={"half_lives": ["10m", "none"], "shown": "none"}).heat.shown_s is None
    assert camera(heat={"half_lives": [None]}).heat.shown_s is None
    assert camera(heat={"shown": "2h"}).heat.shown_s == 7200


@pytest.mark.parametrize(
    "heat",
    [
        {"shown": "5m"},
        {"shown": "none"},
        {"half_lives": []},
        {"half_lives": ["30s", "0.5m"]},
        {"half_lives": ["30s"] * 9},
        {"half_lives": [f"{n}s" for n in range(1, 10)]},
        {"half_lives": ["500ms"]},
        {"half_lives": ["31d"]},
        {"half_lives": [30]},
    ],
)
def test_half_lives_that_make_no_sense_are_refused(heat: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        camera(heat=heat)


def test_a_config_can_be_made_in_code_with_seconds() -> None:
    made = CameraConfig(url=URL, timeout_s=3.0, heat=HeatConfig(half_lives_s=(60.0, None)))
    assert (made.timeout_s, made.heat.shown_s) == (3.0, 60.0)
    with pytest.raises(ValidationError):
        CameraConfig(url=URL, timeout_s=1000.0)


def test_a_config_can_not_be_changed() -> None:
    made = camera()
    with pytest.raises(ValidationError, match="frozen"):
        made.conf = 0.5


def test_a_camera_without_a_name_gets_one_from_its_key() -> None:
    config = Config.model_validate({"cameras": {"north_door-2": {"url": URL}}})
    assert config.cameras["north_door-2"].name == "North Door 2"
    assert name_of("a") == "A"


@pytest.mark.parametrize("key", ["", "Door", "a b", "-a", "_a", "a" * 64, "ä", "a/b", "a\n", 7])
def test_a_key_that_does_not_fit_into_addresses_is_refused(key: Any) -> None:
    with pytest.raises(ValidationError):
        Config.model_validate({"cameras": {key: {"url": URL}}})


def test_a_camera_gives_its_limits_by_tier() -> None:
    made = camera(tile={"width": 320})
    assert made.tier(Tier.TILE).width == 320
    assert made.tier(Tier.FOCUS).width == 1920
    assert made.tier(Tier.PREVIEW).width == 320


def test_every_tracker_that_ultralytics_ships_is_known() -> None:
    # Found without importing it: its import takes seconds.
    from importlib.util import find_spec

    spec = find_spec("ultralytics")
    assert spec is not None
    assert spec.origin is not None
    shipped = Path(spec.origin).parent / "cfg" / "trackers"
    assert sorted(file.stem for file in shipped.glob("*.yaml")) == sorted(TRACKERS)
