"""The heat in the browser's pixels, against the ground truth of the camera."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator

import numpy as np
import numpy.typing as npt
import pytest
import pytest_asyncio
from playwright.async_api import Page

from heatwall.simulator.clips import Clip, ensure_clips
from heatwall.simulator.simulate import SimulationOptions
from heatwall.simulator.truth import load_truth
from heatwall.values import ByteArray
from support.eventually import eventually_async
from support.expected_heat import COLUMNS, ROWS, leaving, shares
from support.screen import pictures, playing
from support.server import Server, running_server
from support.store import Store, running_store

pytestmark = pytest.mark.e2e

HALF_LIFE_S = 2.0
"""Of the camera `quick`, so that two half-lives are soon over."""


@pytest.fixture(scope="module")
def clip() -> Clip:
    return ensure_clips(1)[0]


@pytest.fixture(scope="module")
def store(clip: Clip) -> Iterator[Store]:
    with running_store(1, SimulationOptions(clips=(clip.path,))) as cameras:
        yield cameras


@pytest.fixture(scope="module")
def server(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    url = store.urls[0]
    config = {
        "model": {"path": "demo", "imgsz": 320, "iou": 0.5},
        "defaults": {"detect": {"fps": 5}},
        "cameras": {
            "plain": {"url": url, "overlay": {"show_heat": False}},
            "long": {"url": url, "heat": {"half_lives": ["30s"]}, "overlay": {"scale": 0.3}},
            "quick": {
                "url": url,
                "heat": {"half_lives": [f"{HALF_LIFE_S:g}s"]},
                "overlay": {"scale": 1.0},
            },
        },
    }
    with running_server(tmp_path_factory.mktemp("heat"), config) as running:
        yield running


@pytest_asyncio.fixture
async def wall(page: Page, server: Server) -> AsyncIterator[Page]:
    await page.goto(server.address)
    for camera in ("plain", "long", "quick"):
        await playing(page, camera)
    yield page


async def both(page: Page, camera: str) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return a camera's tile and the same picture without heat, in cells.

    Both tiles show one camera, one of them without heat, so what differs is the heat.
    """
    shown = await pictures(page, [camera, "plain"], COLUMNS * 2, ROWS * 2)
    hot, plain = (cells(one) for one in shown)
    return hot, plain


async def warmth(page: Page, camera: str) -> npt.NDArray[np.float64]:
    """Return how much more red than blue the heat adds to each cell."""
    hot, plain = await both(page, camera)
    warm: npt.NDArray[np.float64] = hot[..., 0] - hot[..., 2] - plain[..., 0] + plain[..., 2]
    return warm


async def tint(page: Page, camera: str, pairs: int = 7) -> npt.NDArray[np.float64]:
    """Return by how much the heat changes each cell, 0 to 255; who walks by is left out."""
    found = []
    for _ in range(pairs):
        hot, plain = await both(page, camera)
        found.append(np.abs(hot - plain).mean(axis=2))
    middle: npt.NDArray[np.float64] = np.median(found, axis=0)
    return middle


def cells(shown: ByteArray) -> npt.NDArray[np.float64]:
    square = shown.reshape(ROWS, 2, COLUMNS, 2, 3).astype(np.float64)
    mean: npt.NDArray[np.float64] = square.mean(axis=(1, 3))
    return mean


async def test_heat_lies_where_the_truth_has_people_and_not_on_empty_floor(
    wall: Page, clip: Clip
) -> None:
    truth = load_truth(clip.truth_path)
    seen = shares(truth, 30.0, least_visible=0.9).mean(axis=0)
    everyone = shares(truth, 30.0).max(axis=0)
    hot, empty = seen > 0.12, everyone < 1e-4
    # Boxes that are cut off by the picture's edge end there, and not at the feet.
    empty[-8:] = hot[-3:] = False
    assert hot.sum() > 20
    assert empty.sum() > 200

    # The heat of a whole loop must have come together.
    async def is_tinted() -> bool:
        return float(np.percentile((await tint(wall, "long"))[hot], 20)) > 12

    await eventually_async(is_tinted, timeout_s=90)

    assert np.percentile((await tint(wall, "long"))[empty], 95) < 6


async def test_a_place_is_clearly_cooler_two_half_lives_after_the_people_left(
    wall: Page, clip: Clip, store: Store
) -> None:
    truth = load_truth(clip.truth_path)
    place = leaving(truth, HALF_LIFE_S)
    assert place.before > 0.3
    assert place.after < 0.4 * place.before
    row, column = int(place.y * ROWS), int(place.x * COLUMNS)
    camera = store.camera("cam1")

    async def at(loop_s: float) -> float:
        """Wait for a moment of the loop to be on screen and return the place's warmth then."""

        def is_there() -> bool:
            frame = camera.frame_number(time.monotonic() - 0.4) % clip.frames
            return 0 <= frame - loop_s % clip.loop_s * clip.fps < clip.fps / 2

        await eventually_async(is_there, timeout_s=2 * clip.loop_s)
        around = (await warmth(wall, "quick"))[row - 1 : row + 2, column - 1 : column + 2]
        return float(np.median(around))

    before = await at(place.time_s)
    after = await at(place.time_s + 2 * HALF_LIFE_S)

    assert before > 20
    assert after < 0.6 * before
