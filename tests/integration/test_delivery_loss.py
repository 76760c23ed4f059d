"""Viewers whose path loses packets, and what the others notice of them: nothing."""

from __future__ import annotations

import statistics
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from heatwall.api.application import make_app
from heatwall.clock import monotonic
from heatwall.delivery.fanout import Fanout
from heatwall.delivery.peer import packetise
from heatwall.delivery.quality import Move, Rules
from heatwall.delivery.session import Sessions
from heatwall.values import Picture, Tier
from support.demand import TestSource
from support.eventually import eventually_async
from support.viewer import Viewer
from support.wall import FakeWall

_SIZES = {
    ("door", Tier.PREVIEW): (320, 180),
    ("door", Tier.TILE): (640, 360),
    ("till", Tier.PREVIEW): (160, 90),
    ("till", Tier.TILE): (480, 270),
}
_QUICK = Rules(bad_rounds=2, settle_s=1.0, first_quiet_s=5.0)
"""As in service, with less patience."""

_CLOCK_HZ = 90_000


@dataclass
class _Stand:
    base: str
    source: TestSource
    sessions: Sessions
    published: list[int] = field(default_factory=list)
    """RTP times of the pictures of the door's tile."""

    def latencies_s(self, viewer: Viewer) -> list[float]:
        """Return the time from the encoder to the decoded frame for each that was published.

        The viewer's RTP times start anywhere, so that the first frame is looked for by the steps
        to those that follow. Fails when a picture is missing among them.
        """
        steps = [later - sooner for sooner, later in pairwise(viewer.pts[0])]
        all_steps = [later - sooner for sooner, later in pairwise(self.published)]
        for start in range(len(all_steps) - len(steps) + 1):
            if all_steps[start : start + len(steps)] == steps:
                break
        else:
            pytest.fail("pictures are missing")
        return [
            seen_s - published / _CLOCK_HZ
            for seen_s, published in zip(
                viewer.seen_s[0], self.published[start : start + len(steps) + 1], strict=True
            )
        ]


@asynccontextmanager
async def _serving(page_dir: Path) -> AsyncIterator[_Stand]:
    (page_dir / "index.html").write_text("<!doctype html>")
    source = TestSource(_SIZES)
    fanout = Fanout(source, monotonic, packetise)
    wall = FakeWall("door", "till")
    knows = wall.cameras.__contains__
    async with Sessions(fanout, knows, 8, monotonic, rules=_QUICK) as sessions:
        app = make_app(wall, wall, sessions, page_dir)
        async with TestServer(app) as server:
            stand = _Stand(str(server.make_url("")).rstrip("/"), source, sessions)
            publish = fanout.publish

            def note_and_publish(picture: Picture) -> None:
                if (picture.camera, picture.tier) == ("door", Tier.TILE):
                    stand.published.append(picture.rtp_time)
                publish(picture)

            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(fanout, "publish", note_and_publish)
                async with source.running(fanout):
                    yield stand
    fanout.close()


@asynccontextmanager
async def _two_viewers(stand: _Stand, query: str, slots: int) -> AsyncIterator[tuple[Viewer, ...]]:
    """Open a steady viewer of the door and another one; both get pictures."""
    steady, other = Viewer(stand.base), Viewer(stand.base, slots, patience=32)
    try:
        await steady.open("/whep?camera=door")
        await other.open(query)
        await eventually_async(
            lambda: len(steady.frames[0]) > 15 and all(len(one) > 15 for one in other.frames)
        )
        yield steady, other
    finally:
        await other.close()
        await steady.close()


def _assert_untouched(stand: _Stand, steady: Viewer, before: int) -> None:
    """Check that a viewer got every picture, and none much later than its first ones."""
    latencies_s = stand.latencies_s(steady)
    assert set(steady.frames[0]) == {(640, 360)}
    usual_s = statistics.median(latencies_s[5:before])
    assert statistics.median(latencies_s[before:]) < usual_s + 0.1
    assert statistics.quantiles(latencies_s[before:], n=20)[-1] < usual_s + 0.3
    tile = stand.sessions.statistics()["door", Tier.TILE]
    assert tile.dropped == 0


async def test_a_viewer_with_loss_gets_previews_until_it_ends_and_another_keeps_its_tiles(
    tmp_path: Path,
) -> None:
    async with (
        _serving(tmp_path) as stand,
        _two_viewers(stand, "/whep?camera=door&camera=till", 2) as (steady, lossy),
    ):
        before = len(steady.frames[0])
        assert {frames[-1] for frames in lossy.frames} == {(640, 360), (480, 270)}
        lossy.loss = 0.25
        await eventually_async(lambda: stand.sessions.reduced() == 1, timeout_s=20)
        assert stand.sessions.moves() == {Move.DOWN: 1, Move.UP: 0}
        lossy.loss = 0.0
        await eventually_async(
            lambda: (320, 180) in lossy.frames[0] and (160, 90) in lossy.frames[1]
        )
        await eventually_async(lambda: stand.sessions.reduced() == 0, timeout_s=20)
        await eventually_async(
            lambda: [frames[-1] for frames in lossy.frames] == [(640, 360), (480, 270)]
        )
        assert stand.sessions.moves() == {Move.DOWN: 1, Move.UP: 1}
        for pts in lossy.pts:
            assert all(later > sooner for sooner, later in pairwise(pts)), "one connection"
        _assert_untouched(stand, steady, before)


async def test_a_viewer_that_reads_nothing_slows_no_other(tmp_path: Path) -> None:
    async with (
        _serving(tmp_path) as stand,
        _two_viewers(stand, "/whep?camera=door&camera=door&camera=door", 3) as (steady, stuck),
    ):
        before = len(steady.frames[0])
        stuck.stop_reading()
        seen = len(stuck.frames[0])
        await eventually_async(lambda: len(steady.frames[0]) > before + 90, timeout_s=30)
        assert len(stuck.frames[0]) <= seen + 5, "it reads nothing"
        assert len(stand.sessions) == 2
        _assert_untouched(stand, steady, before)
