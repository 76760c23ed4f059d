"""The empty scene behind the people, for the picture of the heat."""

from __future__ import annotations

import numpy as np

from heatwall.overlay import Planes
from heatwall.values import ByteArray

_MOST = 9
"""Pictures kept. Somebody who walks stands in few of them, so the middle value is the floor;
nine of 1080p are 28 MB."""


class Background:
    """Keeps some pictures, spread over all that it was shown, and finds their middle.

    However long the video is, the kept pictures are evenly spread: when there are too many,
    every second one goes, and from then on only every second one comes.
    """

    def __init__(self) -> None:
        self._kept: list[Planes] = []
        self._every = 1
        self._seen = 0

    def look(self, planes: Planes) -> None:
        """Take a look at a picture: Y, U and V, uint8, of one size for all. It is copied."""
        if self._seen % self._every == 0:
            if len(self._kept) == _MOST:
                self._kept = self._kept[::2]
                self._every *= 2
            if self._seen % self._every == 0:
                self._kept.append((planes[0].copy(), planes[1].copy(), planes[2].copy()))
        self._seen += 1

    def planes(self) -> Planes:
        """Return the middle value of each pixel over the pictures kept; at least one was shown."""
        y, u, v = (_median([planes[index] for planes in self._kept]) for index in range(3))
        return y, u, v


def _median(planes: list[ByteArray]) -> ByteArray:
    # Sorted in place rather than np.median, which would make doubles of all of it.
    stack = np.stack(planes)
    stack.sort(axis=0)
    middle: ByteArray = stack[len(planes) // 2].copy()
    return middle
