from __future__ import annotations

from heatwall.config import Config, describe_check


def test_a_config_is_told_as_a_table_without_passwords() -> None:
    config = Config.model_validate(
        {
            "server": {"host": "::1"},
            "cameras": {
                "door": {"url": "rtsp://admin:hunter2@192.0.2.11/s", "heat": {"shown": "10m"}},
                "back_yard": {
                    "url": "rtsp://192.0.2.12/s",
                    "tile": {"fps": 7.5},
                    "heat": {"footprint": "rect"},
                    "zones": {"lawn": {"polygon": [[0, 0], [1, 0], [1, 1]]}},
                },
            },
        }
    )
    lines = describe_check(config)
    text = "\n".join(lines)
    assert "http://[::1]:8080" in text
    assert "yolo26n.pt on auto" in text
    assert "2 cameras" in text
    assert "hunter2" not in text
    head, door, yard = lines[-3:]
    assert door.split()[:3] == ["door", "Door", "rtsp://***@192.0.2.11/s"]
    assert "640×360 7.5 fps 600k" in yard
    column = head.index("heat shown")
    assert (door[column : column + 3], yard[column : column + 3]) == ("10m", "30s")
    column = head.index("footprint")
    assert (door[column:].split()[:3], yard[column:].split()[:3]) == (
        ["foot", "0", "0"],
        ["rect", "0", "1"],
    )


def test_it_is_told_where_state_is_kept() -> None:
    camera = {"cameras": {"a": {"url": "rtsp://h/"}}}
    nowhere = describe_check(Config.model_validate(camera))
    assert "state   not kept over a restart" in nowhere
    somewhere = describe_check(Config.model_validate({"server": {"state": "/srv/heat"}, **camera}))
    assert "state   /srv/heat" in somewhere


def test_one_camera_is_told_as_one() -> None:
    config = Config.model_validate({"cameras": {"a": {"url": "rtsp://h/"}}})
    assert "1 camera" in describe_check(config)
