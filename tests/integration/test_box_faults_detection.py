"""A real server whose model hangs and fails: the pictures go on, and the heat is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from heatwall.simulator.clips import ensure_clips
from heatwall.simulator.simulate import SimulationOptions
from support.eventually import eventually
from support.server import Server, running_server
from support.store import running_store

NOTICED_WITHIN_S = 30.0
"""The watch notices within nine seconds; a busy machine some later."""

BACK_WITHIN_S = 60.0
"""Loading the demo model takes a second or two."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    folder = tmp_path_factory.mktemp("box")
    options = SimulationOptions(clips=tuple(clip.path for clip in ensure_clips(2)))
    with running_store(2, options) as store:
        cameras = {
            f"cam{number}": {"url": url, "detect": {"fps": 4}}
            for number, url in enumerate(store.urls)
        }
        config = {"model": {"path": "demo", "imgsz": 320}, "cameras": cameras}
        with running_server(folder, config, "support.broken_server") as server:
            yield server, folder / "model.fault"


def notices(server: Server) -> str:
    return " ".join(server.camera("cam0")["notices"])


def decoded(server: Server) -> float:
    return server.metric("heatwall_frames_decoded_total")


def detected(server: Server) -> float:
    return server.metric("heatwall_frames_detected_total")


def sees_people(server: Server) -> dict[str, Any]:
    return eventually(
        lambda: (status := server.camera("cam0"))["total_tracks"] and status, BACK_WITHIN_S
    )


@pytest.mark.parametrize(
    ("fault", "reason"), [("hang", "no result for "), ("raise", "the model is told to fail")]
)
def test_a_model_that_stops_working_costs_no_picture_and_comes_back(
    served: tuple[Server, Path], fault: str, reason: str
) -> None:
    server, file = served
    before = sees_people(server)
    restarts = server.metric("heatwall_analyst_restarts_total")

    file.write_text(fault)
    eventually(lambda: "detection is down since " in notices(server), NOTICED_WITHIN_S)
    assert reason in notices(server)
    assert "the picture goes on" in notices(server)
    assert server.metric("heatwall_detection_up") == 0
    assert '"status":"ready"' in server.get("/readyz")
    pictures = decoded(server)
    eventually(lambda: decoded(server) > pictures + 20)
    assert server.camera("cam0")["state"] == "live"

    eventually(
        lambda: server.metric("heatwall_analyst_restarts_total") > restarts, NOTICED_WITHIN_S
    )

    file.write_text("")
    frames = detected(server)
    eventually(lambda: detected(server) > frames + 8, BACK_WITHIN_S)
    eventually(lambda: "detection is down" not in notices(server))
    assert server.metric("heatwall_detection_up") == 1
    assert server.camera("cam0")["total_tracks"] >= before["total_tracks"]
    eventually(lambda: server.metric("heatwall_analyst_hung_threads") == 0)
