"""The last hour, counts and heat that a real server hands out, before and after a restart."""

from __future__ import annotations

import csv
import io
import json
import urllib.request
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from heatwall.simulator.clips import ensure_clips
from heatwall.simulator.simulate import SimulationOptions
from support.eventually import eventually
from support.server import Server, running_server
from support.store import running_store

WITHIN_S = 60.0
"""For people to come into the picture, on a busy machine."""


@pytest.fixture(scope="module")
def config() -> Iterator[dict[str, Any]]:
    clip = ensure_clips(1)[0]
    with running_store(1, SimulationOptions(clips=(clip.path,))) as cameras:
        yield {
            "model": {"path": "demo", "imgsz": 320, "iou": 0.5},
            "cameras": {
                "door": {
                    "name": "Tür – Süd",
                    "url": cameras.urls[0],
                    "detect": {"fps": 4},
                    "zones": {"floor": {"polygon": [[0, 0.3], [1, 0.3], [1, 1], [0, 1]]}},
                }
            },
        }


def minutes(server: Server) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = json.loads(server.get("/api/cameras/door/history.json"))["minutes"]
    return told


def counts(server: Server, path: str = "/api/counts.csv") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(server.get(path).removeprefix("\ufeff"), newline="")))


def test_what_was_seen_can_be_taken_along_and_is_there_after_a_restart(
    tmp_path: Path, config: dict[str, Any]
) -> None:
    with running_server(tmp_path, config) as server:
        eventually(lambda: any(one["most"] for one in minutes(server)), timeout_s=WITHIN_S)
        seen = minutes(server)
        status = server.camera("door")
        (everybody, *_) = counts(server)
        with urllib.request.urlopen(  # noqa: S310 - our own server
            f"{server.address}/api/cameras/door/heat.png?legend=true", timeout=10
        ) as answer:
            packed = np.frombuffer(answer.read(), np.uint8)

    assert (status["detect_fps"], status["decoder"], status["encoder"]) == (4.0, "cpu", None)
    assert (everybody["camera"], everybody["camera_name"]) == ("door", "Tür – Süd")
    assert (everybody["kind"], everybody["name"], everybody["class"]) == ("zone", "floor", "all")
    since, at = (datetime.fromisoformat(everybody[key]) for key in ("since", "at"))
    assert since.utcoffset() is not None
    assert since <= at  # told in whole seconds
    assert np.asarray(cv2.imdecode(packed, cv2.IMREAD_UNCHANGED)).shape[1:] == (1280, 3)

    with running_server(tmp_path, config) as server:
        after = minutes(server)
        again = eventually(lambda: counts(server, "/api/cameras/door/counts.csv"), timeout_s=30)

    assert after[0]["at"] == seen[0]["at"]
    assert max(one["most"] or 0 for one in after) >= max(one["most"] or 0 for one in seen)
    assert again is not None
    assert again[0]["since"] == everybody["since"]
