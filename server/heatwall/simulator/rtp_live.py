"""Plays a clip with the capture time painted into every picture, encoded while it plays."""

from __future__ import annotations

import threading
from functools import partial

from heatwall.clock import Clock
from heatwall.simulator import barcode
from heatwall.simulator.rtp_codec import ClipDecoder, ClipFile, LiveEncoder
from heatwall.simulator.rtp_feed import MAX_LATE_S, Publish, Scheduler
from heatwall.simulator.rtp_track import AccessUnit, FrameClock, Shape


class BarcodeFeed:
    """Decodes, paints and encodes in a thread of its own, one for each camera.

    A frame's barcode, RTP time and sender reports tell the same instant: the one at which the
    frame was due. Whatever comes later, the encoder's work included, is latency.

    Args:
        clip: The pictures.
        clock: When each frame is due.
        publish: Takes the frames, on the scheduler's thread.
        scheduler: The event loop.
        monotonic: The clock that is painted, seconds.
    """

    def __init__(
        self,
        clip: ClipFile,
        clock: FrameClock,
        publish: Publish,
        *,
        scheduler: Scheduler,
        monotonic: Clock,
    ) -> None:
        self._clip = clip
        self._clock = clock
        self._publish = publish
        self._scheduler = scheduler
        self._monotonic = monotonic
        self._decoder = ClipDecoder(clip)
        self._encoder = LiveEncoder(clip.format.width, clip.format.height, clip.format.fps)
        self._key_interval = max(round(clip.format.fps), 1)
        self._shape = Shape.NORMAL
        self._is_wanted = threading.Event()
        self._is_closed = threading.Event()
        self.format = self._encoder.format
        self._thread = threading.Thread(target=self._run, name="simulator-barcode")
        self._thread.start()

    def set_active(self, is_active: bool) -> None:
        """Start with the next frame that is due, or pause."""
        if is_active:
            self._is_wanted.set()
        else:
            self._is_wanted.clear()

    def set_shape(self, shape: Shape) -> None:
        """Ask for pictures of this shape, from the next IDR on."""
        self._shape = shape

    def close(self) -> None:
        """End the thread and wait for it; it ends within a frame's work."""
        self._is_closed.set()
        self._is_wanted.set()
        self._thread.join()

    def _run(self) -> None:
        """Make the frames that are due, one by one; runs in the thread."""
        last = -1
        while True:
            self._is_wanted.wait()
            now_s = self._monotonic()
            number = last + 1
            if self._clock.due_s(number) < now_s - MAX_LATE_S:
                number = self._clock.next_number(now_s)
            if self._is_closed.wait(max(0.0, self._clock.due_s(number) - now_s)):
                return
            unit = self._make(number, is_continued=number == last + 1)
            last = number
            self._scheduler.call_soon_threadsafe(partial(self._publish, number, unit))

    def _make(self, number: int, *, is_continued: bool) -> AccessUnit:
        """Return frame `number` with its capture time; an IDR once a second and after a gap."""
        is_key = number % self._key_interval == 0 or not is_continued
        if is_key:
            self._choose_size()
        size = self._encoder.format
        picture = self._decoder.picture(number, size.width, size.height)
        barcode.paint(picture[: size.height], round(self._clock.due_s(number) * 1000))
        return self._encoder.encode(picture, is_key=is_key)

    def _choose_size(self) -> None:
        """Open another encoder when another size has been asked for."""
        width, height = self._shape.size(self.format.width, self.format.height)
        if (width, height) != (self._encoder.format.width, self._encoder.format.height):
            self._encoder = LiveEncoder(width, height, self.format.fps)
