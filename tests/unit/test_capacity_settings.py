from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from heatwall.capacity.options import BenchOptions
from heatwall.capacity.settings import WallSettings
from heatwall.config import Config
from heatwall.errors import ConfigError
from heatwall.values import SecretUrl

OPTIONS = BenchOptions((2,), (5.0,), 640, 360, 15, 1, 20.0, None, None, None)
URLS = ["rtsp://127.0.0.1:1/cam1", "rtsp://127.0.0.1:1/cam2", "rtsp://127.0.0.1:1/cam3"]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "shop.yaml"
    path.write_text(
        "model: {path: shop.pt, imgsz: 960}\n"
        "cameras:\n"
        "  door: {url: 'rtsp://user:secret@192.0.2.1/x', transport: udp, conf: 0.5,\n"
        "         overlay: {show_boxes: true}, tile: {fps: 10}}\n"
        "  till: {url: 'rtsp://192.0.2.2/x', conf: 0.6, track_buffer: 3s}\n"
    )
    (tmp_path / "shop.pt").touch()
    return path


def made(options: BenchOptions, detect_fps: float = 2.0) -> Config:
    return Config.model_validate(WallSettings(options).make(URLS, detect_fps))


def test_without_a_config_it_is_the_demo_with_nothing_kept() -> None:
    config = made(OPTIONS)

    assert (config.model.path, config.model.imgsz) == ("demo", 320)
    assert list(config.cameras) == ["cam1", "cam2", "cam3"]
    assert config.server.state is None
    assert all(camera.detect.fps == 2.0 for camera in config.cameras.values())
    assert config.cameras["cam1"].lines


def test_a_users_cameras_are_taken_in_turn_with_simulated_pictures(own: Path) -> None:
    config = made(replace(OPTIONS, config=own))

    assert [camera.conf for camera in config.cameras.values()] == [0.5, 0.6, 0.5]
    assert config.cameras["cam1"].overlay.show_boxes
    assert config.cameras["cam2"].track_buffer_s == 3.0
    for camera, url in zip(config.cameras.values(), URLS, strict=True):
        assert (camera.url, camera.transport) == (SecretUrl(url), "tcp")


def test_a_users_model_is_found_from_wherever_the_config_is_written(own: Path) -> None:
    config = made(replace(OPTIONS, config=own))

    assert (config.model.path, config.model.imgsz) == (str(own.parent / "shop.pt"), 960)


def test_options_stand_above_the_config(own: Path) -> None:
    config = made(replace(OPTIONS, config=own, model="demo", imgsz=416))

    assert (config.model.path, config.model.imgsz) == ("demo", 416)


def test_the_lowest_rate_of_the_tiles_is_what_can_be_asked(own: Path) -> None:
    settings = WallSettings(replace(OPTIONS, config=own))

    assert settings.tile_fps(settings.make(URLS, 5.0)) == 10.0


def test_a_config_with_faults_is_told(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("cameras: {door: {}}\n")

    with pytest.raises(ConfigError, match=r"cameras\.door"):
        WallSettings(replace(OPTIONS, config=path))
