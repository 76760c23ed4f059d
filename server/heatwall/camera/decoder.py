"""Opens the decoder of a camera's stream."""

from __future__ import annotations

import av.error
from av.codec.context import CodecContext, ThreadType
from av.video.codeccontext import VideoCodecContext

from heatwall.camera import reasons
from heatwall.camera.hardware import CPU_DECODER, nvdec


def open_decoder(codec_name: str, extradata: bytes, device: str = CPU_DECODER) -> VideoCodecContext:
    """Return a decoder that gives each frame out as soon as its access unit is in.

    Args:
        codec_name: FFmpeg's name, such as `h264`.
        extradata: Parameter sets in Annex B form; empty when they come in band only.
        device: `cpu` or `cuda`. Where the GPU does not take the stream, the processor does:
            `is_hwaccel` of what is returned tells.

    Raises:
        SourceUnsupportedError: There is no such decoder.
    """
    try:
        context = _created(codec_name, device)
        if not isinstance(context, VideoCodecContext):
            raise reasons.no_decoder()
        use_one_thread(context)
        if extradata:
            context.extradata = extradata
        context.open(strict=False)
    except (av.error.FFmpegError, ValueError) as error:
        if extradata and isinstance(error, av.error.InvalidDataError):
            # Parameter sets that are broken in the description may be right in the stream.
            return open_decoder(codec_name, b"", device)
        raise reasons.no_decoder() from error
    return context


def _created(codec_name: str, device: str) -> CodecContext:
    if device != CPU_DECODER:
        try:
            return CodecContext.create(codec_name, "r", hwaccel=nvdec())
        except (av.error.FFmpegError, RuntimeError, NotImplementedError):
            pass  # no driver, no free session, or no such codec in the hardware
    return CodecContext.create(codec_name, "r")


def use_one_thread(context: VideoCodecContext) -> None:
    """Make a decoder work in its caller's thread.

    More threads would hold frames back, and the cores are shared by all cameras.
    """
    context.thread_count = 1
    context.thread_type = ThreadType.NONE
