"""The cameras' newest detect frames, which wait for the model."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from heatwall.camera.link import DetectFrame
from heatwall.camera.shared import FrameSlots

_IDLE_S = 0.5
"""Longest wait for a frame before looking whether to stop."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A camera's newest detect frame."""

    slots: FrameSlots
    frame: DetectFrame


@dataclass(frozen=True, slots=True)
class Batch:
    """What was taken out.

    Attributes:
        waiting: Frames by camera, who has waited longest first.
        gaps: Cameras whose streams were interrupted before these frames.
    """

    waiting: Mapping[str, Waiting]
    gaps: frozenset[str]


class Inbox:
    """One frame a camera; the newest wins, and the replaced ones are counted. Any thread.

    `offer` and `gap` never wait.
    """

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._waiting: dict[str, Waiting] = {}
        self._waiting_since_s = 0.0
        self._gaps: set[str] = set()
        self._replaced: Counter[str] = Counter()

    @property
    def is_empty(self) -> bool:
        """Whether no frame waits."""
        return not self._waiting

    def offer(self, camera: str, slots: FrameSlots, frame: DetectFrame) -> None:
        """Leave a camera's newest frame; one that still waits is replaced and counted."""
        with self._lock:
            if not self._waiting:
                self._waiting_since_s = time.monotonic()
            if camera in self._waiting:
                self._replaced[camera] += 1
            self._waiting[camera] = Waiting(slots, frame)
            self._lock.notify_all()

    def gap(self, camera: str) -> None:
        """Say that a camera's stream was interrupted; a frame that waits is forgotten."""
        with self._lock:
            self._waiting.pop(camera, None)
            self._gaps.add(camera)

    def wake(self) -> None:
        """Let who takes look whether it is over."""
        with self._lock:
            self._lock.notify_all()

    def note_replaced(self, camera: str) -> None:
        """Count a frame that was overwritten before it could be read."""
        with self._lock:
            self._replaced[camera] += 1

    def replaced(self) -> dict[str, int]:
        """Return how many frames of each camera no model saw."""
        with self._lock:
            return dict(self._replaced)

    def take(
        self, most: int, full: int, window_s: float, is_over: Callable[[], bool]
    ) -> Batch | None:
        """Wait for frames and return a batch of them.

        Args:
            most: Frames in it at most.
            full: With so many it waits for no more.
            window_s: How long to wait for more after the first, seconds.
            is_over: Whether nothing is to be taken any more; then it returns None.
        """
        with self._lock:
            while not self._waiting and not is_over():
                self._lock.wait(_IDLE_S)
            # Counted from the first frame that waits: who has waited for the batch before this
            # one need not wait once more.
            deadline_s = self._waiting_since_s + window_s
            while len(self._waiting) < full and not is_over():
                left_s = deadline_s - time.monotonic()
                if left_s <= 0:
                    break
                self._lock.wait(left_s)
            if is_over():
                return None
            # Insertion order: who has waited longest comes first.
            chosen = list(self._waiting)[:most]
            taken = {camera: self._waiting.pop(camera) for camera in chosen}
            self._waiting_since_s = time.monotonic()  # of those that are left
            gaps, self._gaps = self._gaps, set()
        return Batch(taken, frozenset(gaps))
