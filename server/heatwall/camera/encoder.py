"""H.264 pictures of one tier, by PyAV."""

from __future__ import annotations

from fractions import Fraction

import av
import av.error
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame

from heatwall.camera.hardware import CPU_ENCODER, GPU_ENCODER, reason_of
from heatwall.camera.link import CLOCK_HZ
from heatwall.camera.scaling import frame_planes
from heatwall.errors import EncoderError
from heatwall.overlay import Planes

_KEYFRAME_INTERVAL_S = 600
"""A safety net only: viewers get an IDR when they join or lose one, and each IDR costs as much
as ten other pictures."""


class TierEncoder:
    """Encodes one camera's tier for all its viewers. Not thread-safe.

    Constrained Baseline, no B-frames, SPS and PPS in band before each IDR, rate bounded by a
    buffer of half a second, so that a keyframe does not stand in the way of what follows.

    Args:
        width: Pixels, even.
        height: Pixels, even.
        fps: Pictures a second that will come. The bits are shared out by it and not by the
            stamps: x264 would have to keep each picture back until the next (`force-cfr=0`).
        bitrate_bps: Target rate, bits per second.
        parameter_set: Id of its SPS and PPS, 0 to 31. Pictures of another size that may follow on
            the same slot need another one: a decoder that missed the new SPS would take the old
            one of the same id for it and show rubbish, where it asks for an IDR otherwise.
            NVENC has one set alone, and repeats it before each IDR.
        codec: FFmpeg's name: libx264 or h264_nvenc.

    Raises:
        EncoderError: The encoder can't be opened.
    """

    def __init__(
        self,
        width: int,
        height: int,
        fps: float,
        bitrate_bps: int,
        parameter_set: int = 0,
        codec: str = CPU_ENCODER,
    ) -> None:
        self.width = width
        self.height = height
        self.codec = codec
        is_gpu = codec == GPU_ENCODER
        options = _nvenc(bitrate_bps) if is_gpu else _x264(bitrate_bps, parameter_set)
        try:
            self._context = _open(codec, width, height, fps, bitrate_bps, options)
        except (av.error.FFmpegError, ValueError) as error:
            raise EncoderError(
                f"{codec} can't encode {width}×{height}: {reason_of(error)}"
            ) from error
        self._frame = VideoFrame(width, height, "yuv420p")
        self._frame.time_base = Fraction(1, CLOCK_HZ)
        self.planes: Planes = frame_planes(self._frame)
        """Where the next picture's pixels belong; x264 copies them while it encodes."""
        self._last_time = -1

    def encode(self, rtp_time: int, *, is_key: bool) -> tuple[bytes, bool] | None:
        """Encode what stands in `planes`.

        Args:
            rtp_time: Capture time in 1/90000 s.
            is_key: Make it an IDR.

        Returns:
            (Annex B access unit, whether it is an IDR), or None if the encoder kept it back.

        Raises:
            EncoderError: The encoder failed.
        """
        self._last_time = max(rtp_time, self._last_time + 1)
        self._frame.pts = self._last_time
        self._frame.pict_type = PictureType.I if is_key else PictureType.NONE
        try:
            packets = self._context.encode(self._frame)
        except av.error.FFmpegError as error:
            raise EncoderError(f"{self.codec} failed: {reason_of(error)}") from error
        if not packets:
            return None
        return b"".join(bytes(packet) for packet in packets), packets[0].is_keyframe


def open_encoder(
    codec: str, width: int, height: int, fps: float, bitrate_bps: int, parameter_set: int
) -> tuple[TierEncoder, str]:
    """Return an encoder, by libx264 where `codec` does not open, and why that was, or "".

    GeForce cards take a few NVENC sessions at a time only, so that one more camera may find none.

    Raises:
        EncoderError: None can be opened.
    """
    try:
        return TierEncoder(width, height, fps, bitrate_bps, parameter_set, codec), ""
    except EncoderError as error:
        if codec == CPU_ENCODER:
            raise
        encoder = TierEncoder(width, height, fps, bitrate_bps, parameter_set)
        return encoder, f"{error}; {CPU_ENCODER} is used"


def _open(
    codec: str, width: int, height: int, fps: float, bitrate_bps: int, options: dict[str, str]
) -> VideoCodecContext:
    context = av.CodecContext.create(codec, "w")
    if not isinstance(context, VideoCodecContext):
        raise EncoderError(f"{codec} is no video encoder in this build of PyAV")
    context.width = width
    context.height = height
    context.pix_fmt = "yuv420p"
    context.framerate = Fraction(fps).limit_denominator(1001)
    context.time_base = Fraction(1, CLOCK_HZ)
    context.bit_rate = bitrate_bps
    context.thread_count = 1
    context.gop_size = int(_KEYFRAME_INTERVAL_S * fps)
    context.options = options
    context.open()
    return context


def _x264(bitrate_bps: int, parameter_set: int) -> dict[str, str]:
    # Nothing that ultrafast leaves on can go without a loss, and what it leaves off is dearer than
    # it is worth at 44 dB: subme=1 gives 0.7 dB for 1.17 times the CPU, deblocking 0.6 dB for 1.13
    # and more in each browser, superfast 0.4 dB for 1.7 (`tests/bench`, encoder-settings).
    return {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "profile": "baseline",
        "forced-idr": "1",
        "maxrate": str(bitrate_bps),
        "bufsize": str(bitrate_bps // 2),
        "x264-params": f"sps-id={parameter_set}",
    }


def _nvenc(bitrate_bps: int) -> dict[str, str]:
    """Return the options of FFmpeg's h264_nvenc (`ffmpeg -h encoder=h264_nvenc`).

    Its fastest preset, tuned for ultra low latency, which has neither B-frames nor look-ahead.
    Without the global header flag it repeats SPS and PPS before each IDR (nvenc.c).
    """
    return {
        "preset": "p1",
        "tune": "ull",
        "profile": "baseline",
        "rc": "cbr",
        "zerolatency": "1",
        "delay": "0",
        "bf": "0",
        "forced-idr": "1",
        "maxrate": str(bitrate_bps),
        "bufsize": str(bitrate_bps // 2),
    }
