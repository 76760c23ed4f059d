from __future__ import annotations

import pytest

from heatwall.demo import _config

URLS = [f"rtsp://127.0.0.1:1/cam{number}" for number in range(1, 65)]


def groups(cameras: int) -> dict[str, tuple[str, list[str]]]:
    """Return each group's name and the names of its cameras."""
    config = _config(URLS[:cameras])
    return {
        key: (group.name, [config.cameras[camera].name for camera in group.cameras])
        for key, group in config.groups.items()
    }


def test_the_demos_cameras_are_in_two_groups() -> None:
    assert groups(4) == {
        "front": ("Front of house", ["Entrance", "Checkout"]),
        "floor": ("Sales floor", ["Aisles", "Promotion"]),
    }


def test_more_cameras_are_in_the_group_of_their_view() -> None:
    assert groups(6)["front"][1] == ["Entrance", "Checkout", "Entrance 2"]
    assert groups(6)["floor"][1] == ["Aisles", "Promotion", "Aisles 2"]
    assert sum(len(cameras) for _, cameras in groups(64).values()) == 64


@pytest.mark.parametrize("cameras", [1, 2, 3])
def test_a_demo_of_fewer_views_has_no_groups(cameras: int) -> None:
    assert groups(cameras) == {}
