from __future__ import annotations

import asyncio
import socket as sockets
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from aiohttp import WSCloseCode, WSMsgType
from aiohttp.client_ws import ClientWebSocketResponse

from heatwall.access.door import Pass
from heatwall.api import live, pushing
from heatwall.clock import monotonic
from heatwall.delivery import session
from heatwall.states import CameraState
from heatwall.status import GroupStatus
from heatwall.values import Tier
from support.api import ApiStand, serving_api
from support.eventually import eventually_async
from support.sdp import Section, offer


async def _told(socket: ClientWebSocketResponse[bool]) -> dict[str, Any]:
    message: dict[str, Any] = await socket.receive_json(timeout=10)
    return message


async def _door_state(socket: ClientWebSocketResponse[bool]) -> str:
    state: str = (await _told(socket))["cameras"][0]["state"]
    return state


async def _open_session(stand: ApiStand) -> str:
    sid, _ = await stand.sessions.create(offer(Section()), ["door"], Tier.TILE)
    return sid


async def test_a_page_is_told_everything_at_once(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand, stand.client.ws_connect("/api/live") as socket:
        message = await _told(socket)
        assert message["type"] == "cameras"
        assert message["at"] > 1_700_000_000
        assert [camera["id"] for camera in message["cameras"]] == ["door", "till"]


async def test_a_page_is_told_the_groups_each_time(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        stand.wall.store_groups = [GroupStatus("up", "Upstairs", ("till",))]
        async with stand.client.ws_connect("/api/live") as socket:
            for _ in range(2):
                told = (await _told(socket))["groups"]
                assert told == [{"id": "up", "name": "Upstairs", "cameras": ["till"]}]


async def test_a_page_is_told_again_and_again(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand, stand.client.ws_connect("/api/live") as socket:
        times = [(await _told(socket))["at"] for _ in range(3)]
        assert times == sorted(set(times))


async def test_a_change_is_told_before_the_second_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "INTERVAL_S", 3600.0)
    async with serving_api(tmp_path) as stand, stand.client.ws_connect("/api/live") as socket:
        assert await _door_state(socket) == "live"
        stand.wall.change("door", CameraState.STALLED)
        assert await _door_state(socket) == "stalled"


async def test_one_change_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "INTERVAL_S", 3600.0)
    async with serving_api(tmp_path) as stand, stand.client.ws_connect("/api/live") as socket:
        await _told(socket)
        stand.wall.change("door", CameraState.STALLED)
        await _told(socket)
        with pytest.raises(TimeoutError):
            await socket.receive(timeout=3 * live.CHANGE_INTERVAL_S)


async def test_many_changes_are_told_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "INTERVAL_S", 3600.0)
    async with serving_api(tmp_path) as stand, stand.client.ws_connect("/api/live") as socket:
        await _told(socket)
        for _ in range(50):
            stand.wall.change("door", CameraState.STALLED)
            stand.wall.change("door", CameraState.LIVE)
        stand.wall.change("door", CameraState.RETRYING)
        seen = [await _door_state(socket)]
        while seen[-1] != "retrying":
            seen.append(await _door_state(socket))
        assert len(seen) <= 2


async def test_a_flapping_camera_does_not_flood_the_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "INTERVAL_S", 3600.0)
    async with serving_api(tmp_path) as stand, stand.client.ws_connect("/api/live") as socket:
        await _told(socket)
        began_s = monotonic()
        for state in (CameraState.STALLED, CameraState.LIVE) * 2:
            stand.wall.change("door", state)
            assert await _door_state(socket) == state
        assert monotonic() - began_s > 2.5 * live.CHANGE_INTERVAL_S


async def test_the_figures_are_encoded_once_for_all_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving_api(tmp_path) as stand:
        sockets = [await stand.client.ws_connect("/api/live") for _ in range(5)]
        for socket in sockets:
            await _told(socket)
        monkeypatch.setattr(live, "INTERVAL_S", 3600.0)
        statuses = Mock(wraps=stand.wall.statuses)
        monkeypatch.setattr(stand.wall, "statuses", statuses)
        stand.wall.change("door", CameraState.STALLED)
        for socket in sockets:
            while await _door_state(socket) != "stalled":
                continue
        assert statuses.call_count <= 2, "one for the change, one if a second was just over"
        for socket in sockets:
            await socket.close()


async def test_nobody_listening_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "INTERVAL_S", 3600.0)
    async with serving_api(tmp_path) as stand:
        statuses = Mock(wraps=stand.wall.statuses)
        monkeypatch.setattr(stand.wall, "statuses", statuses)
        stand.wall.change("door", CameraState.STALLED)
        async with stand.client.ws_connect("/api/live") as socket:
            assert await _door_state(socket) == "stalled"
        assert statuses.call_count == 1, "for the page that came, not for the change before it"


async def test_a_bug_in_a_figure_does_not_end_the_telling(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving_api(tmp_path) as stand, stand.client.ws_connect("/api/live") as socket:
        await _told(socket)
        with monkeypatch.context() as patch:
            patch.setattr(stand.wall, "statuses", lambda: 1 // 0)
            stand.wall.change("door", CameraState.STALLED)
            await eventually_async(lambda: caplog.records)
        assert await _door_state(socket) == "stalled"


async def test_a_session_named_by_a_page_ends_after_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "UNBOUND_S", 0.0)
    async with serving_api(tmp_path) as stand:
        sid = await _open_session(stand)
        async with stand.client.ws_connect("/api/live") as socket:
            await socket.send_json({"type": "session", "sid": sid})
            await _told(socket)
            await _told(socket)
            assert sid in stand.sessions
        await eventually_async(lambda: sid not in stand.sessions)


async def test_a_page_is_told_how_well_its_own_session_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving_api(tmp_path) as stand:
        sid = await _open_session(stand)
        async with (
            stand.client.ws_connect("/api/live") as own,
            stand.client.ws_connect("/api/live") as other,
        ):
            assert (await _told(own))["quality"] == {"is_reduced": False, "reason": None}
            await own.send_json({"type": "session", "sid": sid})
            screen = stand.sessions._sessions[sid].screen
            monkeypatch.setattr(type(screen), "is_reduced", True)
            monkeypatch.setattr(type(screen), "reason", "12 % of packets lost")
            await _told(own)
            await _told(other)
            told = await _told(own)
            assert told["quality"] == {
                "is_reduced": True,
                "reason": "12 % of packets lost",
            }
            assert [camera["id"] for camera in told["cameras"]] == ["door", "till"]
            assert (await _told(other))["quality"] == {"is_reduced": False, "reason": None}


async def test_a_session_that_is_gone_is_no_fault_of_the_page(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand, stand.client.ws_connect("/api/live") as socket:
        await socket.send_json({"type": "session", "sid": "gone"})
        await _told(socket)
        assert (await _told(socket))["type"] == "cameras"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"type": "shell"}', '{"type": "session"}'])
async def test_a_message_that_nobody_knows_ends_the_websocket(tmp_path: Path, text: str) -> None:
    async with serving_api(tmp_path) as stand, stand.client.ws_connect("/api/live") as socket:
        await socket.send_str(text)
        await _until_closed(socket)
        assert socket.close_code == WSCloseCode.POLICY_VIOLATION


async def test_a_message_that_is_too_long_ends_the_websocket(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand, stand.client.ws_connect("/api/live") as socket:
        await socket.send_str("x" * 5000)
        await _until_closed(socket)
        assert socket.close_code == WSCloseCode.MESSAGE_TOO_BIG


async def test_a_stopping_server_says_goodbye(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        socket = await stand.client.ws_connect("/api/live")
        await _told(socket)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(stand.client.server.close())
            await _until_closed(socket)
        assert socket.close_code == WSCloseCode.GOING_AWAY
        assert stand.wall.callbacks == []


async def test_a_page_that_takes_nothing_gets_the_newest_message() -> None:
    client = live._Client(Pass(None, lambda: None))
    client.offer(b"first")
    client.offer(b"second")
    client.offer(b"third")
    assert await client.take() == b"third"
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(client.take())
        await asyncio.sleep(0)
        client.offer(b"fourth")
    assert waiting.result() == b"fourth"


async def test_a_page_that_takes_nothing_is_dropped_and_holds_up_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushing, "SEND_S", 0.2)
    async with serving_api(tmp_path) as stand:
        long = stand.wall.statuses() * 10_000
        monkeypatch.setattr(stand.wall, "statuses", lambda: long)
        reader, writer = await asyncio.open_connection("127.0.0.1", stand.client.server.port)
        writer.write(
            b"GET /api/live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        await reader.readuntil(b"\r\n\r\n")
        assert isinstance(writer.transport, asyncio.ReadTransport)
        writer.transport.pause_reading()
        served = {task for task in asyncio.all_tasks() if task.get_name() == "live-writer"}
        await eventually_async(lambda: all(task.done() for task in served) and served)
        async with stand.client.ws_connect("/api/live", max_msg_size=0) as socket:
            assert (await _told(socket))["type"] == "cameras"
        writer.close()


async def _until_closed(socket: ClientWebSocketResponse[bool]) -> None:
    async with asyncio.timeout(10):
        while (await socket.receive()).type is WSMsgType.TEXT:
            continue


@pytest.mark.parametrize(("send_s", "heartbeat_s"), [(0.3, 60.0), (60.0, 0.6)])
async def test_a_page_that_takes_nothing_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, send_s: float, heartbeat_s: float
) -> None:
    monkeypatch.setattr(pushing, "SEND_S", send_s)
    monkeypatch.setattr(live, "HEARTBEAT_S", heartbeat_s)
    monkeypatch.setattr(live, "INTERVAL_S", 0.004)
    monkeypatch.setattr(live, "CHANGE_INTERVAL_S", 0.002)
    async with serving_api(tmp_path) as stand:
        # Without a client library, which would read and answer pings by itself.
        page = sockets.socket()
        page.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        page.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(page, ("127.0.0.1", stand.client.port))
        await loop.sock_sendall(
            page,
            b"GET /api/live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        )
        runner = stand.client.server.runner
        assert runner is not None
        server = runner.server
        assert server is not None
        await eventually_async(lambda: len(server.connections) == 1)
        await eventually_async(lambda: not server.connections, timeout_s=30.0)
        page.close()
