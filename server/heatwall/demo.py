"""The demo: a wall's config over simulated cameras that run beside it."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from heatwall.config import Config
from heatwall.errors import StartError
from heatwall.simulator.store_views import store_view
from heatwall.simulator.weights import DEMO, DEMO_CONF, DEMO_IOU, IMAGE_PX

_NAMES = ("Entrance", "Aisles", "Checkout", "Promotion")
"""The simulator's views, in its order; more cameras are variants of them."""

_GROUPS = {"front": ("Front of house", (0, 2)), "floor": ("Sales floor", (1, 3))}
"""The name of each group and the views in it; there are none before all views are there."""

_END_S = 3.0
"""A simulator whose standard input was closed ends within a fraction of this."""


@contextlib.contextmanager
def simulated_config(cameras: int) -> Iterator[Config]:
    """Run simulated cameras and give the config of a wall for them.

    Blocks until the clips are made, which takes some seconds the first time and is shown as a
    progress bar. The simulator is a process of its own, so that its work is not the wall's.

    Args:
        cameras: How many.

    Raises:
        StartError: The simulator could not start; it has said why.
    """
    command = [sys.executable, "-m", "heatwall.simulator.simulate"]
    command += ["--cameras", str(cameras), "--port", "0", "--json", "--exit-with-stdin"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as simulator:
        try:
            yield _config(_ready(simulator))
        finally:
            # Its end of input is its sign to stop; it also comes when this process is killed.
            with contextlib.suppress(BrokenPipeError):
                simulator.communicate(timeout=_END_S)
            simulator.kill()


def _ready(simulator: subprocess.Popen[str]) -> list[str]:
    """Return the cameras' URLs from the line that the simulator prints once it serves."""
    line = simulator.stdout.readline() if simulator.stdout else ""
    if not line:
        raise StartError("the simulated cameras could not start")
    urls: list[str] = json.loads(line)["urls"]
    return urls


def _config(urls: list[str]) -> Config:
    cameras = {f"cam{index + 1}": camera_settings(index, url) for index, url in enumerate(urls)}
    model = {"path": DEMO, "imgsz": IMAGE_PX, "iou": DEMO_IOU}
    # Nobody is to be seen on cameras that do not exist: who says where to listen may mean it.
    return Config.model_validate(
        {"auth": "none", "model": model, "cameras": cameras, "groups": _groups(list(cameras))}
    )


def _groups(cameras: list[str]) -> dict[str, Any]:
    """Return the settings of the demo's groups; a variant of a view is in the view's group."""
    if len(cameras) < len(_NAMES):
        return {}
    return {
        group: {
            "name": name,
            "cameras": [
                camera for index, camera in enumerate(cameras) if index % len(_NAMES) in views
            ],
        }
        for group, (name, views) in _GROUPS.items()
    }


def camera_settings(index: int, url: str) -> dict[str, Any]:
    """Return the settings of the index-th camera, with the lines and zones of its view."""
    view = store_view(index)
    return {
        "name": _name(index),
        "url": url,
        "conf": DEMO_CONF,
        "lines": {
            line.name: {"from": line.start, "to": line.end, "inside": line.inside}
            for line in view.lines
        },
        "zones": {zone.name: {"polygon": zone.polygon} for zone in view.zones},
    }


def _name(index: int) -> str:
    """Return a name for the index-th camera: Entrance, …, then Entrance 2, and so on."""
    name, turn = _NAMES[index % len(_NAMES)], index // len(_NAMES)
    return name if turn == 0 else f"{name} {turn + 1}"
