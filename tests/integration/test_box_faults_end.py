"""How a real server ends: when it is told to, whatever hangs, and when it is killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession, ClientTimeout, ClientWebSocketResponse, WSMsgType

from heatwall.simulator.clips import ensure_clips
from heatwall.simulator.simulate import SimulationOptions
from support.broken_server import SAVES_EVERY_S
from support.eventually import eventually, eventually_async
from support.server import Server, is_running, running_server
from support.store import running_store
from support.viewer import Viewer

CAMERAS = 4

WITHIN_S = 60.0
"""For people to come into the picture, on a busy machine."""


@pytest.fixture(scope="module")
def config() -> Iterator[dict[str, Any]]:
    clips = tuple(clip.path for clip in ensure_clips(2))
    with running_store(CAMERAS, SimulationOptions(clips=clips)) as store:
        cameras = {
            f"cam{number}": {"url": url, "detect": {"fps": 3}}
            for number, url in enumerate(store.urls)
        }
        yield {
            "server": {"state": "state"},
            "model": {"path": "demo", "imgsz": 320},
            "cameras": cameras,
        }


def tracks(server: Server) -> int:
    return int(server.camera("cam0")["total_tracks"])


def workers(server: Server) -> set[int]:
    def all_of_them() -> set[int]:
        pids = server.worker_pids()
        return pids if len(pids) == CAMERAS else set()

    return eventually(all_of_them, WITHIN_S)


@contextlib.contextmanager
def page_that_reads_nothing(address: str) -> Iterator[None]:
    """Open the live WebSocket and take nothing from it, not even a goodbye."""
    where = urlsplit(address)
    with socket.create_connection((where.hostname, where.port), timeout=10) as connection:
        connection.sendall(
            b"GET /api/live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        assert b"101" in connection.recv(64)
        yield


async def heard_to_the_end(page: ClientWebSocketResponse) -> tuple[int | None, float]:
    """Return the code with which the server closes a page's WebSocket, and when."""
    while (await page.receive(timeout=30)).type is WSMsgType.TEXT:
        pass
    return page.close_code, time.monotonic()


async def gone_s(server: Server) -> float:
    """Return when the server's process is gone, monotonic seconds."""
    await eventually_async(lambda: not is_running(server.pid), 30)
    return time.monotonic()


async def test_told_to_end_it_tells_the_viewers_and_is_gone_in_time_whatever_hangs(
    tmp_path: Path, config: dict[str, Any]
) -> None:
    with running_server(tmp_path, config, "support.broken_server") as server:
        pids = workers(server)
        eventually(lambda: tracks(server) > 0, WITHIN_S)
        viewer = Viewer(server.address, slots=2)
        await viewer.open("/whep?camera=cam0&camera=cam1&tier=tile")
        await eventually_async(lambda: all(viewer.frames), 30)
        (tmp_path / "model.fault").write_text("hang")
        os.kill(min(pids), signal.SIGSTOP)

        with page_that_reads_nothing(server.address):
            async with (
                ClientSession(timeout=ClientTimeout(total=60)) as client,
                client.ws_connect(f"{server.address}/api/live") as page,
            ):
                began = time.time()
                began_s = time.monotonic()
                os.kill(server.pid, signal.SIGTERM)
                (code, told_s), ended_s = await asyncio.gather(
                    heard_to_the_end(page), gone_s(server)
                )
        await viewer.close()

        assert code == 1001
        assert told_s - began_s < 2
        assert ended_s - began_s < 5
        assert not any(map(is_running, pids))
        times = [one.stat().st_mtime for one in saved(tmp_path)]
        assert times
        assert min(times) > began - 1
    assert "Traceback" not in server.log.read_text()


def saved(folder: Path) -> list[Path]:
    return sorted((folder / "state").glob("*.heat.npz"))


@contextlib.contextmanager
def broker_that_swallows_connects() -> Iterator[int]:
    """Give a port where a connect is neither taken nor refused: its queue is full (listen(2))."""
    with contextlib.ExitStack() as stack:
        full = stack.enter_context(socket.socket())
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(2):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        yield full.getsockname()[1]


def test_a_thread_that_waits_for_a_broker_holds_up_no_end(
    tmp_path: Path, config: dict[str, Any]
) -> None:
    with broker_that_swallows_connects() as port:
        notify = {"office": {"mqtt": f"mqtt://127.0.0.1:{port}"}}
        with running_server(tmp_path, config | {"alarms": {"notify": notify}}) as server:
            workers(server)
            # For five seconds at most, then it says so and tries again.
            eventually(lambda: "office can't be told" in server.log.read_text(), WITHIN_S)
            waits_again_s = time.monotonic() + 1.5
            eventually(lambda: time.monotonic() > waits_again_s)


def test_a_second_signal_ends_it_at_once(tmp_path: Path, config: dict[str, Any]) -> None:
    with running_server(tmp_path, config, "support.broken_server") as server:
        pids = workers(server)
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)  # so that it takes the second that a worker gets
        os.kill(server.pid, signal.SIGTERM)
        eventually(lambda: "the server ends: SIGTERM" in server.log.read_text())
        os.kill(server.pid, signal.SIGTERM)
        server.exit_code = -signal.SIGTERM
        eventually(lambda: not is_running(server.pid), 10)
        eventually(lambda: not any(map(is_running, pids)), 10)


def test_killed_it_leaves_nothing_behind_and_knows_the_heat_again(
    tmp_path: Path, config: dict[str, Any]
) -> None:
    shared = {one.name for one in Path("/dev/shm").iterdir()}
    with running_server(tmp_path, config, "support.broken_server") as server:
        pids = workers(server)
        eventually(lambda: tracks(server) > 0, WITHIN_S)
        known = tracks(server)
        since = server.camera("cam0")["counts_since"]
        began = time.time()
        eventually(
            lambda: any(
                one.name.startswith("cam0") and one.stat().st_mtime > began
                for one in saved(tmp_path)
            ),
            4 * SAVES_EVERY_S + 20,
        )
        os.kill(min(pids), signal.SIGSTOP)

        os.kill(server.pid, signal.SIGKILL)

        server.exit_code = -signal.SIGKILL
        eventually(lambda: not any(map(is_running, pids)), 10)
    assert {one.name for one in Path("/dev/shm").iterdir()} <= shared

    with running_server(tmp_path, config, "support.broken_server") as server:
        again = eventually(lambda: (status := server.camera("cam0"))["heat"] and status, WITHIN_S)
        assert again["total_tracks"] >= known
        assert again["counts_since"] == since
        # One that the kill cut off, if any; new ones are there for the moment of a save.
        eventually(lambda: not list((tmp_path / "state").glob("*.partial")))
