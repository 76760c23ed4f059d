"""Test pictures as a camera worker would send them: real H.264 from libx264."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import av
import numpy as np

from heatwall.values import Picture, Tier

_RATE = 15
_STEP = 90_000 // _RATE


class TestEncoder:
    """Encodes a moving ramp of one brightness; `is_idr_wanted` forces the next IDR."""

    __test__ = False  # pytest would take the name for a class of tests

    def __init__(
        self, camera: str, tier: Tier = Tier.TILE, size: tuple[int, int] = (640, 360)
    ) -> None:
        self.camera = camera
        self.tier = tier
        self.size = size
        self.is_idr_wanted = True
        self.encoded = 0
        self.idrs = 0
        context = av.CodecContext.create("libx264", "w")
        assert isinstance(context, av.VideoCodecContext)
        context.width, context.height = size
        context.pix_fmt = "yuv420p"
        context.framerate = Fraction(_RATE, 1)
        context.time_base = Fraction(1, 90_000)
        context.bit_rate = 400_000
        context.thread_count = 1
        context.profile = "Baseline"
        context.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "x264-params": "keyint=infinite:scenecut=0",
        }
        self._context = context

    def picture(self, rtp_time: int | None = None) -> Picture:
        """Encode the next picture; its time is that many frame intervals unless stated."""
        width, height = self.size
        pts = self.encoded * _STEP
        luma = np.add.outer(np.arange(height), np.arange(width) + 7 * self.encoded) % 200 + 20
        planes = np.full((height * 3 // 2, width), 128, dtype=np.uint8)
        planes[:height] = luma.astype(np.uint8)
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts = pts
        frame.time_base = Fraction(1, 90_000)
        is_key, self.is_idr_wanted = self.is_idr_wanted, False
        if is_key:
            frame.pict_type = av.video.frame.PictureType.I
        annexb = b"".join(bytes(packet) for packet in self._context.encode(frame))
        self.encoded += 1
        self.idrs += is_key
        return Picture(
            camera=self.camera,
            tier=self.tier,
            annexb=annexb,
            rtp_time=pts if rtp_time is None else rtp_time,
            is_key=is_key,
        )


def nal_types(annexb: bytes) -> Iterator[int]:
    """Yield the types of the NAL units in an access unit (ITU-T H.264 section 7.4.1)."""
    for unit in annexb.split(b"\x00\x00\x01")[1:]:
        yield unit[0] & 0x1F
