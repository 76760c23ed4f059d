from __future__ import annotations

import asyncio

import pytest

from heatwall.delivery.fanout import QUEUE_PICTURES, Fanout
from heatwall.delivery.peer import Loss, Slot
from heatwall.delivery.quality import Move, Rules
from heatwall.delivery.screen import Screen
from heatwall.values import Picture, Tier
from support.demand import NotedDemand
from support.faketime import FakeTime

_RULES = Rules(bad_rounds=2, first_quiet_s=6.0)


class _Stand:
    """A screen whose viewer reports what a test says, while pictures are sent to all tiers."""

    def __init__(self, slots: int = 2) -> None:
        self.time = FakeTime()
        self.demand = NotedDemand()
        self.fanout = Fanout(
            self.demand, self.time, lambda annexb: [annexb] * 4, call_later=self.time.call_later
        )
        self.slots = [Slot() for _ in range(slots)]
        self.screen = Screen(self.fanout, self.slots, _RULES)
        self.reads = True
        self._lost = 0

    @property
    def shown(self) -> list[tuple[str, Tier] | None]:
        return [
            None if slot.source is None else (slot.source.camera, slot.source.tier)
            for slot in self.slots
        ]

    async def watch(self, seconds: int, share: float | None = 0.0) -> list[Move]:
        """Let time pass with pictures and a report on each slot every second."""
        moves = []
        for _ in range(seconds):
            for step in range(2):
                self.time.advance(0.5)
                await self._send()
                if step and share is not None:
                    self._report(share)
                moves.append(self.screen.adapt(self.time()))
        return [move for move in moves if move is not None]

    async def _send(self) -> None:
        for camera in ("door", "till"):
            for tier in Tier:
                for _ in range(8):
                    self.fanout.publish(Picture(camera, tier, b"", 0, is_key=True))
                    if self.reads:
                        await self._read()

    async def _read(self) -> None:
        for slot in self.slots:
            source = slot.source
            if source is not None:
                read = asyncio.ensure_future(source.next())
                await asyncio.sleep(0)
                read.cancel()

    def _report(self, share: float) -> None:
        self._lost += round(share * 64)
        for slot in self.slots:
            slot.loss = Loss(share, self._lost, 0.0)
            # Browsers report again with each NACK, often of a moment without loss.
            slot.loss = Loss(0.0, self._lost, 0.0)


async def test_slots_show_what_is_wanted() -> None:
    stand = _Stand(3)
    stand.screen.want(0, "door", Tier.TILE)
    stand.screen.want(2, "till", Tier.FOCUS)
    assert stand.shown == [("door", Tier.TILE), None, ("till", Tier.FOCUS)]
    assert not stand.screen.is_reduced
    assert await stand.watch(30) == []


async def test_all_slots_move_together_and_back() -> None:
    stand = _Stand()
    stand.screen.want(0, "door", Tier.TILE)
    stand.screen.want(1, "till", Tier.TILE)
    assert await stand.watch(8, share=0.25) == [Move.DOWN]
    assert stand.shown == [("door", Tier.PREVIEW), ("till", Tier.PREVIEW)]
    assert stand.screen.is_reduced
    assert "25 %" in stand.screen.reason
    assert await stand.watch(12) == [Move.UP]
    assert stand.shown == [("door", Tier.TILE), ("till", Tier.TILE)]
    assert not stand.screen.is_reduced


async def test_what_is_left_is_encoded_no_more() -> None:
    stand = _Stand(1)
    stand.screen.want(0, "door", Tier.TILE)
    await stand.watch(8, share=0.25)
    stand.time.advance(10)
    assert [call for call in stand.demand.calls if call[0] != "idr"] == [
        ("start", "door", Tier.TILE),
        ("start", "door", Tier.PREVIEW),
        ("stop", "door", Tier.TILE),
    ]


async def test_focus_falls_to_a_tile_first() -> None:
    stand = _Stand()
    stand.screen.want(0, "door", Tier.FOCUS)
    stand.screen.want(1, "till", Tier.TILE)
    await stand.watch(8, share=0.25)
    assert stand.shown == [("door", Tier.TILE), ("till", Tier.TILE)]
    await stand.watch(6, share=0.25)
    assert stand.shown == [("door", Tier.PREVIEW), ("till", Tier.PREVIEW)]


async def test_what_is_wanted_meanwhile_is_shown_small_and_later_as_wanted() -> None:
    stand = _Stand()
    stand.screen.want(0, "door", Tier.TILE)
    await stand.watch(8, share=0.25)
    stand.screen.want(0, "till", Tier.FOCUS)
    stand.screen.want(1, "door", Tier.PREVIEW)
    assert stand.shown == [("till", Tier.PREVIEW), ("door", Tier.PREVIEW)]
    await stand.watch(30)
    assert stand.shown == [("till", Tier.FOCUS), ("door", Tier.PREVIEW)]


async def test_wanting_what_is_shown_already_changes_nothing() -> None:
    stand = _Stand(1)
    stand.screen.want(0, "door", Tier.TILE)
    await stand.watch(8, share=0.25)
    source = stand.slots[0].source
    stand.screen.want(0, "door", Tier.TILE)
    assert stand.slots[0].source is source


async def test_a_preview_that_was_asked_for_is_not_reduced() -> None:
    stand = _Stand(1)
    stand.screen.want(0, "door", Tier.PREVIEW)
    assert await stand.watch(30, share=0.25) == []
    assert not stand.screen.is_reduced


async def test_a_move_that_changes_nothing_seen_is_none() -> None:
    stand = _Stand(1)
    stand.screen.want(0, "door", Tier.TILE)
    await stand.watch(8, share=0.25)
    assert await stand.watch(60) == [Move.UP], "nobody wants focus"


async def test_one_report_is_one_report_however_often_it_is_looked_at() -> None:
    stand = _Stand(1)
    stand.screen.want(0, "door", Tier.TILE)
    await stand.watch(4)
    await stand.watch(1, share=0.9)
    assert await stand.watch(6, share=None) == []


async def test_many_small_reports_count_as_one_large_one() -> None:
    stand = _Stand(1)
    stand.screen.want(0, "door", Tier.TILE)
    await stand.watch(4)
    before = stand.slots[0].loss
    assert before is not None
    for seconds in range(1, 6):
        stand.slots[0].loss = Loss(0.0, before.packets + 16 * seconds, 0.0)
        await stand.watch(1, share=None)
    assert stand.screen.is_reduced


async def test_an_empty_slot_says_nothing_about_the_path() -> None:
    stand = _Stand(1)
    stand.screen.want(0, "door", Tier.TILE)
    stand.screen.want(0, None, Tier.TILE)
    assert await stand.watch(20, share=0.9) == []
    stand.screen.want(0, "door", Tier.TILE)
    assert stand.shown == [("door", Tier.TILE)]


async def test_a_camera_that_is_gone_is_not_subscribed_again_by_a_move() -> None:
    stand = _Stand()
    stand.screen.want(0, "door", Tier.TILE)
    stand.screen.want(1, "till", Tier.TILE)
    stand.fanout.forget("till")
    await stand.watch(8, share=0.25)
    assert stand.shown[0] == ("door", Tier.PREVIEW)
    assert ("start", "till", Tier.PREVIEW) not in stand.demand.calls


@pytest.mark.parametrize("reports", [0.0, None])
async def test_a_viewer_that_takes_nothing_is_moved_down(reports: float | None) -> None:
    stand = _Stand(1)
    stand.reads = False
    stand.screen.want(0, "door", Tier.TILE)
    assert QUEUE_PICTURES < 20
    assert await stand.watch(8, share=reports) == [Move.DOWN]
    assert stand.screen.reason == "the connection is too slow"
