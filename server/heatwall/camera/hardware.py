"""What of this machine's graphics hardware can decode and encode, by trying it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from fractions import Fraction

import av.error
from av.codec.context import CodecContext
from av.codec.hwaccel import HWAccel
from av.video.codeccontext import VideoCodecContext

CPU_DECODER = "cpu"
"""Decoding by FFmpeg's own decoders."""

CPU_ENCODER = "libx264"
"""Encoding on the processor."""

GPU_DECODER = "cuda"
"""NVDEC, as FFmpeg's hardware acceleration is called."""

GPU_ENCODER = "h264_nvenc"
"""NVENC, as FFmpeg's encoder is called. Data-centre cards such as H100 and A100 have none."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Hardware:
    """What `auto` means on this machine.

    Attributes:
        decoder: `cuda` or `cpu`.
        encoder: `h264_nvenc` or `libx264`.
    """

    decoder: str = CPU_DECODER
    encoder: str = CPU_ENCODER


def find_hardware() -> Hardware:
    """Try what there is, and log it in one line; takes milliseconds, with a GPU some hundred.

    Blocks; not for the event loop.
    """
    no_decoder, no_encoder = _why_no_decoder(), _why_no_encoder()
    found = Hardware(
        CPU_DECODER if no_decoder else GPU_DECODER, CPU_ENCODER if no_encoder else GPU_ENCODER
    )
    _log.info(
        "video is decoded by %s and encoded by %s",
        f"the processor (no NVDEC: {no_decoder})" if no_decoder else "the GPU (NVDEC)",
        f"the processor (no NVENC: {no_encoder})" if no_encoder else "the GPU (NVENC)",
    )
    return found


def nvdec() -> HWAccel:
    """Return the acceleration of a decoder whose frames are copied back to the processor."""
    return HWAccel(GPU_DECODER, allow_software_fallback=True)


def _why_no_decoder() -> str | None:
    try:
        CodecContext.create("h264", "r", hwaccel=nvdec())
    except (av.error.FFmpegError, ValueError, RuntimeError, NotImplementedError) as error:
        return reason_of(error)
    return None


def _why_no_encoder() -> str | None:
    try:
        context = CodecContext.create(GPU_ENCODER, "w")
        if not isinstance(context, VideoCodecContext):
            return "not in this build of PyAV"
        context.width, context.height, context.pix_fmt = 640, 360, "yuv420p"
        context.time_base, context.framerate = Fraction(1, 90_000), Fraction(15)
        context.open()
    except (av.error.FFmpegError, ValueError) as error:
        return reason_of(error)
    return None


def reason_of(error: Exception) -> str:
    """Return what FFmpeg says of a device that does not open, in one line."""
    # Without a driver that is "Operation not permitted", which sends people looking for rights.
    if isinstance(error, PermissionError):
        return "no driver or no device"
    return getattr(error, "strerror", None) or str(error).partition("\n")[0] or type(error).__name__
