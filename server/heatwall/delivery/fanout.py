"""The fan-out of encoded pictures: one encoder a camera's tier, any number of viewers.

Everything here runs on the event loop; nothing blocks and nothing needs a lock.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from heatwall.clock import Clock
from heatwall.delivery.packets import Packets, Sink
from heatwall.values import Picture, Tier

QUEUE_PICTURES = 8
"""Pictures that may wait for one viewer: half a second of a tile. Beyond that the viewer is better
served by a fresh start than by old pictures."""

IDR_INTERVAL_S = 0.5
"""Least time between two requested IDRs of one tier. An IDR is about nine times the size of a
P-frame, so that a crowd that joins at once must share one."""

Packetise = Callable[[bytes], list[bytes]]
"""Cuts one Annex B access unit into RTP payloads (RFC 6184 sections 5.6 to 5.8)."""


class Demand(Protocol):
    """Whoever runs the encoders. All calls come on the event loop and must not block."""

    def start_tier(self, camera: str, tier: Tier) -> None:
        """Encode `tier` from now on, beginning with an IDR, also after a restart of the worker."""

    def stop_tier(self, camera: str, tier: Tier) -> None:
        """Encode `tier` no more: nobody watches it."""

    def request_idr(self, camera: str, tier: Tier) -> None:
        """Make the next picture of `tier` an IDR."""


class Timer(Protocol):
    """A call that is due later, such as `asyncio.TimerHandle`."""

    def cancel(self) -> None:
        """Call it off; allowed after it was called."""


CallLater = Callable[[float, Callable[[], None]], Timer]
"""Calls back on the event loop after so many seconds."""


def _call_later(delay_s: float, callback: Callable[[], None]) -> Timer:
    return asyncio.get_running_loop().call_later(delay_s, callback)


@dataclass(frozen=True, slots=True)
class TierStatistics:
    """Totals of one camera's tier since the server started.

    Attributes:
        pictures: Pictures that came from the encoder.
        sent: Pictures handed to viewers, one for each viewer.
        dropped: Pictures dropped because a viewer was too slow, one for each viewer.
        idr_requests: IDRs asked of the encoder.
        viewers: Subscriptions now.
    """

    pictures: int
    sent: int
    dropped: int
    idr_requests: int
    viewers: int


class Subscription:
    """One viewer's queue of one tier's pictures. Made by `Fanout.subscribe`; one consumer.

    The consumer either waits with `next`, or gives a sink that takes each picture in the call that
    publishes it; only what the sink refuses is queued then.

    It begins with an IDR, and so it does again after every drop: a decoder that misses a picture
    shows garbage until the next IDR, and since the picture never got RTP sequence numbers, the
    viewer can't notice the gap and ask by itself.

    Attributes:
        camera: The camera's id.
        tier: The tier.
        sent: Pictures taken by the consumer.
        packets: Packets of those pictures.
        dropped: Pictures dropped after the first one was queued.
    """

    def __init__(self, stream: _Stream) -> None:
        self.camera = stream.camera
        self.tier = stream.tier
        self.sent = 0
        self.packets = 0
        self.dropped = 0
        self._stream = stream
        self._queue: deque[Packets] = deque()
        self._sink: Sink | None = None
        self._ready = asyncio.Event()
        self._wants_key = True
        self._has_started = False
        self._is_awaited = False
        self._is_closed = False

    @property
    def is_closed(self) -> bool:
        """Whether no more pictures will come."""
        return self._is_closed

    def wants(self, picture: Picture) -> bool:
        """Return whether `picture` would be queued rather than skipped."""
        return picture.is_key or not self._wants_key

    def skip(self) -> None:
        """Count a picture that was left out while an IDR is awaited."""
        if self._has_started:
            self._drop(1)

    def push(self, packets: Packets) -> None:
        """Hand on or queue a wanted picture; on overflow drop all up to the next IDR."""
        if self._sink is not None and not self._queue and self._sink(packets):
            self._wants_key = False
            self._has_started = True
            self._count_sent(packets)
            return
        if len(self._queue) >= QUEUE_PICTURES:
            self._drop(len(self._queue))
            self._queue.clear()
            if not packets.picture.is_key:
                self._drop(1)
                self._wants_key = True
                self._ready.clear()
                # Before the connection stands nobody would see it: `next` will ask.
                if self._is_awaited:
                    self.request_idr()
                return
        self._wants_key = False
        self._has_started = True
        self._queue.append(packets)
        self._ready.set()

    async def next(self) -> Packets | None:
        """Wait for the next picture in order; None once the subscription is closed."""
        self._await()
        while not self._queue and not self._is_closed:
            self._ready.clear()
            await self._ready.wait()
        if self._is_closed:
            return None
        packets = self._queue.popleft()
        self._count_sent(packets)
        return packets

    def feed(self, sink: Sink) -> None:
        """Hand every picture to `sink` from now on, those that wait first; `next` gives none."""
        self._sink = sink
        self._await()
        self.drain()

    def drain(self) -> None:
        """Offer the sink again what it refused, until it refuses again."""
        while self._queue and self._sink is not None and self._sink(self._queue[0]):
            self._count_sent(self._queue.popleft())

    def request_idr(self) -> None:
        """Ask for an IDR, since the viewer lost pictures; throttled for the whole tier."""
        if not self._is_closed:
            self._stream.request_idr()

    def close(self) -> None:
        """Leave; a waiting `next` returns None. May be called again."""
        if self._is_closed:
            return
        self.end()
        self._stream.leave(self)

    def end(self) -> None:
        """Mark as closed and wake the consumer, without telling the stream."""
        self._is_closed = True
        self._queue.clear()
        self._ready.set()

    def _await(self) -> None:
        """Note that the connection stands, and ask for the IDR that nobody waited for before."""
        if not self._is_awaited:
            self._is_awaited = True
            if self._wants_key:
                self.request_idr()

    def _count_sent(self, packets: Packets) -> None:
        self.packets += len(packets.payloads)
        self.sent += 1
        self._stream.sent += 1

    def _drop(self, pictures: int) -> None:
        self.dropped += pictures
        self._stream.dropped += pictures


@dataclass(slots=True, eq=False)
class _Stream:
    """One camera's tier: its viewers, its linger and its IDR throttle."""

    camera: str
    tier: Tier
    demand: Demand
    clock: Clock
    packetise: Packetise
    linger_s: float
    call_later: CallLater
    subscriptions: list[Subscription] = field(default_factory=list)
    is_running: bool = False
    is_idr_wanted: bool = False
    idr_asked_s: float = float("-inf")
    stop_timer: Timer | None = None
    pictures: int = 0
    sent: int = 0
    dropped: int = 0
    idr_requests: int = 0

    def join(self) -> Subscription:
        self.cancel_stop()
        subscription = Subscription(self)
        self.subscriptions.append(subscription)
        if self.is_running:
            self.request_idr()
        else:
            self.is_running = True
            # A new encoder begins with an IDR by itself; should it not, `publish` asks for one.
            self.is_idr_wanted = True
            self.idr_asked_s = self.clock()
            self.demand.start_tier(self.camera, self.tier)
        return subscription

    def leave(self, subscription: Subscription) -> None:
        if subscription not in self.subscriptions:
            return
        self.subscriptions.remove(subscription)
        if not self.subscriptions:
            self.cancel_stop()
            self.stop_timer = self.call_later(self.linger_s, self._stop)

    def request_idr(self) -> None:
        self.is_idr_wanted = True
        self._ask_idr()

    def publish(self, picture: Picture) -> None:
        self.pictures += 1
        if picture.is_key:
            self.is_idr_wanted = False
        elif self.is_idr_wanted:
            self._ask_idr()
        packets: Packets | None = None
        for subscription in self.subscriptions:
            if not subscription.wants(picture):
                subscription.skip()
                continue
            if packets is None:
                packets = Packets(picture, tuple(self.packetise(picture.annexb)))
            subscription.push(packets)

    def forget(self) -> None:
        self.cancel_stop()
        self.is_running = False
        subscriptions, self.subscriptions = self.subscriptions, []
        for subscription in subscriptions:
            subscription.end()

    def cancel_stop(self) -> None:
        if self.stop_timer is not None:
            self.stop_timer.cancel()
            self.stop_timer = None

    def statistics(self) -> TierStatistics:
        return TierStatistics(
            pictures=self.pictures,
            sent=self.sent,
            dropped=self.dropped,
            idr_requests=self.idr_requests,
            viewers=len(self.subscriptions),
        )

    def _ask_idr(self) -> None:
        """Ask now, or leave it to `publish` to ask when the interval is over."""
        now_s = self.clock()
        if not self.is_running or now_s - self.idr_asked_s < IDR_INTERVAL_S:
            return
        self.idr_asked_s = now_s
        self.idr_requests += 1
        self.demand.request_idr(self.camera, self.tier)

    def _stop(self) -> None:
        self.stop_timer = None
        self.is_running = False
        self.demand.stop_tier(self.camera, self.tier)


class Fanout:
    """Hands every picture to all who watch its camera and tier, and runs a tier only for viewers.

    Args:
        demand: Starts and stops the encoders.
        clock: Monotonic seconds.
        packetise: Cuts an access unit into RTP payloads; called once a picture, however many
            viewers it has, and not at all without one.
        linger_s: Seconds for which a tier is still encoded after its last viewer left, so that a
            page that is loaded again meets a running encoder.
        call_later: How to be called back; the running event loop's own unless a test owns time.
    """

    def __init__(
        self,
        demand: Demand,
        clock: Clock,
        packetise: Packetise,
        linger_s: float = 5.0,
        call_later: CallLater = _call_later,
    ) -> None:
        self._demand = demand
        self._clock = clock
        self._packetise = packetise
        self._linger_s = linger_s
        self._call_later = call_later
        self._streams: dict[tuple[str, Tier], _Stream] = {}

    def subscribe(self, camera: str, tier: Tier) -> Subscription:
        """Watch `tier` of `camera`: starts it if nobody watches yet, else asks for an IDR."""
        stream = self._streams.get((camera, tier))
        if stream is None:
            stream = self._streams[camera, tier] = _Stream(
                camera=camera,
                tier=tier,
                demand=self._demand,
                clock=self._clock,
                packetise=self._packetise,
                linger_s=self._linger_s,
                call_later=self._call_later,
            )
        return stream.join()

    def publish(self, picture: Picture) -> None:
        """Hand `picture` to its viewers; without any it is thrown away."""
        stream = self._streams.get((picture.camera, picture.tier))
        if stream is not None:
            stream.publish(picture)

    def forget(self, camera: str) -> None:
        """Close all subscriptions of a camera that is gone; its encoders are not told to stop."""
        for key in [key for key in self._streams if key[0] == camera]:
            self._streams.pop(key).forget()

    def statistics(self) -> dict[tuple[str, Tier], TierStatistics]:
        """Return the totals of every tier that was ever watched."""
        return {key: stream.statistics() for key, stream in self._streams.items()}

    def close(self) -> None:
        """Close all subscriptions and call off all timers. May be called again."""
        for stream in self._streams.values():
            stream.forget()
