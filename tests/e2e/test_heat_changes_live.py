"""Changes of the overlay and of the server, as they arrive on the wall in Chromium."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from playwright.async_api import Page

from heatwall.simulator.clips import ensure_clips
from heatwall.simulator.simulate import SimulationOptions
from support.eventually import eventually, eventually_async
from support.screen import pictures, playing
from support.server import Server, running_server
from support.store import Store, running_store

pytestmark = pytest.mark.e2e

WARM, WITHIN_S = 8.0, 15.0
"""Steps of 8-bit colour between red and blue in a tinted picture; seconds on a busy machine."""


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    clip = ensure_clips(1)[0]
    with running_store(1, SimulationOptions(clips=(clip.path,))) as cameras:
        yield cameras


def config_of(store: Store) -> dict[str, Any]:
    url = store.urls[0]
    return {
        "model": {"path": "demo", "imgsz": 320, "iou": 0.5},
        "cameras": {
            "plain": {"url": url, "overlay": {"show_heat": False}},
            "door": {
                "url": url,
                "heat": {"half_lives": ["30s", "10m"]},
                "overlay": {"scale": 0.2, "opacity": 0.9, "colormap": "autumn"},
                "lines": {"way_in": {"from": [0, 0.6], "to": [1, 0.6], "inside": "above"}},
                "zones": {"floor": {"polygon": [[0, 0.3], [1, 0.3], [1, 1], [0, 1]]}},
            },
        },
    }


@pytest.fixture(scope="module")
def server(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("live"), config_of(store)) as running:
        yield running


@pytest_asyncio.fixture
async def wall(page: Page, server: Server) -> AsyncIterator[Page]:
    await page.goto(server.address)
    for camera in ("plain", "door"):
        await playing(page, camera)
    eventually(lambda: (server.camera("door")["heat"] or {"peak": 0})["peak"] > 0.1, timeout_s=60)
    yield page


async def warmth(page: Page) -> float:
    """Return how much more red than blue the heat adds to the picture, in the mean.

    Both tiles show one camera, so what people wear comes to nothing in the mean.
    """
    hot, plain = (
        one.astype(np.float64) for one in await pictures(page, ["door", "plain"], 320, 180)
    )
    added = (hot - plain).mean(axis=(0, 1))
    return float(added[0] - added[2])


async def until(page: Page, holds: Callable[[float], bool]) -> None:
    async def is_so() -> bool:
        return holds(await warmth(page))

    await eventually_async(is_so, timeout_s=WITHIN_S)


def change(server: Server, **settings: object) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(server.send("PATCH", "/api/cameras/door/overlay", settings))
    return told


async def test_another_colormap_is_seen_on_the_wall_without_losing_heat(
    wall: Page, server: Server
) -> None:
    await until(wall, lambda added: added > WARM)
    before = json.loads(server.get("/api/cameras/door/heat.json"))

    told = change(server, colormap="COLORMAP_WINTER")

    assert told["colormap"] == "winter"
    await until(wall, lambda added: added < -WARM)
    after = json.loads(server.get("/api/cameras/door/heat.json"))
    assert after["person_seconds"] > 0.5 * before["person_seconds"]
    assert server.camera("door")["heat"]["colormap"] == "winter"
    change(server, colormap="autumn")


async def test_opacity_and_the_switch_of_the_heat_are_seen_and_come_back(
    wall: Page, server: Server
) -> None:
    for key, off, on in (("opacity", 0.0, 0.9), ("show_heat", False, True)):
        change(server, **{key: off})
        await until(wall, lambda added: abs(added) < WARM / 2)
        change(server, **{key: on})
        await until(wall, lambda added: added > WARM)


async def test_a_smaller_scale_makes_the_same_heat_brighter(wall: Page, server: Server) -> None:
    change(server, scale=1.0)
    await until(wall, lambda _: server.camera("door")["heat"]["scale"] == 1.0)
    await until(wall, lambda added: added < 2 * WARM)
    faint = await warmth(wall)

    change(server, scale=0.05)

    await until(wall, lambda added: added > faint + WARM)
    change(server, scale=0.2)


async def test_the_pages_own_controls_change_the_picture_and_the_other_camera_is_left_alone(
    wall: Page, server: Server
) -> None:
    before = json.loads(server.get("/api/cameras/plain/overlay"))
    await until(wall, lambda added: added > WARM)
    await wall.keyboard.press("h")
    await wall.get_by_label("Cameras that are changed").select_option("camera:door")
    heat = wall.get_by_role("checkbox", name="Heat", exact=True)
    await heat.uncheck()
    await until(wall, lambda added: abs(added) < WARM / 2)
    await heat.check()
    await until(wall, lambda added: added > WARM)
    await wall.get_by_text("Palette").click()
    await wall.get_by_role("radio", name="Winter").check()
    await until(wall, lambda added: added < -WARM)
    await wall.get_by_role("radio", name="10 min").check()
    eventually(lambda: server.camera("door")["heat"]["half_life_s"] == 600.0)
    await wall.get_by_role("radio", name="30 s").check()
    await wall.get_by_role("radio", name="Autumn").check()
    await until(wall, lambda added: added > WARM)
    assert json.loads(server.get("/api/cameras/plain/overlay")) == before
    assert json.loads(server.get("/api/cameras/door/overlay"))["shown"] == "30s"


@pytest.mark.usefixtures("wall")
async def test_another_half_life_is_shown_and_told(server: Server) -> None:
    told = change(server, shown="10m")

    assert told["shown"] == "10m"
    assert server.camera("door")["heat"]["half_life_s"] == 600.0
    assert change(server, shown="30s")["shown"] == "30s"


async def test_a_reset_clears_the_picture(wall: Page, server: Server) -> None:
    await until(wall, lambda added: added > WARM)
    before = json.loads(server.get("/api/cameras/door/heat.json"))

    server.send("POST", "/api/cameras/door/heat/reset")

    told = json.loads(server.get("/api/cameras/door/heat.json"))
    assert told["age_s"] < WITHIN_S < before["age_s"]
    assert told["person_seconds"] < before["person_seconds"] / 2


def test_heat_and_counts_are_there_again_after_a_restart(store: Store, tmp_path: Path) -> None:
    with running_server(tmp_path, config_of(store)) as first:
        eventually(
            lambda: (first.camera("door")["heat"] or {"peak": 0})["peak"] > 0.1, timeout_s=60
        )
        eventually(lambda: first.camera("door")["zones"]["floor"]["in_count"] > 3, timeout_s=60)
        before = first.camera("door")
        heat = json.loads(first.get("/api/cameras/door/heat.json?half_life=10m"))

    with running_server(tmp_path, config_of(store)) as second:
        # Before a new visitor could have come in.
        after = second.camera("door")
        again = json.loads(second.get("/api/cameras/door/heat.json?half_life=10m"))

    assert after["zones"]["floor"]["in_count"] >= before["zones"]["floor"]["in_count"]
    assert after["total_tracks"] >= before["total_tracks"]
    assert again["age_s"] >= heat["age_s"]
    # A restart takes seconds of ten minutes' half-life, and people went on walking.
    assert again["person_seconds"] > 0.8 * heat["person_seconds"]
