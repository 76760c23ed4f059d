"""How often a camera's pictures come, whatever it says."""

from __future__ import annotations

from statistics import median

_LOOK_S = 4.0
"""How long pictures are counted before a rate is believed."""

_LEAST_PICTURES = 4
"""Fewer tell no rate; a camera as slow as that is no video."""

_APART = 1.2
"""Rates this many times apart are two: a camera's own clock, and pictures that are late, make
less. An encoder that is 20 % wrong about the rate is 20 % off its bitrate."""

_PAUSE = 2.5
"""An interval this many times the usual one is a pause, which says nothing about the rate."""


class Rhythm:
    """Watches the intervals of pictures.

    Args:
        fps: Believed at first, pictures a second; never more than this is believed.
    """

    def __init__(self, fps: float) -> None:
        self.fps = fps
        """Pictures a second, as far as is known."""
        self._most_fps = fps
        self._last_s: float | None = None
        self._intervals_s: list[float] = []
        self._was_apart = False

    def has_changed(self, time_s: float) -> bool:
        """Take note of a picture; return whether `fps` is another one from now on.

        It is when two looks of some seconds agree, so that no single disturbance does it.

        Args:
            time_s: When the picture was captured, seconds.
        """
        if self._last_s is not None and time_s > self._last_s:
            self._intervals_s.append(time_s - self._last_s)
        self._last_s = time_s
        if sum(self._intervals_s) < _LOOK_S:
            return False
        usual_s = _PAUSE * median(self._intervals_s)
        steady = [interval_s for interval_s in self._intervals_s if interval_s <= usual_s]
        self._intervals_s.clear()
        if len(steady) < _LEAST_PICTURES:
            return False
        fps = min(len(steady) / sum(steady), self._most_fps)
        is_apart = not 1 / _APART < fps / self.fps < _APART
        has_changed = is_apart and self._was_apart
        self._was_apart = is_apart and not has_changed
        if has_changed:
            self.fps = fps
        return has_changed
