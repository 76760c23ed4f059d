"""What every benchmark is given."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import av

from heatwall.simulator.clips import ensure_clips

WIDTH, HEIGHT, FPS = 1280, 720, 15
"""What a simulated camera sends, as a shop's usual stream."""

_SMALL = (640, 360)
"""What sixteen cameras send, as in the figures of a whole wall: a machine of two cores that decodes
sixteen times 720p has no core left for the browser."""
_SMALL_BPS = 600_000


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


def with_small_clip(setup: Setup) -> Setup:
    """Return the setup with a smaller clip of the same: no B-frames, an IDR each second."""
    path = setup.folder / "small.mp4"
    with av.open(str(setup.clip)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream("libx264", rate=FPS)
        stream.width, stream.height = _SMALL
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = _SMALL_BPS
        stream.options = {"preset": "veryfast", "bf": "0", "g": str(FPS), "sc_threshold": "0"}
        for frame in source.decode(video=0):
            target.mux(stream.encode(frame.reformat(*_SMALL)))
        target.mux(stream.encode())
    return replace(setup, clip=path)
