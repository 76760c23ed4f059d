from __future__ import annotations

from collections.abc import Iterable

import pytest

from heatwall.delivery.quality import Evidence, Quality, Rules, at_most
from heatwall.values import Tier

_STEP_S = 0.5
_RULES = Rules()


class _Viewer:
    """One viewer's path in a test's own time: looked at every half second.

    Args:
        slots: Its slots; each reports once a second.
        wanted: What its page wants in all of them.
        packets: Packets that a slot gets a second at any tier.
    """

    def __init__(self, slots: int = 1, wanted: Tier = Tier.TILE, packets: int = 60) -> None:
        self.now_s = 1000.0
        self.quality = Quality(_RULES)
        self.slots = slots
        self.wanted = wanted
        self.packets = packets
        self.step(())

    @property
    def sent(self) -> Tier:
        return at_most(self.wanted, self.quality.cap)

    def step(self, seen: Iterable[Evidence]) -> None:
        self.now_s += _STEP_S
        self.quality.observe(self.now_s, seen, self.wanted)

    def watch(self, seconds: float, share: float | None = 0.0, dropped: int = 0) -> None:
        """Let time pass at a loss; None for no reports."""
        steps = round(seconds / _STEP_S)
        for step in range(steps):
            seen = []
            if step % 2 and share is not None:
                lost = round(share * self.packets)
                seen = [Evidence(self.packets, lost)] * self.slots
            if dropped:
                seen.append(Evidence(dropped=dropped))
            self.step(seen)

    def time_until(self, tier: Tier, share: float | None = 0.0, limit_s: float = 1000.0) -> float:
        """Return after how many seconds at a loss this tier is sent."""
        began_s = self.now_s
        while self.sent is not tier:
            self.watch(1, share)
            assert self.now_s - began_s < limit_s, f"still {self.sent}"
        return self.now_s - began_s


def test_a_good_path_gets_what_is_wanted() -> None:
    for wanted in Tier:
        viewer = _Viewer(wanted=wanted)
        viewer.watch(600)
        assert viewer.sent is wanted


def test_loss_that_stays_moves_down_within_seconds_and_says_why() -> None:
    viewer = _Viewer()
    viewer.watch(10)
    assert 3 <= viewer.time_until(Tier.PREVIEW, share=0.25) <= 8
    assert viewer.quality.reason == "25 % of packets lost"


def test_focus_falls_to_a_tile_first_and_then_to_a_preview() -> None:
    viewer = _Viewer(wanted=Tier.FOCUS)
    viewer.time_until(Tier.TILE, share=0.25)
    viewer.time_until(Tier.PREVIEW, share=0.25)
    viewer.watch(60, share=0.25)
    assert viewer.sent is Tier.PREVIEW, "there is nothing below"


@pytest.mark.parametrize("wanted", Tier)
def test_a_move_down_always_changes_what_is_seen(wanted: Tier) -> None:
    viewer = _Viewer(wanted=wanted)
    while viewer.quality.cap is Tier.FOCUS and viewer.now_s < 1030:
        viewer.watch(1, share=0.5)
    assert viewer.sent is (Tier.TILE if wanted is Tier.FOCUS else Tier.PREVIEW)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.05, 0.10])
def test_what_retransmission_makes_up_for_moves_nobody(share: float) -> None:
    viewer = _Viewer()
    viewer.watch(600, share)
    assert viewer.sent is Tier.TILE


@pytest.mark.parametrize("seconds", [1, 2])
def test_a_short_break_moves_nobody(seconds: int) -> None:
    viewer = _Viewer()
    for _ in range(20):
        viewer.watch(10)
        viewer.watch(seconds, share=0.9)
    assert viewer.sent is Tier.TILE


def test_a_packet_now_and_then_on_a_quiet_picture_moves_nobody() -> None:
    viewer = _Viewer(packets=5)
    for _ in range(200):
        viewer.watch(1, share=0.2)  # one packet of five
        viewer.watch(2)
    assert viewer.sent is Tier.TILE


def test_a_packet_now_and_then_does_not_keep_a_preview_down() -> None:
    viewer = _Viewer(packets=5)
    viewer.time_until(Tier.PREVIEW, share=0.8)
    for _ in range(10):
        viewer.watch(1, share=0.2)
        viewer.watch(19)
    assert viewer.sent is Tier.TILE


def test_a_path_is_tried_again_after_a_quiet_time() -> None:
    viewer = _Viewer()
    viewer.time_until(Tier.PREVIEW, share=0.25)
    quiet_s = viewer.time_until(Tier.TILE)
    assert _RULES.first_quiet_s <= quiet_s <= _RULES.first_quiet_s + _RULES.settle_s + 2


def test_a_path_that_goes_on_to_lose_is_not_tried() -> None:
    viewer = _Viewer(packets=7)
    viewer.time_until(Tier.PREVIEW, share=0.5)
    viewer.watch(3600, share=2 / 7)
    assert viewer.sent is Tier.PREVIEW


def test_from_a_preview_focus_comes_back_in_two_tries() -> None:
    viewer = _Viewer(wanted=Tier.FOCUS)
    viewer.time_until(Tier.PREVIEW, share=0.25)
    viewer.time_until(Tier.TILE)
    assert viewer.time_until(Tier.FOCUS) >= _RULES.first_quiet_s


def test_the_quiet_time_doubles_with_each_try_that_failed_and_is_bounded() -> None:
    viewer = _Viewer()
    waits = []
    for _ in range(8):
        viewer.time_until(Tier.PREVIEW, share=0.25)
        waits.append(viewer.time_until(Tier.TILE))
    assert [round(wait / 10) * 10 for wait in waits[:4]] == [10, 20, 40, 80]
    assert max(waits) <= _RULES.last_quiet_s + 5
    assert waits[-1] == waits[-2]


def test_a_try_that_lasted_lets_the_quiet_time_begin_anew() -> None:
    viewer = _Viewer()
    for _ in range(3):
        viewer.time_until(Tier.PREVIEW, share=0.25)
        viewer.time_until(Tier.TILE)
    viewer.watch(_RULES.proven_s + 1)
    viewer.time_until(Tier.PREVIEW, share=0.25)
    assert viewer.time_until(Tier.TILE) < 15


def test_a_path_between_good_and_bad_is_tried_after_the_longest_time() -> None:
    viewer = _Viewer()
    viewer.time_until(Tier.PREVIEW, share=0.25)
    wait_s = viewer.time_until(Tier.TILE, share=0.05)
    assert _RULES.last_quiet_s <= wait_s <= _RULES.last_quiet_s + 5
    viewer.watch(600, share=0.05)
    assert viewer.sent is Tier.TILE


def test_old_reports_count_for_nothing() -> None:
    viewer = _Viewer()
    for _ in range(10):
        viewer.watch(3, share=0.5)
        viewer.watch(_RULES.stale_s + 1, share=None)
    assert viewer.sent is Tier.TILE


def test_silence_is_no_proof_that_a_path_is_good() -> None:
    viewer = _Viewer()
    viewer.time_until(Tier.PREVIEW, share=0.25)
    viewer.watch(3600, share=None)
    assert viewer.sent is Tier.PREVIEW
    assert viewer.time_until(Tier.TILE) >= _RULES.first_quiet_s - 1


def test_a_player_that_reports_every_five_seconds_is_moved_too() -> None:
    viewer = _Viewer()
    for _ in range(4):
        viewer.watch(4.5, share=None)
        viewer.step([Evidence(300, 90)])
    viewer.watch(2, share=None)
    assert viewer.sent is Tier.PREVIEW


def test_what_a_move_itself_leads_to_is_left_out() -> None:
    viewer = _Viewer(wanted=Tier.FOCUS)
    viewer.time_until(Tier.TILE, share=0.25)
    viewer.watch(_RULES.settle_s - 0.5, share=0.9)
    viewer.watch(4)
    assert viewer.sent is Tier.TILE


def test_slots_are_judged_together_each_by_its_packets() -> None:
    viewer = _Viewer()
    for _ in range(60):
        viewer.step([Evidence(250, 0), Evidence(10, 9)])
    assert viewer.quality.cap is Tier.FOCUS
    for _ in range(20):
        viewer.step([Evidence(250, 60), *[Evidence(0, 0)] * 15])
    assert viewer.sent is Tier.PREVIEW


def test_pictures_dropped_before_they_were_sent_count_as_lost() -> None:
    viewer = _Viewer()
    viewer.watch(10)
    viewer.watch(8, dropped=4)
    assert viewer.sent is Tier.PREVIEW
    assert viewer.quality.reason == "the connection is too slow"


def test_a_player_that_never_reports_is_judged_by_what_it_takes() -> None:
    viewer = _Viewer()
    viewer.watch(8, share=None, dropped=4)
    assert viewer.sent is Tier.PREVIEW
    assert viewer.time_until(Tier.TILE, share=None) >= _RULES.first_quiet_s


def test_what_was_dropped_before_the_connection_stood_counts_for_nothing() -> None:
    quality = Quality(_RULES)
    for step in range(3):
        quality.observe(1000.0 + step / 2, [Evidence(dropped=100)], Tier.TILE)
    for step in range(3, 20):
        quality.observe(1000.0 + step / 2, [], Tier.TILE)
    assert quality.cap is Tier.FOCUS


def test_the_smaller_of_two_tiers() -> None:
    assert at_most(Tier.FOCUS, Tier.PREVIEW) is Tier.PREVIEW
    assert at_most(Tier.PREVIEW, Tier.TILE) is Tier.PREVIEW
    assert at_most(Tier.TILE, Tier.FOCUS) is Tier.TILE
