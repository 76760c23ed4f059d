from __future__ import annotations

from typing import Any

import pytest

from heatwall.config import CameraConfig, in_words, read_regions, regions_of, with_regions
from heatwall.config.regions import MOST
from heatwall.errors import ConfigError, ConfigFault

DOOR = {"from": [0.1, 0.7], "to": [0.9, 0.7], "inside": "below"}
FINE = {"from": [0.123456, 0.7], "to": [0.9, 0.7], "inside": "below"}
FLOOR = {"polygon": [[0.0, 0.5], [1.0, 0.5], [1.0, 1.0]]}

SETTINGS = CameraConfig.model_validate(
    {"url": "rtsp://u:hunter2@h/", "lines": {"fine": FINE}, "zones": {"floor": FLOOR}}
)


def drawn(lines: Any, zones: Any) -> dict[str, Any]:
    change = {"lines": lines, "zones": zones}
    return in_words(regions_of(with_regions(SETTINGS, read_regions(change))))


def fault_of(change: dict[str, Any]) -> ConfigFault:
    with pytest.raises(ConfigError) as caught:
        read_regions(change)
    (fault,) = caught.value.faults
    return fault


def test_lines_and_zones_change_and_all_else_stays() -> None:
    after = with_regions(SETTINGS, read_regions({"lines": {"door": DOOR}, "zones": {}}))
    assert in_words(regions_of(after)) == {"lines": {"door": DOOR}, "zones": {}}
    assert after.model_copy(update={"lines": SETTINGS.lines, "zones": SETTINGS.zones}) == SETTINGS
    assert after.url.secret == "rtsp://u:hunter2@h/"


def test_what_is_told_may_be_sent_back() -> None:
    told = in_words(regions_of(SETTINGS))
    assert told == {"lines": {"fine": FINE}, "zones": {"floor": FLOOR}}
    assert with_regions(SETTINGS, read_regions(told)) == SETTINGS


def test_places_of_what_is_new_are_rounded_to_four_digits() -> None:
    line = {"from": [0.100049, 0.7], "to": [0.99996, 0.7], "inside": "below"}
    zone = {"polygon": [[1 / 3, 0.5], [1, 0.5], [1, 1]]}
    told = drawn({"door": line}, {"floor": zone})
    assert told["lines"]["door"] == {"from": [0.1, 0.7], "to": [1.0, 0.7], "inside": "below"}
    assert told["zones"]["floor"]["polygon"] == [[0.3333, 0.5], [1.0, 0.5], [1.0, 1.0]]


@pytest.mark.parametrize("x", [0.123456, 0.1235, 0.12349])
def test_what_is_there_in_more_digits_stays_when_it_comes_back_rounded(x: float) -> None:
    assert drawn({"fine": FINE | {"from": [x, 0.7]}}, {})["lines"]["fine"] == FINE
    moved = drawn({"fine": FINE | {"from": [0.1236, 0.7]}}, {})
    assert moved["lines"]["fine"]["from"] == [0.1236, 0.7]


@pytest.mark.parametrize(
    ("change", "key", "found", "message", "allowed"),
    [
        ({"lines": {}}, "zones", None, "is missing", "{} for none"),
        ({"lines": [], "zones": {}}, "lines", "a list", "is not a map", "a map of keys"),
        ({"lines": {"door": 1}, "zones": {}}, "lines.door", "1", "is not a map", "from, to, ins"),
        (
            {"lines": {"door": DOOR | {"to": [0.1, 0.7]}}, "zones": {}},
            "lines.door.to",
            "[0.1, 0.7]",
            "no length",
            "apart from",
        ),
        (
            {"lines": {"door": DOOR | {"to": [1.2, 0.7]}}, "zones": {}},
            "lines.door.to",
            "[1.2, 0.7]",
            "is not normalised",
            "from 0 to 1",
        ),
        (
            {"lines": {"door": DOOR | {"inside": "left"}}, "zones": {}},
            "lines.door.inside",
            "'left'",
            "level line",
            "above or below",
        ),
        (
            {"lines": {"door": {"from": [0, 0], "inside": "below"}}, "zones": {}},
            "lines.door.to",
            None,
            "is missing",
            "a point",
        ),
        (
            {"lines": {"door": DOOR | {"too": 1}}, "zones": {}},
            "lines.door.too",
            None,
            "did you mean to?",
            "from, inside, to",
        ),
        (
            {"lines": {"Front door": DOOR}, "zones": {}},
            "lines.Front door",
            None,
            "can't be a key",
            "a-z, 0-9",
        ),
        (
            {"lines": {}, "zones": {"q": {"polygon": [[0, 0], [2, 0], [1, 1]]}}},
            "zones.q.polygon[1]",
            "[2, 0]",
            "is not normalised",
            "a point",
        ),
        (
            {"lines": {}, "zones": {"q": {"polygon": [[0, 0], [1, 1], [1, 0], [0, 1]]}}},
            "zones.q.polygon",
            "a list",
            "crosses itself",
            "3 to 100",
        ),
        ({"lines": {}, "zones": {}, "line": 1}, "line", None, "did you mean lines?", "lines"),
        (
            {"lines": {}, "zones": dict.fromkeys((f"z{n}" for n in range(MOST + 1)), FLOOR)},
            "zones",
            "65",
            "has too many",
            "at most 64",
        ),
        (
            # Apart as they are drawn, and at one place as they would be kept.
            {"lines": {}, "zones": {"q": {"polygon": [[0, 0], [0.00004, 0], [1, 0], [1, 1]]}}},
            "zones.q.polygon",
            "a list",
            "twice in a row",
            "3 to 100",
        ),
    ],
)
def test_a_wrong_value_is_a_fault_at_its_key(
    change: dict[str, Any], key: str, found: str | None, message: str, allowed: str
) -> None:
    fault = fault_of(change)
    assert (fault.key, fault.found) == (key, found)
    assert message in fault.message
    assert allowed in fault.allowed


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        read_regions({"lines": {"a": 1, "b": DOOR | {"inside": "up"}}, "zones": {"": FLOOR}})
    keys = {fault.key for fault in caught.value.faults}
    assert keys == {"lines.a", "lines.b.inside", "zones."}
