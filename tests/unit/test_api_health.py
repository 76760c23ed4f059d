from __future__ import annotations

from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from heatwall.api.health import STRANDED_S, STUCK_S, health_routes
from heatwall.status import DetectionStatus
from support.api import serving_api


async def test_the_server_is_alive_before_it_is_ready(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        stand.wall.is_started = False
        assert (await stand.client.get("/healthz")).status == 200
        response = await stand.client.get("/readyz")
        assert response.status == 503
        assert (await response.json())["error"]["code"] == "not_ready"
        stand.wall.is_started = True
        assert (await stand.client.get("/readyz")).status == 200


async def test_a_server_that_only_a_restart_helps_is_not_ready(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        stand.wall.detection_status = DetectionStatus(is_up=False, restarts=2, hung_threads=1)
        assert (await stand.client.get("/readyz")).status == 200
        stand.wall.detection_status = DetectionStatus(is_up=False, hung_threads=3, is_lost=True)
        response = await stand.client.get("/readyz")
        assert response.status == 503
        assert (await response.json())["error"]["code"] == "detection_lost"


async def test_a_server_that_can_start_no_cameras_process_for_long_is_not_well(
    tmp_path: Path,
) -> None:
    async with serving_api(tmp_path) as stand:
        stand.wall.stranded_for_s = STRANDED_S - 1
        assert (await stand.client.get("/healthz")).status == 200
        stand.wall.stranded_for_s = STRANDED_S + 1
        response = await stand.client.get("/healthz")
        assert response.status == 503
        assert (await response.json())["error"]["code"] == "stranded"


async def test_the_metrics_are_prometheus_text(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        response = await stand.client.get("/metrics")
        assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        text = await response.text()
        assert 'heatwall_frames_decoded_total{camera="door"} 100.0' in text


async def test_what_everybody_may_know_tells_nothing_of_the_cameras(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        for address, status in (("/healthz", "alive"), ("/readyz", "ready")):
            told = await (await stand.client.get(address)).json()
            assert told.keys() == {"status", "loop_lag_s", "detection"}
            assert told["status"] == status


async def test_a_server_whose_loop_was_stuck_is_not_well() -> None:
    app = web.Application()
    app.add_routes(health_routes(lambda: ("text/plain", b""), lambda: STUCK_S + 1))
    async with TestClient(TestServer(app)) as client:
        response = await client.get("/healthz")
        assert response.status == 503
        assert (await response.json())["error"]["code"] == "stuck"
