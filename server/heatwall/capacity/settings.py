"""The config of the measured server."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from heatwall.capacity.options import BenchOptions
from heatwall.config import Config, load_config
from heatwall.demo import camera_settings
from heatwall.simulator.weights import DEMO, DEMO_IOU, IMAGE_PX

_VIEWERS = 10_000
"""As many as a config allows: it is not the limit that is measured."""


class WallSettings:
    """Makes configs for so many cameras, out of a user's config or the demo's settings.

    Args:
        options: What to measure.

    Raises:
        ConfigError: The user's config can't be used.
        ModelError: The demo model is missing.
    """

    def __init__(self, options: BenchOptions) -> None:
        self._model = _model(options)
        self._cameras: list[dict[str, Any]] | None = None
        if options.config is not None:
            config = load_config(options.config)
            own = config.model_dump(mode="json", by_alias=True)
            self._cameras = list(own["cameras"].values())
            self._model = own["model"] | self._model
            if options.model is None:
                self._model["path"] = _path(config.model.path, options.config)
        self.model_name = str(self._model["path"])

    def make(self, urls: Sequence[str], detect_fps: float) -> dict[str, Any]:
        """Return the config for cameras at these addresses.

        A user's cameras are taken in turn, with all their settings but the stream's own.
        """
        cameras = {
            f"cam{index + 1}": self._camera(index, url, detect_fps)
            for index, url in enumerate(urls)
        }
        server = {"state": "none", "max_viewers": _VIEWERS}
        return {"server": server, "model": self._model, "cameras": cameras}

    def tile_fps(self, settings: dict[str, Any]) -> float:
        """Return the lowest limit of the tiles' rates in a config, frames per second."""
        cameras = Config.model_validate(settings).cameras.values()
        return min(camera.tile.fps for camera in cameras)

    def _camera(self, index: int, url: str, detect_fps: float) -> dict[str, Any]:
        detect = {"detect": {"fps": detect_fps}}
        if self._cameras is None:
            return camera_settings(index, url) | detect
        own = self._cameras[index % len(self._cameras)]
        return own | detect | {"url": url, "transport": "tcp", "name": f"Camera {index + 1}"}


def _path(path: str, config: Path) -> str:
    """Return a model's path or name for a config that lies elsewhere."""
    beside = config.absolute().parent / path
    return str(beside) if beside.exists() else path


def _model(options: BenchOptions) -> dict[str, Any]:
    """Return what the options say about the model."""
    path = options.model
    if path is None and options.config is None:
        path = DEMO
    model: dict[str, Any] = {}
    if path is not None:
        # Whole, since the config is written into another folder.
        model["path"] = str(Path(path).absolute()) if Path(path).exists() else path
    if path == DEMO:
        model |= {"imgsz": IMAGE_PX, "iou": DEMO_IOU}
    if options.imgsz is not None:
        model["imgsz"] = options.imgsz
    return model
