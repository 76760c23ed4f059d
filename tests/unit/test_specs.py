from __future__ import annotations

from typing import Any

import pytest

from heatwall.analysis.spec import LineSpec
from heatwall.camera.hardware import Hardware
from heatwall.config import CameraConfig, Config
from heatwall.config.overlay import OverlayConfig
from heatwall.specs import analysis_spec, analyst_spec, heat_style, ink_spec, model_spec, open_order
from support.ink import INK


def camera(**keys: Any) -> CameraConfig:
    return CameraConfig.model_validate({"url": "rtsp://u:hunter2@h/", **keys})


def test_lines_and_zones_reach_the_analysis_under_their_names() -> None:
    spec = analysis_spec(
        camera(
            lines={"door": {"from": [0.1, 0.7], "to": [0.9, 0.7], "inside": "below"}},
            zones={"queue": {"polygon": [[0, 0], [1, 0], [1, 1]]}},
        )
    )
    assert spec.lines == {"door": LineSpec((0.1, 0.7), (0.9, 0.7), "below")}
    assert spec.zones == {"queue": ((0, 0), (1, 0), (1, 1))}


def test_every_setting_of_the_heat_reaches_the_analysis() -> None:
    spec = analysis_spec(
        camera(
            classes=["person", 1],
            conf=0.4,
            tracker="botsort",
            track_buffer="3s",
            heat={
                "half_lives": ["none", "10m"],
                "shown": "10m",
                "footprint": "rect",
                "person_width": [[0.2, 0.03], [0.9, 0.12]],
                "per_class": True,
                "shown_class": "cart",
                "exclude": [[[0, 0], [1, 0], [1, 1]]],
                "ignore_still": "10m",
            },
        )
    )
    assert (spec.classes, spec.confidence) == (("person", 1), 0.4)
    assert (spec.tracker, spec.buffer_s) == ("botsort", 3)
    assert spec.half_lives_s == (None, 600)
    assert (spec.style.shown_s, spec.style.shown_class) == (600, "cart")
    assert spec.footprint == "rect"
    assert spec.person_width == ((0.2, 0.03), (0.9, 0.12))
    assert spec.has_class_heat is True
    assert spec.excluded == (((0, 0), (1, 0), (1, 1)),)
    assert spec.ignore_still_s == 600


def test_what_is_not_said_is_the_plain_heat_of_all_feet() -> None:
    spec = analysis_spec(camera(classes=None))
    assert spec.classes is None
    assert (spec.footprint, spec.person_width, spec.has_class_heat) == ("foot", None, False)
    assert (spec.excluded, spec.ignore_still_s) == ((), None)
    assert (dict(spec.lines), dict(spec.zones)) == ({}, {})


def test_one_width_is_the_same_in_every_row() -> None:
    assert analysis_spec(camera(heat={"person_width": 0.1})).person_width == ((0, 0.1), (1, 0.1))


def test_the_look_of_the_heat_is_the_overlays() -> None:
    style = heat_style(
        camera(
            overlay={
                "show_heat": False,
                "colormap": "jet",
                "opacity": 0.3,
                "scale": 0.25,
                "gamma": 2,
            }
        )
    )
    assert (style.is_shown, style.colormap, style.opacity) == (False, "jet", 0.3)
    assert (style.scale, style.gamma, style.shown_s) == (0.25, 2, 30)
    assert heat_style(camera()).scale is None


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("show_heat", "heat"),
        ("show_boxes", "boxes"),
        ("show_labels", "labels"),
        ("show_conf", "conf"),
        ("show_trails", "trails"),
        ("show_lines", "lines"),
        ("show_zones", "zones"),
        ("show_in", "counts_in"),
        ("show_out", "counts_out"),
    ],
)
def test_each_switch_of_the_overlay_is_one_of_the_ink(key: str, name: str) -> None:
    before, after = (ink_spec(OverlayConfig.model_validate({key: on})) for on in (False, True))
    names = [field for field in after.__struct_fields__ if field != name]
    assert (getattr(before, name), getattr(after, name)) == (False, True)
    assert [getattr(before, one) for one in names] == [getattr(after, one) for one in names]


def test_the_ink_of_tests_and_benchmarks_is_the_default_without_lines_and_zones() -> None:
    given = ink_spec(
        OverlayConfig(show_lines=False, show_zones=False, show_in=False, show_out=False)
    )
    assert given == INK


def test_the_ink_has_the_width_and_the_colours() -> None:
    ink = ink_spec(OverlayConfig(colormap="hot", opacity=0.4, line_width=5))
    assert (ink.colormap, ink.opacity, ink.line_width) == ("hot", 0.4, 5)


def test_a_worker_gets_the_whole_url_and_all_tiers() -> None:
    config = Config.model_validate(
        {"model": {"imgsz": 320}, "cameras": {"a": {"url": "rtsp://u:hunter2@h/"}}}
    )
    order = open_order("a", config.cameras["a"], config, 0.5, Hardware("cuda", "h264_nvenc"))
    assert (order.camera, order.url) == ("a", "rtsp://u:hunter2@h/")
    assert (order.detect_size_px, order.detect_phase) == (320, 0.5)
    assert {tier: spec.width for tier, spec in order.tiers.items()} == {
        "preview": 320,
        "tile": 640,
        "focus": 1920,
    }
    assert order.ink == ink_spec(config.cameras["a"].overlay)
    assert (order.substream, order.decoder) == ("", "cuda")
    assert {spec.encoder for spec in order.tiers.values()} == {"h264_nvenc"}


def test_a_worker_uses_no_hardware_that_is_not_there_or_not_wanted() -> None:
    config = Config.model_validate(
        {
            "cameras": {
                "a": {"url": "rtsp://h/", "decoder": "cuda", "encoder": "h264_nvenc"},
                "b": {"url": "rtsp://h/", "decoder": "cpu", "encoder": "libx264"},
            }
        }
    )
    bare = open_order("a", config.cameras["a"], config, 0.5, Hardware())
    unwanted = open_order("b", config.cameras["b"], config, 0.5, Hardware("cuda", "h264_nvenc"))

    assert (bare.decoder, bare.tiers["tile"].encoder) == ("cpu", "libx264")
    assert (unwanted.decoder, unwanted.tiers["tile"].encoder) == ("cpu", "libx264")


def test_a_worker_gets_the_substream_with_its_password() -> None:
    url = "rtsp://u:hunter2@h/small"
    config = Config.model_validate(
        {"cameras": {"a": {"url": "rtsp://u:hunter2@h/", "substream": url}}}
    )
    order = open_order("a", config.cameras["a"], config, 0.0, Hardware())
    assert order.substream == url
    assert "hunter2" not in repr(config)


def test_the_analyst_knows_the_model_and_every_camera() -> None:
    config = Config.model_validate(
        {
            "model": {"path": "demo", "half": "auto", "batch": 4},
            "cameras": {"a": {"url": "rtsp://h/"}, "b": {"url": "rtsp://h/", "conf": 0.5}},
        }
    )
    spec = analyst_spec(config, "/models/demo.pt")
    assert (spec.model.path, spec.model.half, spec.batch) == ("/models/demo.pt", None, 4)
    assert spec.window_s is None
    assert {name: one.confidence for name, one in spec.cameras.items()} == {"a": 0.25, "b": 0.5}
    assert model_spec(config.model.model_copy(update={"half": True}), "x").half is True
