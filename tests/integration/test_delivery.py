from __future__ import annotations

import asyncio
import gc
import logging
from itertools import pairwise
from pathlib import Path

import pytest
from aiortc import RTCDtlsTransport

from heatwall.delivery.peer import Peer
from heatwall.values import Tier
from support.delivery import DeliveryStand, open_sockets, serving_delivery
from support.eventually import eventually_async
from support.sdp import Section, offer
from support.viewer import Viewer


async def test_three_viewers_decode_what_one_encoder_makes(tmp_path: Path) -> None:
    async with serving_delivery(tmp_path) as stand:
        viewers = [Viewer(stand.base) for _ in range(3)]
        for viewer in viewers:
            await viewer.open("/whep?camera=door&tier=tile")
        await eventually_async(lambda: all(len(viewer.frames[0]) > 10 for viewer in viewers))
        assert {size for viewer in viewers for size in viewer.frames[0]} == {(640, 360)}
        assert stand.source.count("start") == 1
        assert stand.sessions.viewers() == {"door": 3}
        for viewer in viewers:
            await viewer.close()


async def test_a_late_viewer_does_not_wait_for_the_next_idr(tmp_path: Path) -> None:
    async with serving_delivery(tmp_path) as stand:
        early, late = Viewer(stand.base), Viewer(stand.base)
        await early.open("/whep?camera=door")
        await eventually_async(lambda: len(early.frames[0]) > 20)
        encoder = stand.source.encoders["door", Tier.TILE]
        assert encoder.idrs <= 2, "without a viewer's wish there is no IDR"
        await late.open("/whep?camera=door")
        await eventually_async(lambda: late.frames[0], timeout_s=2.0)
        await early.close()
        await late.close()


async def test_a_slot_changes_from_a_tile_to_focus_on_the_same_connection(tmp_path: Path) -> None:
    async with serving_delivery(tmp_path) as stand:
        viewer = Viewer(stand.base, slots=2)
        await viewer.open("/whep?camera=door&camera=till&tier=tile")
        await eventually_async(lambda: all(len(frames) > 5 for frames in viewer.frames))
        change = {"slots": [{"slot": 0, "camera": "door", "tier": "focus"}]}
        assert await viewer.request("PATCH", json=change) == 204
        await eventually_async(lambda: viewer.frames[0][-1] == (1280, 720))
        back = {"slots": [{"slot": 0, "camera": "till"}, {"slot": 1, "camera": None}]}
        assert await viewer.request("PATCH", json=back) == 204
        await eventually_async(lambda: viewer.frames[0][-1] == (320, 180))
        assert viewer.frames[0][0] == (640, 360)
        assert set(viewer.frames[1]) == {(320, 180)}
        assert all(later > sooner for sooner, later in pairwise(viewer.pts[0]))
        assert stand.sessions.viewers() == {"till": 1}
        await viewer.close()


async def test_a_slot_that_was_empty_in_the_offer_can_be_filled(tmp_path: Path) -> None:
    async with serving_delivery(tmp_path) as stand:
        viewer = Viewer(stand.base)
        await viewer.open("/whep?camera=")
        assert await viewer.request("PATCH", json={"slots": [{"slot": 0, "camera": "till"}]}) == 204
        await eventually_async(lambda: viewer.frames[0])
        await viewer.close()


async def test_a_players_picture_loss_leads_to_an_idr(tmp_path: Path) -> None:
    async with serving_delivery(tmp_path) as stand:
        viewer = Viewer(stand.base)
        await viewer.open("/whep/till")
        await eventually_async(lambda: len(viewer.frames[0]) > 15)
        assert viewer.frames[0][0] == (640, 360), "a plain player gets the focus tier"
        before = stand.source.encoders["till", Tier.FOCUS].idrs
        await viewer.send_pli(0)
        await eventually_async(
            lambda: stand.source.encoders["till", Tier.FOCUS].idrs > before, timeout_s=3.0
        )
        await viewer.close()


async def test_a_viewer_reports_its_loss(tmp_path: Path) -> None:
    async with serving_delivery(tmp_path) as stand:
        viewer = Viewer(stand.base)
        await viewer.open("/whep?camera=door")
        losses = await eventually_async(stand.sessions.losses)
        assert 0 <= losses[0].share <= 1
        await viewer.close()


async def test_a_deleted_session_leaves_neither_task_nor_socket(tmp_path: Path) -> None:
    async with serving_delivery(tmp_path, linger_s=0.1) as stand:
        tasks, sockets = asyncio.all_tasks(), open_sockets()
        viewer = Viewer(stand.base, slots=3)
        await viewer.open("/whep?camera=door&camera=till&camera=door")
        await eventually_async(lambda: all(viewer.frames))
        assert await viewer.request("DELETE") == 200
        assert await viewer.request("DELETE") == 404
        await eventually_async(lambda: viewer.connection.connectionState == "closed")
        await viewer.close()
        await eventually_async(lambda: stand.source.encoders == {})
        await eventually_async(lambda: asyncio.all_tasks() <= tasks)
        await eventually_async(lambda: open_sockets() <= sockets)
        assert len(stand.sessions) == 0


async def test_a_viewer_that_closes_its_connection_ends_its_session(tmp_path: Path) -> None:
    async with serving_delivery(tmp_path, linger_s=0.1) as stand:
        viewer = Viewer(stand.base)
        await viewer.open("/whep?camera=door")
        await eventually_async(lambda: viewer.frames[0])
        await viewer.close()
        await eventually_async(lambda: len(stand.sessions) == 0)
        await eventually_async(lambda: stand.source.encoders == {})


async def test_a_session_that_never_connects_leaves_neither_task_nor_socket(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving_delivery(tmp_path) as stand:
        tasks, sockets = asyncio.all_tasks(), open_sockets()
        for _ in range(3):
            sid, _ = await stand.sessions.create(offer(Section()), ["door"], Tier.TILE)
            await stand.sessions.end(sid)
        await eventually_async(lambda: asyncio.all_tasks() <= tasks)
        await eventually_async(lambda: open_sockets() <= sockets)
    gc.collect()
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def _transport(stand: DeliveryStand) -> RTCDtlsTransport:
    """Return the transport of the only session."""
    (session,) = stand.sessions._sessions.values()
    assert isinstance(session.connection, Peer)
    transport: RTCDtlsTransport = session.connection._connection.getSenders()[0].transport
    return transport


async def test_a_session_that_ends_in_its_dtls_handshake_is_no_fault(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving_delivery(tmp_path) as stand:
        tasks = asyncio.all_tasks()
        viewer = Viewer(stand.base, slots=3)
        viewer.is_mute = True
        await viewer.open("/whep?camera=door")
        await eventually_async(lambda: _transport(stand).state == "connecting")
        assert await viewer.request("DELETE") == 200
        await viewer.close()
        await eventually_async(lambda: asyncio.all_tasks() <= tasks)
    gc.collect()
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_session_that_ends_as_its_ice_succeeds_asks_nobody_for_consent(
    tmp_path: Path,
) -> None:
    async with serving_delivery(tmp_path) as stand:
        tasks = asyncio.all_tasks()
        viewer = Viewer(stand.base)
        await viewer.open("/whep?camera=door")
        ice = _transport(stand).transport
        async with asyncio.timeout(10):
            # The moment lasts 20 ms: from the last check to aioice's next look.
            while not ice._connection._check_list_done:  # noqa: ASYNC110 -- so each turn counts
                await asyncio.sleep(0)
        assert ice.state == "checking"
        await stand.sessions.close()
        await viewer.close()
        await eventually_async(lambda: asyncio.all_tasks() <= tasks)


async def test_a_viewer_that_vanishes_while_connecting_is_no_fault(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving_delivery(tmp_path) as stand:
        tasks = asyncio.all_tasks()
        viewer = Viewer(stand.base, slots=3)
        await viewer.open("/whep?camera=door&camera=till")
        await viewer.request("DELETE")
        await viewer.close()
        forged = Viewer(stand.base)
        forged.forges_fingerprint = True
        await forged.open("/whep?camera=door")
        await eventually_async(lambda: len(stand.sessions) == 0)
        await forged.close()
        await eventually_async(lambda: asyncio.all_tasks() <= tasks)
    gc.collect()
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_sixteen_slots_share_one_connection(tmp_path: Path) -> None:
    async with serving_delivery(tmp_path) as stand:
        viewer = Viewer(stand.base, slots=16)
        await viewer.open("/whep?" + "&".join(["camera=till"] * 16))
        await eventually_async(lambda: all(viewer.frames), timeout_s=20.0)
        assert stand.source.count("start") == 1
        assert stand.sessions.viewers() == {"till": 16}
        await viewer.close()
