"""How much the analyst has done, over all of its threads' lives."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict


class Ledger:
    """Frames and seconds of work by camera since the start. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._detected: Counter[str] = Counter()
        self._stage_s: defaultdict[str, defaultdict[str, float]] = defaultdict(
            lambda: defaultdict(float)
        )

    def note(self, camera: str, infer_s: float, track_s: float) -> None:
        """Add a frame that went through the detector, and the seconds that it took."""
        with self._lock:
            self._detected[camera] += 1
            self._stage_s[camera]["infer"] += infer_s
            self._stage_s[camera]["track_and_heat"] += track_s

    def detected(self) -> dict[str, int]:
        """Return the frames by camera."""
        with self._lock:
            return dict(self._detected)

    def stage_s(self) -> dict[str, dict[str, float]]:
        """Return the seconds by camera and stage."""
        with self._lock:
            return {camera: dict(stages) for camera, stages in self._stage_s.items()}
