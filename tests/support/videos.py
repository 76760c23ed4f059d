"""Small videos with odd stamps, turns and endings, as people have them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from heatwall.values import ByteArray


def build_video(
    path: Path,
    stamps: Sequence[int] = range(0, 2000, 100),
    *,
    time_base: Fraction = Fraction(1, 1000),
    width: int = 96,
    height: int = 64,
    rotation: int = 0,
    has_audio: bool = False,
    pixel_aspect: Fraction | None = None,
) -> Path:
    """Write an H.264 video with a frame at each stamp, in ticks of `time_base`; return its path.

    The upper left quarter of each frame is bright, so that a test can tell how it lies.
    """
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"g": "10", "bf": "2"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.time_base = stream.codec_context.time_base = time_base
        if pixel_aspect is not None:
            stream.codec_context.sample_aspect_ratio = pixel_aspect
        if rotation:
            stream.set_display_rotation(rotation)
        if has_audio:
            _add_silence(container)
        for number, stamp in enumerate(stamps):
            frame = av.VideoFrame.from_ndarray(_picture(number, width, height), format="yuv420p")
            frame.pts, frame.time_base = stamp, time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def build_sound(path: Path) -> Path:
    """Write a file with sound alone, and return its path."""
    with av.open(str(path), "w") as container:
        _add_silence(container)
    return path


def frame_times(path: Path) -> list[float]:
    """Return when each frame of a video is shown, seconds."""
    with av.open(str(path)) as container:
        return [frame.time for frame in container.decode(video=0) if frame.time is not None]


def corners(luma: ByteArray) -> list[str]:
    """Return which quarters of a picture are bright, such as `["upper left"]`."""
    height, width = luma.shape
    rows = {"upper": slice(0, height // 2), "lower": slice(height // 2, None)}
    columns = {"left": slice(0, width // 2), "right": slice(width // 2, None)}
    return [
        f"{row} {column}"
        for row, lines in rows.items()
        for column, across in columns.items()
        if luma[lines, across].mean() > 120
    ]


def _picture(number: int, width: int, height: int) -> ByteArray:
    picture = np.full((height * 3 // 2, width), 128, np.uint8)
    picture[:height] = 60 + number % 20
    picture[: height // 2, : width // 2] = 200
    return picture


def _add_silence(container: av.container.OutputContainer) -> None:
    stream = container.add_stream("aac", rate=8000)
    for number in range(8):
        frame = av.AudioFrame(format="fltp", layout="mono", samples=1024)
        frame.planes[0].update(bytes(frame.planes[0].buffer_size))
        frame.sample_rate, frame.pts = 8000, number * 1024
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))
