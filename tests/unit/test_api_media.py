from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSCloseCode, WSMsgType, WSServerHandshakeError

from heatwall.delivery.offer import MAX_M_LINES
from heatwall.values import Tier
from support.api import ApiStand, serving_api
from support.eventually import eventually_async
from support.h264 import TestEncoder

_DOOR = {"slot": 0, "camera": "door", "tier": "tile"}


async def _show(socket: ClientWebSocketResponse[bool], *slots: dict[str, Any]) -> None:
    await socket.send_json({"slots": slots})


async def _shown(stand: ApiStand, cameras: dict[str, int]) -> None:
    await eventually_async(lambda: stand.sessions.viewers() == cameras)


async def test_a_slots_messages_say_slot_kind_and_codec(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand, stand.client.ws_connect("/api/media") as socket:
        await _show(socket, {**_DOOR, "slot": 3})
        await _shown(stand, {"door": 1})
        encoder = TestEncoder("door")
        for _ in range(2):
            stand.sessions._fanout.publish(encoder.picture())
        init, key, more = [await socket.receive_bytes(timeout=10) for _ in range(3)]
        assert (init[:2], key[:2], more[:2]) == (b"\3\0", b"\3\1", b"\3\2")
        codec = init[3 : 3 + init[2]]
        assert codec.startswith(b"avc1.42c0")
        assert init[3 + init[2] :][4:8] == b"ftyp"
        assert key[2:][4:8] == more[2:][4:8] == b"moof"


async def test_one_page_is_one_viewer_whatever_it_shows(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand, stand.client.ws_connect("/api/media") as socket:
        slots = [{"slot": slot, "camera": "door"} for slot in range(MAX_M_LINES)]
        await _show(socket, *slots)
        await _shown(stand, {"door": MAX_M_LINES})
        assert len(stand.sessions) == 1
        assert stand.demand.calls[0] == ("start", "door", Tier.TILE)
        await _show(socket, *({**slot, "camera": None} for slot in slots))
        await _shown(stand, {})
    await eventually_async(lambda: len(stand.sessions) == 0)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("nothing", "JSON"),
        ('{"slots": 1}', "array"),
        ('{"slots": [], "more": 1}', "more"),
        ('{"slots": [{"slot": 0}]}', "camera"),
        ('{"slots": [{"slot": 0, "camera": "door", "tier": "huge"}]}', "huge"),
        ('{"slots": [{"slot": 0, "camera": "attic"}]}', "attic"),
        ('{"slots": [{"slot": 64, "camera": "door"}]}', "no slot 64"),
        ('{"slots": [{"slot": -1, "camera": "door"}]}', "no slot -1"),
    ],
)
async def test_what_can_not_be_shown_ends_the_socket_with_the_reason(
    tmp_path: Path, text: str, reason: str
) -> None:
    async with serving_api(tmp_path) as stand, stand.client.ws_connect("/api/media") as socket:
        await socket.send_str(text)
        message = await socket.receive(timeout=10)
        assert message.type is WSMsgType.CLOSE
        assert message.data == WSCloseCode.POLICY_VIOLATION
        assert reason in (message.extra or "")
        assert stand.demand.calls == []


async def test_a_binary_message_ends_the_socket(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand, stand.client.ws_connect("/api/media") as socket:
        await socket.send_bytes(b"{}")
        assert (await socket.receive(timeout=10)).data == WSCloseCode.POLICY_VIOLATION


async def test_a_long_reason_is_cut_and_still_told(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand, stand.client.ws_connect("/api/media") as socket:
        await _show(socket, {"slot": 0, "camera": "ä" * 300})
        message = await socket.receive(timeout=10)
        assert message.data == WSCloseCode.POLICY_VIOLATION
        assert "äää" in (message.extra or "")


async def test_a_full_server_refuses_before_the_socket_opens(tmp_path: Path) -> None:
    async with (
        serving_api(tmp_path) as stand,
        stand.client.ws_connect("/api/media"),
        stand.client.ws_connect("/api/media"),
        stand.client.ws_connect("/api/media"),
    ):
        with pytest.raises(WSServerHandshakeError) as caught:
            await stand.client.ws_connect("/api/media")
        assert caught.value.status == 503


async def test_what_is_no_websocket_is_refused_and_counts_for_nothing(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        async with stand.client.get("/api/media") as answer:
            assert answer.status == 400
        assert len(stand.sessions) == 0


async def test_another_sites_page_may_not_watch(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        with pytest.raises(WSServerHandshakeError) as caught:
            await stand.client.ws_connect("/api/media", origin="http://elsewhere.example")
        assert caught.value.status == 403


async def test_a_page_is_told_that_the_server_stops(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand, stand.client.ws_connect("/api/media") as socket:
        await _show(socket, _DOOR)
        await _shown(stand, {"door": 1})
        await stand.sessions.close()
        message = await socket.receive(timeout=10)
        assert message.data == WSCloseCode.GOING_AWAY
