"""What every benchmark is given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from heatwall.simulator.clips import ensure_clips

WIDTH, HEIGHT, FPS = 1280, 720, 15
"""What a simulated camera sends, as a shop's usual stream."""


@dataclass(frozen=True, slots=True)
class Setup:
    """The camera's pictures, and a place for files.

    Attributes:
        clip: The first simulated camera's loop: H.264 without B-frames.
        folder: Gone after the run.
        minutes: How long the benchmarks watch that can; None for as short as makes sense.
    """

    clip: Path
    folder: Path
    minutes: float | None = None


def make_setup(folder: Path, minutes: float | None = None) -> Setup:
    """Return the setup; renders the clip where the demo has not done so, which takes a while."""
    clip = ensure_clips(1, width=WIDTH, height=HEIGHT, fps=FPS, progress=True)[0]
    return Setup(clip.path, folder, minutes)
