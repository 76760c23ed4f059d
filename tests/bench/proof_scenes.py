"""The scenes of the accuracy proof, which the demo model was not trained on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from heatwall.simulator.clips import Clip, ensure_clips
from heatwall.simulator.truth import Truth, load_truth

FOLDER = Path(__file__).resolve().parents[2] / "build" / "proof"
"""Kept between runs: clips take minutes to render, detections minutes to make."""

SCENES = 8
"""Two shops of four views. Their seeds are below a thousand, those of the training from a
million on; the second shop is a mirror image with its cameras hung differently."""

LOOP_S = 80.0
"""Eight loops of it are ten minutes and forty seconds."""

FPS = 15
_WIDTH, _HEIGHT = 640, 360


@dataclass(frozen=True, slots=True)
class Scene:
    """One camera's loop with what really happens in it.

    Attributes:
        clip: The H.264 file.
        truth: Who is where in each of its frames.
    """

    clip: Clip
    truth: Truth

    @property
    def frames(self) -> int:
        """Frames of the loop."""
        return len(self.truth.frames)


def scenes(first: int = 0) -> list[Scene]:
    """Return the scenes; those that are missing are rendered, which takes some minutes.

    Args:
        first: The number of the first one's camera, from 0.
    """
    clips = ensure_clips(
        first + SCENES,
        directory=FOLDER,
        loop_s=LOOP_S,
        width=_WIDTH,
        height=_HEIGHT,
        fps=FPS,
        progress=True,
    )
    _drop_others(clips)
    return [Scene(clip, load_truth(clip.truth_path)) for clip in clips[first:]]


def _drop_others(clips: list[Clip]) -> None:
    """Delete what was rendered by earlier editions of the simulator."""
    edition = clips[0].path.stem.rpartition("-")[2]
    for path in (*FOLDER.glob("*.mp4"), *FOLDER.glob("*.truth.json")):
        if edition not in path.name:
            path.unlink()
