"""Plays a clip in a loop on a camera's live clock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from heatwall.simulator.rtp_track import AccessUnit, FrameClock, Shape, Track, VideoFormat

Publish = Callable[[int, AccessUnit], None]
"""Takes the number of a frame since the camera's start, with the frame; on the loop's thread."""

Reshape = Callable[[Shape, Callable[[], bool]], Track | None]
"""Makes a track's variant of another shape; see `rtp_codec.reshape_clip`."""

MAX_LATE_S = 1.0
"""A feed that is later than this (the machine slept) goes on with the present, not the past."""


class Timer(Protocol):
    """What `call_at` returns."""

    def cancel(self) -> None:
        """Keep the callback from running."""
        ...


class Scheduler(Protocol):
    """The part of an event loop that a feed uses, so that tests can own time."""

    def time(self) -> float:
        """Return monotonic seconds."""
        ...

    def call_at(self, when: float, callback: Callable[[], object]) -> Timer:
        """Run `callback` at `when`, monotonic seconds."""
        ...

    def call_soon_threadsafe(self, callback: Callable[[], object]) -> Timer:
        """Run `callback` soon; from any thread."""
        ...


class Feed(Protocol):
    """Where a camera's frames come from."""

    format: VideoFormat
    """The camera's video at its normal size."""

    def set_active(self, is_active: bool) -> None:
        """Say whether anybody watches; no frames are made for nobody."""
        ...

    def set_shape(self, shape: Shape) -> None:
        """Ask for pictures of this shape, from an IDR on."""
        ...

    def close(self) -> None:
        """Stop for good; may be called twice."""
        ...


class ClipFeed:
    """Publishes the access units of a track at absolute times, again from the start at its end.

    Lives on the loop's thread; costs one timer a frame while somebody watches.

    Args:
        track: What to play.
        clock: When each frame is due.
        publish: Takes the frames.
        reshape: Makes a variant, called in a thread when its shape is first asked for.
        scheduler: The event loop, or a test's.
    """

    def __init__(
        self,
        track: Track,
        clock: FrameClock,
        publish: Publish,
        *,
        reshape: Reshape,
        scheduler: Scheduler,
    ) -> None:
        self.format = track.format
        self._track = track
        self._clock = clock
        self._publish = publish
        self._reshape = reshape
        self._scheduler = scheduler
        self._timer: Timer | None = None
        self._number = 0
        self._playing = track
        self._shapes = {Shape.NORMAL: track}
        self._shape = Shape.NORMAL
        self._makers: dict[Shape, threading.Thread] = {}
        self._is_closed = threading.Event()

    def set_active(self, is_active: bool) -> None:
        """Start with the next frame that is due, or stop."""
        if is_active and self._timer is None and not self._is_closed.is_set():
            self._number = self._clock.next_number(self._scheduler.time())
            self._schedule()
        elif not is_active and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def set_shape(self, shape: Shape) -> None:
        """Ask for pictures of this shape; they come when they have been encoded, at an IDR."""
        self._shape = shape
        if shape in self._shapes or shape in self._makers or self._is_closed.is_set():
            return
        name = f"simulator-{shape}"
        self._makers[shape] = threading.Thread(target=self._make, args=(shape,), name=name)
        self._makers[shape].start()

    def close(self) -> None:
        """Stop the timer and wait for the threads, which end within a frame's work."""
        self._is_closed.set()
        self.set_active(False)
        for maker in self._makers.values():
            maker.join()

    def _make(self, shape: Shape) -> None:
        """Encode a variant; runs in its own thread."""
        track = self._reshape(shape, self._is_closed.is_set)
        if track is not None:
            # Handed over whole, which the interpreter makes safe without a lock.
            self._shapes[shape] = track

    def _schedule(self) -> None:
        """Set the timer for the frame that is next."""
        self._timer = self._scheduler.call_at(self._clock.due_s(self._number), self._tick)

    def _tick(self) -> None:
        """Publish the frame that is due."""
        number = self._number
        wanted = self._shapes.get(self._shape, self._track)
        index = number % len(self._track.units)
        if wanted is not self._playing and wanted.units[index].is_key:
            self._playing = wanted
        self._number = self._next_number(number)
        self._schedule()
        self._publish(number, self._playing.units[index])

    def _next_number(self, number: int) -> int:
        """Return the frame after `number`, or the next IDR after a long sleep."""
        now_s = self._scheduler.time()
        if self._clock.due_s(number + 1) > now_s - MAX_LATE_S:
            return number + 1
        number = self._clock.next_number(now_s)
        units = self._track.units
        while not units[number % len(units)].is_key:
            number += 1
        return number
