from __future__ import annotations

import asyncio

from heatwall.delivery.fanout import QUEUE_PICTURES, Fanout, Subscription
from heatwall.delivery.packets import Packets
from heatwall.values import Picture, Tier
from support.demand import NotedDemand
from support.faketime import FakeTime


class _Stand:
    """A fan-out with a fake clock, whose packetiser counts its calls."""

    def __init__(self) -> None:
        self.time = FakeTime()
        self.demand = NotedDemand()
        self.packetised = 0
        self.fanout = Fanout(
            self.demand, self.time, self._packetise, linger_s=5.0, call_later=self.time.call_later
        )
        self._published = 0

    def _packetise(self, annexb: bytes) -> list[bytes]:
        self.packetised += 1
        return [annexb]

    def publish(self, word: str) -> None:
        """Publish one picture a letter: I an IDR, P none."""
        for letter in word:
            self._published += 1
            annexb = f"{letter}{self._published}".encode()
            self.fanout.publish(
                Picture("door", Tier.TILE, annexb, self._published * 6000, letter == "I")
            )

    def watch(self) -> Subscription:
        return self.fanout.subscribe("door", Tier.TILE)


async def _taken(subscription: Subscription) -> list[str]:
    """Take all that waits."""
    names: list[str] = []
    while True:
        try:
            async with asyncio.timeout(0):
                packets = await subscription.next()
        except TimeoutError:
            return names
        if packets is None:
            return names
        names.append(packets.payloads[0].decode())


async def test_the_first_viewer_starts_the_encoder_and_the_second_asks_for_an_idr() -> None:
    stand = _Stand()
    stand.watch()
    assert stand.demand.calls == [("start", "door", Tier.TILE)]
    stand.publish("I")
    stand.time.advance(1.0)
    stand.watch()
    assert stand.demand.calls[1:] == [("idr", "door", Tier.TILE)]


async def test_a_viewer_gets_pictures_in_order_from_the_first_idr_on() -> None:
    stand = _Stand()
    subscription = stand.watch()
    stand.publish("PPIPP")
    assert await _taken(subscription) == ["I3", "P4", "P5"]
    assert (subscription.sent, subscription.packets, subscription.dropped) == (3, 3, 0)


async def test_a_late_viewer_begins_with_the_next_idr() -> None:
    stand = _Stand()
    early = stand.watch()
    stand.publish("IP")
    late = stand.watch()
    stand.publish("PIP")
    assert await _taken(early) == ["I1", "P2", "P3", "I4", "P5"]
    assert await _taken(late) == ["I4", "P5"]


async def test_a_picture_is_packetised_once_for_all_viewers_and_never_without_one() -> None:
    stand = _Stand()
    stand.publish("I")
    assert stand.packetised == 0
    viewers = [stand.watch() for _ in range(3)]
    stand.publish("P")
    assert stand.packetised == 0, "nobody could decode it"
    stand.publish("I")
    assert stand.packetised == 1
    packets = [await viewer.next() for viewer in viewers]
    assert packets[0] is packets[1] is packets[2]


async def test_pictures_of_another_tier_or_camera_stay_away() -> None:
    stand = _Stand()
    focus = stand.fanout.subscribe("door", Tier.FOCUS)
    till = stand.fanout.subscribe("till", Tier.TILE)
    stand.publish("IP")
    assert await _taken(focus) == await _taken(till) == []


async def test_a_waiting_viewer_is_woken_by_a_picture() -> None:
    stand = _Stand()
    subscription = stand.watch()
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(subscription.next())
        await asyncio.sleep(0)
        stand.publish("I")
    packets = waiting.result()
    assert packets is not None
    assert packets.picture.is_key


async def test_an_overflow_drops_all_up_to_the_next_idr_and_asks_for_it() -> None:
    stand = _Stand()
    slow, quick = stand.watch(), stand.watch()
    stand.publish("I")
    assert await _taken(slow) == await _taken(quick) == ["I1"]
    stand.time.advance(1.0)
    before = stand.demand.count("idr")
    stand.publish("P" * QUEUE_PICTURES)
    assert stand.demand.count("idr") == before
    await _taken(quick)
    stand.publish("P")
    assert stand.demand.count("idr") == before + 1
    stand.publish("PIP")
    assert await _taken(slow) == ["I12", "P13"]
    assert slow.dropped == QUEUE_PICTURES + 2
    assert await _taken(quick) == ["P10", "P11", "I12", "P13"]
    assert quick.dropped == 0


async def test_an_idr_that_overflows_the_queue_is_a_fresh_start() -> None:
    stand = _Stand()
    slow = stand.watch()
    stand.publish("I" + "P" * (QUEUE_PICTURES - 1) + "IP")
    assert await _taken(slow) == ["I9", "P10"]
    assert slow.dropped == QUEUE_PICTURES


async def test_a_viewer_that_does_not_connect_yet_asks_for_no_idr() -> None:
    stand = _Stand()
    subscription = stand.watch()
    stand.publish("I")
    stand.time.advance(1.0)
    stand.publish("P" * 50)
    assert stand.demand.count("idr") == 0
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(subscription.next())
        await asyncio.sleep(0)
        assert stand.demand.count("idr") == 1
        stand.publish("I")
    assert waiting.result() is not None


async def test_a_crowd_shares_one_idr() -> None:
    stand = _Stand()
    stand.watch()
    stand.publish("I")
    stand.time.advance(1.0)
    for _ in range(20):
        stand.watch()
    assert stand.demand.count("idr") == 1


async def test_a_request_within_the_interval_is_not_lost() -> None:
    stand = _Stand()
    subscription = stand.watch()
    stand.publish("I")
    stand.time.advance(1.0)
    subscription.request_idr()
    stand.publish("I")
    stand.time.advance(0.2)
    subscription.request_idr()
    assert stand.demand.count("idr") == 1
    stand.time.advance(0.2)
    stand.publish("P")
    assert stand.demand.count("idr") == 1
    stand.time.advance(0.2)
    stand.publish("P")
    assert stand.demand.count("idr") == 2
    stand.publish("I")
    stand.time.advance(5.0)
    stand.publish("P")
    assert stand.demand.count("idr") == 2, "it has come"


async def test_an_encoder_that_does_not_begin_with_an_idr_is_asked_for_one() -> None:
    stand = _Stand()
    stand.watch()
    stand.publish("P")
    assert stand.demand.count("idr") == 0
    stand.time.advance(0.6)
    stand.publish("P")
    assert stand.demand.count("idr") == 1


async def test_the_encoder_lingers_after_the_last_viewer() -> None:
    stand = _Stand()
    one, other = stand.watch(), stand.watch()
    one.close()
    stand.time.advance(60.0)
    assert stand.demand.count("stop") == 0
    other.close()
    stand.time.advance(4.9)
    assert stand.demand.count("stop") == 0
    stand.time.advance(0.2)
    assert stand.demand.calls[-1] == ("stop", "door", Tier.TILE)
    stand.watch()
    assert stand.demand.calls[-1] == ("start", "door", Tier.TILE)


async def test_a_viewer_within_the_linger_meets_a_running_encoder() -> None:
    stand = _Stand()
    stand.watch().close()
    stand.publish("I")
    stand.time.advance(3.0)
    stand.watch()
    assert stand.demand.calls[-1] == ("idr", "door", Tier.TILE)
    stand.time.advance(60.0)
    assert stand.demand.count("stop") == 0
    assert stand.demand.count("start") == 1


async def test_closing_twice_is_closing_once() -> None:
    stand = _Stand()
    subscription = stand.watch()
    subscription.close()
    stand.time.advance(3.0)
    subscription.close()
    stand.time.advance(2.1)
    assert stand.demand.count("stop") == 1
    assert await subscription.next() is None


async def test_a_closed_subscription_asks_for_nothing() -> None:
    stand = _Stand()
    subscription = stand.watch()
    stand.watch()
    subscription.close()
    stand.time.advance(1.0)
    subscription.request_idr()
    assert await subscription.next() is None
    assert stand.demand.count("idr") == 0


async def test_a_forgotten_camera_ends_its_viewers_and_tells_no_encoder() -> None:
    stand = _Stand()
    subscription = stand.watch()
    other = stand.fanout.subscribe("till", Tier.TILE)
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(subscription.next())
        await asyncio.sleep(0)
        stand.fanout.forget("door")
    assert waiting.result() is None
    assert subscription.is_closed
    assert not other.is_closed
    subscription.close()
    stand.time.advance(60.0)
    assert stand.demand.count("stop") == 0


async def test_closing_leaves_no_timer_and_no_waiting_viewer() -> None:
    stand = _Stand()
    stand.fanout.subscribe("till", Tier.TILE).close()
    subscription = stand.watch()
    assert stand.time.pending == 1
    stand.fanout.close()
    stand.fanout.close()
    assert stand.time.pending == 0
    assert await subscription.next() is None


async def test_the_statistics_outlive_the_viewers() -> None:
    stand = _Stand()
    subscription = stand.watch()
    stand.publish("IPP")
    await _taken(subscription)
    subscription.close()
    statistics = stand.fanout.statistics()["door", Tier.TILE]
    assert (statistics.pictures, statistics.sent, statistics.dropped) == (3, 3, 0)
    assert statistics.viewers == 0


async def test_the_event_loops_own_timer_ends_the_linger() -> None:
    demand = NotedDemand()
    fanout = Fanout(demand, lambda: 0.0, lambda annexb: [annexb], linger_s=0.0)
    fanout.subscribe("door", Tier.TILE).close()
    async with asyncio.timeout(5):
        while demand.count("stop") == 0:  # noqa: ASYNC110 -- one turn of the loop is all it takes
            await asyncio.sleep(0)


class _Sink:
    """Takes pictures as they come, unless it is full."""

    def __init__(self) -> None:
        self.is_full = False
        self.taken: list[str] = []

    def __call__(self, packets: Packets) -> bool:
        if not self.is_full:
            self.taken.append(packets.payloads[0].decode())
        return not self.is_full


async def test_a_sink_has_each_picture_in_the_call_that_publishes_it() -> None:
    stand, sink = _Stand(), _Sink()
    subscription = stand.watch()
    stand.publish("PIP")
    subscription.feed(sink)
    assert sink.taken == ["I2", "P3"], "what waited comes first"
    stand.publish("P")
    assert sink.taken == ["I2", "P3", "P4"]
    assert (subscription.sent, subscription.dropped) == (3, 0)


async def test_what_a_sink_refuses_waits_and_goes_in_order() -> None:
    stand, sink = _Stand(), _Sink()
    subscription = stand.watch()
    subscription.feed(sink)
    stand.publish("I")
    sink.is_full = True
    stand.publish("PP")
    subscription.drain()
    assert sink.taken == ["I1"]
    sink.is_full = False
    stand.publish("P")
    assert sink.taken == ["I1"], "nothing overtakes"
    subscription.drain()
    assert sink.taken == ["I1", "P2", "P3", "P4"]
    assert subscription.sent == 4


async def test_a_sink_that_stays_full_loses_all_up_to_the_next_idr_and_asks_for_it() -> None:
    stand, sink, quick = _Stand(), _Sink(), _Sink()
    slow = stand.watch()
    slow.feed(sink)
    stand.watch().feed(quick)
    stand.publish("I")
    sink.is_full = True
    stand.time.advance(1.0)
    before = stand.demand.count("idr")
    stand.publish("P" * (QUEUE_PICTURES + 1))
    assert stand.demand.count("idr") == before + 1
    sink.is_full = False
    slow.drain()
    stand.publish("PIP")
    assert sink.taken == ["I1", "I12", "P13"]
    assert slow.dropped == QUEUE_PICTURES + 2
    assert len(quick.taken) == 13, "a slow viewer never slows another"


async def test_a_sink_that_comes_after_an_overflow_asks_for_an_idr() -> None:
    stand, sink = _Stand(), _Sink()
    subscription = stand.watch()
    stand.publish("I" + "P" * QUEUE_PICTURES)
    stand.time.advance(1.0)
    before = stand.demand.count("idr")
    subscription.feed(sink)
    assert stand.demand.count("idr") == before + 1
    assert sink.taken == []


async def test_a_sink_of_a_closed_subscription_gets_nothing() -> None:
    stand, sink = _Stand(), _Sink()
    subscription = stand.watch()
    stand.publish("I")
    subscription.close()
    subscription.feed(sink)
    stand.publish("I")
    assert sink.taken == []
