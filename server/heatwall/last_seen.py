"""Where and when each track was last seen."""

from __future__ import annotations

import numpy as np

from heatwall.values import DoubleArray

FORGET_S = 30.0
"""A track not seen for this long is forgotten; no tracker holds a lost track for longer."""

_SWEEP_S = 5.0
"""Seconds between two looks for tracks to forget; each costs some microseconds."""

MOST_TRACKS = 1024
"""Tracks remembered at most; a tracker holds some hundreds in a full picture."""


class LastSeen:
    """Where and when each track was last seen, of the newest `MOST_TRACKS`.

    Args:
        fields: Numbers that make up a sighting: the time, and those of the place.
    """

    def __init__(self, fields: int) -> None:
        self._slots: dict[int, int] = {}
        self._free = list(range(MOST_TRACKS))
        self._table = np.zeros((fields, MOST_TRACKS))
        self._since_s = self._sweep_at_s = -np.inf

    def __len__(self) -> int:
        """Return the number of tracks remembered."""
        return len(self._slots)

    @property
    def nbytes(self) -> int:
        """Memory of the table, bytes."""
        return self._table.nbytes

    def follow(self, ids: list[int], now: DoubleArray, begun_s: DoubleArray | None) -> DoubleArray:
        """Note where tracks are now, and return where and when they were before.

        A new track was where it is now, since `begun_s` where that is known.

        Args:
            ids: Of the tracks, each once, at least one and at most `MOST_TRACKS`.
            now: float64 (fields, n), the time in seconds, later than at the last call and
                the same for all, and the place.
            begun_s: float64 (n,), seconds, or None. What lies before the last `clear` or
                after now is not believed.

        Returns:
            float64 (fields, n), time and place before.
        """
        if now[0, 0] >= self._sweep_at_s:
            self._sweep(float(now[0, 0]))
        slots = [self._slots.get(key, -1) for key in ids]
        if -1 in slots:
            slots = self._admit(ids, slots, now, begun_s)
        at = np.array(slots)
        before: DoubleArray = self._table[:, at]
        self._table[:, at] = now
        return before

    def clear(self, time_s: float) -> None:
        """Forget all that was before `time_s`."""
        self._since_s = time_s
        self._sweep_at_s = time_s + _SWEEP_S
        self._slots.clear()
        self._free = list(range(MOST_TRACKS))

    def _admit(
        self, ids: list[int], slots: list[int], now: DoubleArray, begun_s: DoubleArray | None
    ) -> list[int]:
        """Give the new ones a slot, and return the slots of all."""
        if slots.count(-1) > len(self._free):
            self._forget([key for key in self._slots if key not in set(ids)])
        time_s = float(now[0, 0])
        for row, slot in enumerate(slots):
            if slot == -1:
                slots[row] = self._slots[ids[row]] = at = self._free.pop()
                self._table[:, at] = now[:, row]
                if begun_s is not None and self._since_s <= begun_s[row] <= time_s:
                    self._table[0, at] = begun_s[row]
        return slots

    def _sweep(self, time_s: float) -> None:
        self._sweep_at_s = time_s + _SWEEP_S
        seen_s = self._table[0]
        self._forget([key for key, at in self._slots.items() if time_s - seen_s[at] > FORGET_S])

    def _forget(self, ids: list[int]) -> None:
        self._free += [self._slots.pop(key) for key in ids]
