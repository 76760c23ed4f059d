"""Plays a clip in a loop on a camera's live clock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from heatwall.simulator.rtp_track import AccessUnit, FrameClock, Track, VideoFormat

Publish = Callable[[int, AccessUnit], None]
"""Takes the number of a frame since the camera's start, with the frame; on the loop's thread."""

Shrink = Callable[[Callable[[], bool]], Track | None]
"""Makes the smaller variant of a track; see `rtp_codec.shrink_clip`."""

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

    def set_small(self, is_small: bool) -> None:
        """Ask for half the size, or for the normal size again; from the next IDR."""
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
        shrink: Makes the half-size variant, called in a thread when first asked for.
        scheduler: The event loop, or a test's.
    """

    def __init__(
        self,
        track: Track,
        clock: FrameClock,
        publish: Publish,
        *,
        shrink: Shrink,
        scheduler: Scheduler,
    ) -> None:
        self.format = track.format
        self._track = track
        self._clock = clock
        self._publish = publish
        self._shrink = shrink
        self._scheduler = scheduler
        self._timer: Timer | None = None
        self._number = 0
        self._playing = track
        self._small: Track | None = None
        self._is_small_wanted = False
        self._shrinker: threading.Thread | None = None
        self._is_closed = threading.Event()

    def set_active(self, is_active: bool) -> None:
        """Start with the next frame that is due, or stop."""
        if is_active and self._timer is None and not self._is_closed.is_set():
            self._number = self._clock.next_number(self._scheduler.time())
            self._schedule()
        elif not is_active and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def set_small(self, is_small: bool) -> None:
        """Ask for half the size; it comes when it has been encoded, at an IDR."""
        self._is_small_wanted = is_small
        if is_small and self._shrinker is None and not self._is_closed.is_set():
            self._shrinker = threading.Thread(target=self._make_small, name="simulator-shrink")
            self._shrinker.start()

    def close(self) -> None:
        """Stop the timer and wait for the thread, which ends within a frame's work."""
        self._is_closed.set()
        self.set_active(False)
        if self._shrinker is not None:
            self._shrinker.join()

    def _make_small(self) -> None:
        """Encode the half-size variant; runs in its own thread."""
        # One reference is handed over whole, which the interpreter makes safe without a lock.
        self._small = self._shrink(self._is_closed.is_set)

    def _schedule(self) -> None:
        """Set the timer for the frame that is next."""
        self._timer = self._scheduler.call_at(self._clock.due_s(self._number), self._tick)

    def _tick(self) -> None:
        """Publish the frame that is due."""
        number = self._number
        wanted = self._small if self._is_small_wanted and self._small else self._track
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
