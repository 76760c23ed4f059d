from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Protocol

import pytest
from aiohttp import ClientResponse

from heatwall.api import film
from heatwall.camera.encoder import TierEncoder
from heatwall.delivery.screen import Screen
from heatwall.values import Picture, Tier
from support.api import ApiStand, keep_handlers, serving_api
from support.eventually import eventually_async
from support.h264 import TestEncoder
from support.mp4 import decoded

_STREAM = "/api/cameras/door/stream.mp4"


class _Encodes(Protocol):
    def picture(self) -> Picture: ...


class _Encoder:
    """A worker's own encoder, which tells its rate in its SPS."""

    def __init__(self, fps: float) -> None:
        self._encoder = TierEncoder(320, 180, fps, 300_000)

    def picture(self) -> Picture:
        encoded = self._encoder.encode(0, is_key=True)
        assert encoded is not None
        return Picture("door", Tier.TILE, encoded[0], 0, is_key=True)


def _publish(stand: ApiStand, encoder: _Encodes) -> None:
    stand.sessions._fanout.publish(encoder.picture())


def _watching(stand: ApiStand) -> int:
    return sum(figures.viewers for figures in stand.sessions.statistics().values())


@asynccontextmanager
async def _stream(stand: ApiStand, encoder: _Encodes) -> AsyncIterator[ClientResponse]:
    """Open a stream; its first picture is there, and no other comes by itself."""
    before = _watching(stand)
    async with asyncio.TaskGroup() as tasks:
        asked = tasks.create_task(_get(stand))
        await eventually_async(lambda: _watching(stand) > before)
        if isinstance(encoder, TestEncoder):
            encoder.is_idr_wanted = True
        _publish(stand, encoder)
    async with asked.result() as answer:
        yield answer


async def _get(stand: ApiStand) -> ClientResponse:
    return await stand.client.get(_STREAM)


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/api/cameras/attic/stream.mp4", 404, "unknown_camera"),
        (f"{_STREAM}?tier=huge", 400, "unknown_tier"),
    ],
)
async def test_what_can_not_be_shown_is_refused_before_anything_starts(
    tmp_path: Path, address: str, status: int, code: str
) -> None:
    async with serving_api(tmp_path) as stand, stand.client.get(address) as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (status, code)
        assert stand.demand.calls == []


async def test_a_camera_without_a_picture_is_told_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(film, "FIRST_PICTURE_S", 0.05)
    async with serving_api(tmp_path) as stand, stand.client.get(_STREAM) as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (503, "no_picture")
        assert int(answer.headers["Retry-After"]) > 0
        assert len(stand.sessions) == 0


async def test_a_stream_takes_a_viewers_place_and_gives_it_back(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand, AsyncExitStack() as streams:
        encoder = TestEncoder("door")
        for _ in range(3):
            await streams.enter_async_context(_stream(stand, encoder))
        assert stand.sessions.viewers() == {"door": 3}
        assert stand.demand.count("start") == 1
        async with stand.client.get(_STREAM) as answer:
            assert (answer.status, (await answer.json())["error"]["code"]) == (503, "full")
        await streams.aclose()
        await eventually_async(lambda: len(stand.sessions) == 0)


async def test_a_client_that_leaves_while_its_camera_is_silent_is_noticed(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        keep_handlers(stand.client.server)
        async with _stream(stand, TestEncoder("door")):
            assert len(stand.sessions) == 1
        await eventually_async(lambda: len(stand.sessions) == 0)


async def test_a_client_that_leaves_before_the_first_picture_is_noticed(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        keep_handlers(stand.client.server)
        async with asyncio.TaskGroup() as tasks:
            asked = tasks.create_task(_get(stand))
            await eventually_async(lambda: _watching(stand))
            asked.cancel()
        await eventually_async(lambda: len(stand.sessions) == 0, timeout_s=5.0)


async def test_head_does_not_begin_a_stream(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand, stand.client.head(_STREAM) as answer:
        assert answer.status == 405
        assert stand.demand.calls == []


async def test_a_stream_is_plain_video_that_nobody_keeps(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand, _stream(stand, TestEncoder("door")) as answer:
        assert answer.status == 200
        assert answer.content_type == "video/mp4"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_new_shape_ends_the_stream(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        async with _stream(stand, TestEncoder("door", size=(320, 180))) as answer:
            _publish(stand, TestEncoder("door", size=(160, 90)))
            body = await answer.read()
        assert {frame.width for frame in decoded([body])} == {320}


async def test_another_rate_does_not_end_the_stream(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        async with _stream(stand, _Encoder(15.0)) as answer:
            _publish(stand, _Encoder(7.0))
            _publish(stand, TestEncoder("door", size=(160, 90)))
            body = await answer.read()
        assert len(decoded([body])) == 2


async def test_no_stream_moves_its_viewer_to_another_tier(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def adapt(_screen: Screen, _now_s: float) -> None:
        pytest.fail("a player can't take another shape")

    monkeypatch.setattr(Screen, "adapt", adapt)
    async with serving_api(tmp_path) as stand, _stream(stand, TestEncoder("door")):
        await stand.sessions.sweep()
        assert len(stand.sessions) == 1
