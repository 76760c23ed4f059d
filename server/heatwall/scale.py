"""How much heat is shown in full colour."""

from __future__ import annotations

import math

import cv2
import numpy as np

from heatwall.values import ByteArray, FloatArray

_FINEST = 1e-6
"""A finer scale would ask for more than a float32 holds."""

_OTHER_CLOCK_S = 1.0
"""Time that goes back by more comes from another clock; by less, frames came out of order."""


class HeatScale:
    """The share of time that is shown in full colour: fixed, or following the heat slowly.

    What follows moves in steps of two digits of a per cent (5.1 %, 5.2 % … 9.9 %, 10 %, 11 %),
    because that is what the legend prints: the colours change by the scale only when the legend
    does, and the legend is exactly true. The first heat that it sees it takes as it is: another
    half-life is not shown in the scale of the one before.

    Example:
        One that follows from an empty floor to a heat of 40 %, 4 s and a minute later; and a
        fixed one.

        >>> import numpy as np
        >>> import heatwall
        >>> scale = heatwall.HeatScale(None)
        >>> busy = np.full((45, 80), 0.4, np.float32)
        >>> scale.follow(np.zeros((45, 80), np.float32), 0.0)
        0.05
        >>> [scale.follow(busy, float(time_s)) for time_s in (4, 60)]
        [0.27, 0.4]
        >>> heatwall.HeatScale(0.25).follow(busy, 0.0)
        0.25

    Args:
        fixed: The share at full colour, above 0; None lets it follow.
    """

    _FLOOR = 0.05
    """Below 5 % of the time nothing is worth full colour; it keeps noise from being blown up."""
    _PERCENTILE = 0.98
    """Of the cells with heat. Not the maximum: one cashier must not turn the rest dark."""
    _ATTACK_S = 4.0
    """New heat must not saturate for long."""
    _RELEASE_S = 60.0
    """What has cooled must be seen to cool, not be stretched up again."""
    _REST = (0.85, 1.05)
    """The scale rests while its target is this near, so that it does not move all the time."""

    def __init__(self, fixed: float | None) -> None:
        self.is_auto = fixed is None
        self._follows = self._FLOOR
        self._value = self._FLOOR if fixed is None else fixed
        self._time_s: float | None = None

    @property
    def value(self) -> float:
        """The share of recent time at full colour now."""
        return self._value

    def follow(self, share: FloatArray, time_s: float) -> float:
        """Look at the heat at `time_s` (monotonic seconds) and return the scale to use."""
        if not self.is_auto:
            return self._value
        is_first = self._time_s is None
        dt_s = self._pass(time_s)
        target = self._target(share)
        if is_first:
            self._follows = target
            self._value = _as_printed(target)
        low, high = self._REST
        if low * self._follows < target < high * self._follows:
            return self._value
        pace_s = self._ATTACK_S if target > self._follows else self._RELEASE_S
        self._follows += (target - self._follows) * -math.expm1(-dt_s / pace_s)
        self._value = _as_printed(self._follows)
        return self._value

    def _pass(self, time_s: float) -> float:
        """Move the clock to `time_s` and return the seconds passed."""
        dt_s = 0.0 if self._time_s is None else time_s - self._time_s
        if self._time_s is None or dt_s > 0 or dt_s < -_OTHER_CLOCK_S:
            self._time_s = time_s
        return max(0.0, dt_s)

    def _target(self, share: FloatArray) -> float:
        warm = share[share > self._FLOOR / 5]
        if not warm.size:
            return self._FLOOR
        rank = int(self._PERCENTILE * (warm.size - 1))
        warm.partition(rank)
        return max(self._FLOOR, float(warm[rank]))


def levels(share: FloatArray, scale: float, gamma: float) -> ByteArray:
    """Return the heat as colour levels: uint8, the shape of `share`, 0 none, 255 full colour.

    Args:
        share: float32, share of recent time, 0 or more.
        scale: The share at full colour, above 0.
        gamma: Exponent below 1 lifts faint heat.
    """
    relative = share * np.float32(1 / max(scale, _FINEST))
    np.minimum(relative, 1, out=relative)
    level: ByteArray = cv2.convertScaleAbs(cv2.pow(relative, gamma), alpha=255)  # rounds
    return level


def _as_printed(share: float) -> float:
    """Round to what a legend prints: tenths of a per cent below 10 %, whole per cent above."""
    return round(share, 3) if share < 0.0995 else round(share, 2)
