from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from heatwall.capacity.options import BenchOptions, make_options
from heatwall.errors import ConfigError

GOOD: dict[str, Any] = {
    "cameras": "1,2,4",
    "detect_fps": "5",
    "size": "640x360",
    "fps": 15,
    "viewers": 1,
    "seconds": 20.0,
    "model": None,
    "imgsz": None,
    "config": None,
}


def options(**changed: Any) -> BenchOptions:
    return make_options(**(GOOD | changed))


def test_lists_are_read_and_counts_are_put_in_order() -> None:
    made = options(cameras="8, 1,4,4", detect_fps="5,2.5,5", size="1280×720")

    assert made.counts == (1, 4, 8)
    assert made.detect_fps == (5.0, 2.5)
    assert (made.width, made.height) == (1280, 720)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"cameras": "four"}, ("--cameras", "'four'", "1 to 64")),
        ({"cameras": ""}, ("--cameras", "''", "1 to 64")),
        ({"cameras": "0"}, ("--cameras", "'0'", "1 to 64")),
        ({"cameras": "1,65"}, ("--cameras", "'1,65'", "1 to 64")),
        ({"cameras": "1.5"}, ("--cameras", "'1.5'")),
        ({"detect_fps": "0"}, ("--detect-fps", "'0'", "0.1 to 60")),
        ({"detect_fps": "5;2"}, ("--detect-fps", "'5;2'")),
        ({"detect_fps": "nan"}, ("--detect-fps", "'nan'")),
        ({"size": "640"}, ("--size", "'640'", "640x360")),
        ({"size": "641x360"}, ("--size", "even")),
        ({"size": "160x90"}, ("--size", "320x180")),
        ({"size": "640x99999"}, ("--size", "2160")),
        ({"imgsz": 333}, ("--imgsz", "333", "multiple of 32")),
    ],
)
def test_what_can_not_be_used_is_named_with_what_is_allowed(
    changed: dict[str, Any], words: tuple[str, ...]
) -> None:
    with pytest.raises(ConfigError) as caught:
        options(**changed)

    for word in words:
        assert word in str(caught.value)


def test_a_config_is_left_to_be_read_later() -> None:
    assert options(config=Path("nowhere.yaml")).config == Path("nowhere.yaml")
