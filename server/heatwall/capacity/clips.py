"""The simulated cameras' clips, each frame with its number in the loop as a barcode."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import av

from heatwall.camera.scaling import frame_planes
from heatwall.simulator import barcode
from heatwall.simulator.clips import Clip, cache_folder, encoder_options, ensure_clips

_VIEWS = 4
"""The simulator's different views; more cameras show them again, shifted in time."""

_BPS_PER_PIXEL = 0.11
"""Bits per pixel and frame, as the simulator's own clips: 0.4 Mbit/s at 640×360 and 15 fps."""


def numbered_clips(
    count: int, width: int, height: int, fps: int, *, progress: bool = False
) -> list[Clip]:
    """Return clips for `count` cameras, made where they are missing and then kept.

    Blocks for up to a minute the first time. The number tells a viewer when a picture was
    captured, since it knows when the camera's loop began; a live barcode would have to be
    encoded by the camera, at more cost than all that is measured.

    Args:
        count: How many cameras.
        width: Pixels, even, at least 320.
        height: Pixels, even.
        fps: Frames per second.
        progress: True to show a bar on a terminal, or a line elsewhere.
    """
    clips = ensure_clips(min(count, _VIEWS), width=width, height=height, fps=fps, progress=progress)
    folder = cache_folder() / "numbered"
    folder.mkdir(parents=True, exist_ok=True)
    return [_numbered(clip, folder / clip.path.name) for clip in clips]


def _numbered(clip: Clip, path: Path) -> Clip:
    """Return `clip` with its frames numbered, in the file at `path`."""
    if not path.exists():
        partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
        try:
            _encode(clip, partial)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    return Clip(
        clip.key,
        clip.name,
        path,
        clip.truth_path,
        clip.width,
        clip.height,
        clip.fps,
        clip.frames,
    )


def _encode(clip: Clip, path: Path) -> None:
    rate = round(_BPS_PER_PIXEL * clip.width * clip.height * clip.fps)
    options = encoder_options(clip.fps, rate)
    with av.open(str(clip.path)) as source, av.open(str(path), "w", format="mp4") as target:
        stream = target.add_stream("libx264", rate=clip.fps, options=options)
        stream.width, stream.height, stream.pix_fmt = clip.width, clip.height, "yuv420p"
        stream.codec_context.bit_rate = rate
        stream.codec_context.time_base = Fraction(1, clip.fps)
        for number, frame in enumerate(source.decode(video=0)):
            # A frame of its own: the decoder still refers to the one that it gave.
            own = av.VideoFrame.from_ndarray(frame.to_ndarray(format="yuv420p"), format="yuv420p")
            barcode.paint(frame_planes(own)[0], number)
            own.pts = number
            target.mux(stream.encode(own))
        target.mux(stream.encode(None))
