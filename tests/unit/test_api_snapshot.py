from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from aiohttp import ClientResponse

from heatwall.api import snapshot
from heatwall.values import Tier
from support.api import ApiStand, serving_api
from support.eventually import eventually_async
from support.h264 import TestEncoder

_SNAPSHOT = "/api/cameras/door/snapshot.jpg"


async def _get(stand: ApiStand, address: str = _SNAPSHOT) -> ClientResponse:
    return await stand.client.get(address)


def _watching(stand: ApiStand) -> int:
    return sum(figures.viewers for figures in stand.sessions.statistics().values())


@pytest.mark.parametrize("tier", list(Tier))
async def test_a_snapshot_is_a_jpeg_named_after_its_camera_and_its_time(
    tmp_path: Path, tier: Tier
) -> None:
    async with serving_api(tmp_path) as stand:
        async with asyncio.TaskGroup() as tasks:
            asked = tasks.create_task(_get(stand, f"{_SNAPSHOT}?tier={tier}"))
            await eventually_async(lambda: _watching(stand))
            stand.sessions._fanout.publish(TestEncoder("door", tier).picture())
        async with asked.result() as answer:
            assert answer.status == 200
            assert answer.content_type == "image/jpeg"
            assert answer.headers["Cache-Control"] == "no-store"
            named = answer.headers["Content-Disposition"]
            assert re.fullmatch(
                r'inline; filename="door \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\.jpg"', named
            )
            assert (await answer.read())[:2] == b"\xff\xd8"
        assert _watching(stand) == 0


async def test_a_snapshot_is_in_focus_unless_told(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand, asyncio.TaskGroup() as tasks:
        asked = tasks.create_task(_get(stand))
        await eventually_async(lambda: _watching(stand))
        assert stand.demand.calls[0] == ("start", "door", Tier.FOCUS)
        asked.cancel()


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/api/cameras/attic/snapshot.jpg", 404, "unknown_camera"),
        (f"{_SNAPSHOT}?tier=huge", 400, "unknown_tier"),
    ],
)
async def test_what_can_not_be_shown_is_refused(
    tmp_path: Path, address: str, status: int, code: str
) -> None:
    async with serving_api(tmp_path) as stand, stand.client.get(address) as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (status, code)
        assert stand.demand.calls == []


async def test_a_camera_without_a_picture_is_told_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "PICTURE_S", 0.05)
    async with serving_api(tmp_path) as stand, stand.client.get(_SNAPSHOT) as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (503, "no_picture")
        assert int(answer.headers["Retry-After"]) > 0
        assert _watching(stand) == 0


async def test_too_many_snapshots_at_once_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "MOST_WAITING", 1)
    async with serving_api(tmp_path) as stand, asyncio.TaskGroup() as tasks:
        asked = tasks.create_task(_get(stand))
        await eventually_async(lambda: _watching(stand))
        async with stand.client.get(_SNAPSHOT) as answer:
            assert (answer.status, (await answer.json())["error"]["code"]) == (503, "busy")
        asked.cancel()
