"""Small test clips whose frames tell their own number."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from heatwall.simulator import barcode
from heatwall.values import ByteArray


def build_clip(
    path: Path,
    *,
    frames: int = 30,
    fps: int = 15,
    width: int = 640,
    height: int = 360,
    b_frames: int = 0,
    is_noisy: bool = False,
) -> Path:
    """Write an H.264 MP4 of a moving square with an IDR every second, and return its path.

    Frame `i` carries `i` as its barcode, so that a test can tell which frames it received. A noisy
    clip needs several Mbit/s.
    """
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.gop_size = fps
        stream.thread_count = 1
        stream.time_base = Fraction(1, fps)
        x264 = f"scenecut=0:bframes={b_frames}:b-adapt=0"
        stream.options = {"preset": "veryfast", "crf": "26", "x264-params": x264}
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(
                _picture(number, frames, width, height, is_noisy=is_noisy), format="yuv420p"
            )
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def _picture(number: int, frames: int, width: int, height: int, *, is_noisy: bool) -> ByteArray:
    """Return frame `number` as I420, uint8 (height * 3 / 2, width)."""
    picture = np.full((height * 3 // 2, width), 128, dtype=np.uint8)
    luma = picture[:height]
    luma[:] = np.linspace(60, 180, width, dtype=np.uint8)
    if is_noisy:
        luma[:] = np.random.default_rng(number).integers(0, 255, luma.shape, dtype=np.uint8)
    left = int((width - height // 4) * number / frames)
    luma[height // 2 : height * 3 // 4, left : left + height // 4] = 230
    barcode.paint(luma, number)
    return picture
