"""Whether a worker falls behind its camera because the machine is too busy."""

from __future__ import annotations

_WAITED_S = 0.002
"""Who had to wait this long for a frame had nothing left to do."""

_BUSY_S = 0.15
"""Without such a wait for this long a worker is behind by its own work. A network that hands over
half a second of frames at once is dealt with sooner, and none of them needs to be left out."""

_LATE_S = 0.08
"""Behind by more than a frame of a slow camera."""

_HOPELESS_S = 1.0
"""So far behind with nothing but decoding, frames must be left out unseen."""


class Lateness:
    """Follows how far a worker's frames are behind their capture. Pure; times are monotonic.

    Late is who is behind and has been at work without a pause: frames that the network held up
    come late too, and leaving them out would help nobody.
    """

    def __init__(self) -> None:
        self._idle_at_s: float | None = None
        self._now_s = 0.0
        self._lag_s = 0.0
        self._standing_s: float | None = None

    def note(self, now_s: float, captured_s: float, waited_s: float) -> None:
        """Note a decoded frame.

        Args:
            now_s: Now, seconds.
            captured_s: When it was captured, seconds on the same clock.
            waited_s: How long the worker waited for it with nothing else to do, seconds.
        """
        if self._idle_at_s is None or waited_s >= _WAITED_S:
            self._idle_at_s = now_s
        self._now_s = now_s
        self._lag_s = now_s - captured_s
        if self._standing_s is None or self._lag_s < self._standing_s:
            self._standing_s = self._lag_s

    @property
    def is_late(self) -> bool:
        """Whether the newest frame should be left out, since a newer one waits already."""
        return self._lag_s > _LATE_S and self._is_busy

    @property
    def is_hopeless(self) -> bool:
        """Whether frames up to the next keyframe should not even be decoded."""
        return self._lag_s > _HOPELESS_S and self._is_busy

    @property
    def _is_busy(self) -> bool:
        return self._idle_at_s is not None and self._now_s - self._idle_at_s > _BUSY_S

    def take_standing_s(self) -> float:
        """Return the smallest lag since the last call, seconds; 0 when no frame came.

        A queue that never empties shows in the smallest delay, a burst in the others only
        (CoDel, RFC 8289 section 3.1).
        """
        standing_s, self._standing_s = self._standing_s, None
        return standing_s or 0.0
