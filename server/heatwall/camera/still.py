"""One encoded picture made a file to keep, by PyAV and OpenCV."""

from __future__ import annotations

import av
import av.error
import cv2
from av.video.codeccontext import VideoCodecContext

from heatwall.camera.hardware import reason_of
from heatwall.errors import EncoderError

_QUALITY = 90
"""Of a JPEG, 0 to 100: its own loss can't be seen beside that of the video."""


def jpeg_of(annexb: bytes) -> bytes:
    """Return an IDR as a JPEG of its own size. Any thread; takes some 10 ms for 1080p.

    Args:
        annexb: H.264 access unit with its SPS and PPS.

    Raises:
        EncoderError: It can't be decoded.
    """
    context = av.CodecContext.create("h264", "r")
    if not isinstance(context, VideoCodecContext):
        raise EncoderError("this build of PyAV decodes no H.264")
    context.thread_count = 1
    try:
        frames = [*context.decode(av.Packet(annexb)), *context.decode(None)]
    except av.error.FFmpegError as error:
        raise EncoderError(f"the picture can't be decoded: {reason_of(error)}") from error
    if not frames:
        raise EncoderError("the picture can't be decoded: it is no whole IDR")
    _, file = cv2.imencode(
        ".jpg", frames[0].to_ndarray(format="bgr24"), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]
    )
    return bytes(file)
