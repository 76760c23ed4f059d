"""Media time of a stream that is rendered: from 0, and never standing still."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

_DISORDER_S = 0.2
"""A stamp that is behind by less is disorder, and its frame is put right after the one before:
decoders give frames in their order, but for the jitter of a bad muxer. Further back, the stream
began anew (joined recordings, stamps that wrapped around)."""

_LONGEST_STILL_S = 3600.0
"""A camera that records motion alone may leave a picture standing for minutes. What stands for
longer than this is a fault of the stamps, and would make a video of days."""


@dataclass(frozen=True, slots=True)
class Instant:
    """When a frame is shown.

    Attributes:
        ticks: Media time in units of the stream's time base, from 0, higher with each frame.
        time_s: The same in seconds.
        is_after_jump: The stamps jumped: how much time passed since the frame before is unknown.
    """

    ticks: int
    time_s: float
    is_after_jump: bool


class MediaClock:
    """Turns the stamps of a stream into media time, which keeps their distances.

    Where the stamps jump, time goes on by one frame.

    Args:
        time_base: Seconds of one tick of the stamps.
        frame_s: Usual distance of two frames in seconds, for frames that have no stamp.
    """

    def __init__(self, time_base: Fraction, frame_s: float) -> None:
        self.time_base = time_base
        self._step = max(1, round(frame_s / time_base))
        self._offset: int | None = None
        self._last: int | None = None
        self.jumps = 0
        """Jumps of the stamps so far."""

    def instant(self, pts: int | None) -> Instant:
        """Return when the next frame is shown; `pts` is its stamp, None when it has none."""
        is_jump = False
        if self._last is None:
            ticks = 0
            self._offset = pts
        else:
            ticks = self._last + self._step
            if pts is not None and self._offset is None:
                self._offset = pts - ticks
            if pts is not None and self._offset is not None:
                ticks, is_jump = self._follow(pts, pts - self._offset, self._last)
        self._last = ticks
        self.jumps += is_jump
        return Instant(ticks, float(ticks * self.time_base), is_jump)

    def _follow(self, pts: int, ticks: int, last: int) -> tuple[int, bool]:
        ahead_s = float((ticks - last) * self.time_base)
        if -_DISORDER_S <= ahead_s <= _LONGEST_STILL_S:
            return max(ticks, last + 1), False
        self._offset = pts - (last + self._step)
        return last + self._step, True
