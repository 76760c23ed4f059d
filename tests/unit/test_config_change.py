from __future__ import annotations

from typing import Any

import pytest

from heatwall.config import CameraConfig, changed
from heatwall.config.overlay import OverlayConfig
from heatwall.errors import ConfigError, ConfigFault


def camera(**keys: Any) -> CameraConfig:
    return CameraConfig.model_validate({"url": "rtsp://u:hunter2@h/", **keys})


SETTINGS = camera(
    classes=["person", "cart"],
    tracker="botsort",
    heat={"half_lives": ["30s", "10m", "none"], "per_class": True, "person_width": [[0.5, 0.1]]},
    overlay={"opacity": 0.5, "colormap": "jet"},
    zones={"queue": {"polygon": [[0, 0], [1, 0], [1, 1]]}},
)


def faults_of(change: dict[str, Any], settings: CameraConfig = SETTINGS) -> list[ConfigFault]:
    with pytest.raises(ConfigError) as caught:
        changed(settings, change)
    return list(caught.value.faults)


def test_what_is_named_changes_and_all_else_stays() -> None:
    after = changed(SETTINGS, {"show_boxes": True, "colormap": "COLORMAP_TURBO", "scale": 0.25})
    overlay = after.overlay
    assert (overlay.show_boxes, overlay.colormap, overlay.scale) == (True, "turbo", 0.25)
    assert overlay.opacity == 0.5
    assert after.model_copy(update={"overlay": SETTINGS.overlay}) == SETTINGS
    assert SETTINGS.overlay.show_boxes is False
    assert after.url.secret == "rtsp://u:hunter2@h/"


def test_no_change_is_no_change() -> None:
    assert changed(SETTINGS, {}) == SETTINGS


@pytest.mark.parametrize(
    ("shown", "shown_s"),
    [("10m", 600), ("600s", 600), (600, 600), (600.0, 600), ("none", None), (None, None)],
)
def test_the_shown_half_life_may_be_any_that_is_kept(shown: Any, shown_s: float | None) -> None:
    assert changed(SETTINGS, {"shown": shown}).heat.shown_s == shown_s


def test_the_shown_class_may_be_any_that_counts_and_all_again() -> None:
    cart = changed(SETTINGS, {"shown_class": "cart"})
    assert cart.heat.shown_class == "cart"
    assert changed(cart, {"opacity": 0.1}).heat.shown_class == "cart"
    assert changed(cart, {"shown_class": None}).heat.shown_class is None


@pytest.mark.parametrize("classes", [None, [0, "person"]])
def test_a_class_may_be_shown_that_nobody_can_tell_does_not_count(classes: Any) -> None:
    settings = camera(classes=classes, heat={"per_class": True})
    assert changed(settings, {"shown_class": "dog"}).heat.shown_class == "dog"


@pytest.mark.parametrize(
    ("change", "found", "message", "allowed"),
    [
        ({"opacity": 2}, "2", "is out of range", "from 0 to 1"),
        ({"colormap": "infreno"}, "'infreno'", "did you mean inferno?", "turbo"),
        ({"show_heat": 1}, "1", "is not true or false", "true or false"),
        ({"line_width": None}, "nothing", "is not a number", "whole number"),
        ({"scale": [1]}, "[1]", "is not a number", "auto"),
        ({"shown": "5m"}, "'5m'", "is not one of half_lives", "30s, 10m, none"),
        ({"shown": True}, "true", "is not a duration", "ms, s, m, h or d"),
        ({"shown_class": "dog"}, "'dog'", "is not one of classes", "person, cart"),
        ({"shown_class": 0}, "0", "is not the name of a class", "by name"),
    ],
)
def test_a_wrong_value_is_a_fault_at_its_key(
    change: dict[str, Any], found: str, message: str, allowed: str
) -> None:
    (fault,) = faults_of(change)
    assert (fault.file, fault.line, fault.key) == ("overlay change", None, next(iter(change)))
    assert fault.found == found
    assert message in fault.message
    assert allowed in fault.allowed


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("opacty", "did you mean opacity?"),
        ("boxes", "here it is called show_boxes"),
        ("heatmap_alpha", "here it is called opacity"),
        ("half_lives", ""),
        ("lines", "here it is called show_lines"),
        ("url", ""),
    ],
)
def test_an_unknown_key_is_a_fault_that_lists_the_known_ones(key: str, hint: str) -> None:
    (fault,) = faults_of({key: "x"})
    assert (fault.key, fault.found) == (key, None)
    assert "is not a known key" in fault.message
    assert hint in fault.message
    assert set(fault.allowed.split(", ")) == {*OverlayConfig.model_fields, "shown", "shown_class"}


def test_every_fault_is_told_at_once_and_nothing_changes() -> None:
    faults = faults_of({"opacity": 9, "show_boxes": True, "shown": "5m", "nope": 1, "gamma": 0})
    assert {fault.key for fault in faults} == {"opacity", "shown", "nope", "gamma"}


def test_a_class_can_not_be_shown_where_no_class_has_a_heat() -> None:
    (fault,) = faults_of({"shown_class": "person"}, camera())
    assert fault.key == "shown_class"
    assert "per_class" in fault.allowed


def test_every_key_of_the_overlay_can_be_changed_to_what_it_is() -> None:
    written = SETTINGS.overlay.model_dump(mode="json", by_alias=True)
    assert changed(SETTINGS, written) == SETTINGS


def test_settings_made_in_code_can_be_changed() -> None:
    bare = CameraConfig(url=SETTINGS.url)
    assert bare.name == ""
    assert changed(bare, {"show_zones": False}).overlay.show_zones is False
