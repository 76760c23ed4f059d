"""Lines and zones drawn while a real server runs, saved, and there again after a restart."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import numpy as np
import pytest

from heatwall.simulator.clips import ensure_clips
from heatwall.simulator.simulate import SimulationOptions
from heatwall.values import FloatArray
from support.eventually import eventually, eventually_async
from support.server import Server, running_server
from support.store import running_store
from support.viewer import Viewer

PATH = "/api/cameras/door/regions"
KEPT = {"polygon": [[0.0, 0.3], [1.0, 0.3], [1.0, 1.0], [0.0, 1.0]]}
DRAWN = {"polygon": [[0.02, 0.12], [0.98, 0.12], [0.98, 0.98], [0.02, 0.98]]}
LINE = {"from": [0.0, 0.6], "to": [1.0, 0.6], "inside": "above"}

CONFIG = """\
# The shop's wall, by hand.
model: {{path: demo, imgsz: 320, iou: 0.5}}
cameras:
  door:
    url: {url}  # the simulated one
    overlay: {{show_heat: false}}
    zones:
      # where all walk
      kept: {{polygon: [[0, 0.3], [1, 0.3], [1, 1], [0, 1]]}}  # nearly all

  other: {{url: '{url}'}}
# the end"""


def zones_of(server: Server) -> dict[str, Any]:
    zones: dict[str, Any] = server.camera("door")["zones"]
    return zones


async def border(viewer: Viewer) -> tuple[FloatArray, FloatArray]:
    """Return the light along the upper edge of the zone that is drawn, and of a row well above.

    It is the median of many pictures, in which those who walk by are not to be seen.
    """
    rows: list[FloatArray] = []

    def has_seen_many() -> bool:
        frame = viewer.newest[0]
        if frame is not None:
            grey = frame.to_ndarray(format="gray").astype(np.float32)
            height, width = grey.shape
            inner = slice(width // 10, width * 9 // 10)
            edge = round(0.12 * height)
            rows.append(np.stack([grey[edge - 1 : edge + 2, inner].max(0), grey[4, inner]]))
        return len(rows) > 25

    await eventually_async(has_seen_many, timeout_s=30)
    upper, above = np.median(np.array(rows), axis=0)
    return upper, above


def counted(server: Server, zone: str) -> Callable[[], bool]:
    return lambda: zones_of(server).get(zone, {"in_count": 0})["in_count"] > 1


async def test_a_zone_is_drawn_counted_saved_and_there_again_after_a_restart(
    tmp_path: Path,
) -> None:
    clip = ensure_clips(1)[0]
    file = tmp_path / "wall.yaml"
    with running_store(1, SimulationOptions(clips=(clip.path,))) as store:
        before = CONFIG.format(url=store.urls[0])
        file.write_text(before)
        with running_server(tmp_path, None) as server:
            told = json.loads(server.get(PATH))
            assert told == {"lines": {}, "zones": {"kept": KEPT}}
            eventually(counted(server, "kept"), timeout_s=60)
            async with AsyncExitStack() as stack:
                viewer = Viewer(server.address)
                stack.push_async_callback(viewer.close)
                await viewer.open("/whep?camera=door&tier=tile")
                plain, plain_above = await border(viewer)
                in_count = zones_of(server)["kept"]["in_count"]

                drawn = {"lines": {"way": LINE}, "zones": {"kept": KEPT, "drawn": DRAWN}}
                answer = json.loads(server.send("PUT", PATH, drawn))

                assert answer == drawn
                assert list(zones_of(server)) == ["kept", "drawn"]
                assert zones_of(server)["kept"]["in_count"] >= in_count
                assert file.read_text() == before
                shown, shown_above = await border(viewer)
                assert np.abs(shown - plain).mean() > 5 * np.abs(shown_above - plain_above).mean()
                assert np.abs(shown - plain).mean() > 15
                await eventually_async(counted(server, "drawn"), timeout_s=60)

                saved = json.loads(server.send("PUT", PATH, drawn | {"keep": "file"}))
                assert saved == drawn
                assert counted(server, "drawn")()

                wrong = drawn | {"zones": {"drawn": {"polygon": [[0, 0], [1, 1]]}}}
                with pytest.raises(HTTPError) as caught:
                    server.send("PUT", PATH, wrong)
                with caught.value as refusal:
                    assert refusal.code == 422
                    (fault,) = json.loads(refusal.read())["faults"]
                assert fault["key"] == "zones.drawn.polygon"
            last = zones_of(server)

        head, _, tail = before.partition("\n\n")
        points = "[[0.02, 0.12], [0.98, 0.12], [0.98, 0.98], [0.02, 0.98]]"
        new = f"\n      drawn: {{polygon: {points}}}\n    lines:\n"
        new += "      way: {from: [0, 0.6], to: [1, 0.6], inside: above}"
        assert file.read_text() == f"{head}{new}\n\n{tail}"

        with running_server(tmp_path, None) as again:
            assert json.loads(again.get(PATH)) == drawn
            for zone in ("kept", "drawn"):
                assert zones_of(again)[zone]["in_count"] >= last[zone]["in_count"]
