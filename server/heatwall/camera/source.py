"""Decoded frames of one camera, by PyAV."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import dataclass

import av
import av.error
import av.logging
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from heatwall.clock import monotonic
from heatwall.errors import SourceError, SourceRefusedError, SourceUnsupportedError
from heatwall.values import SecretUrl

# libav prints URLs with their passwords; what matters of its messages reaches us as exceptions.
# Nothing at all rather than what is fatal: PyAV's own handler takes the GIL for each error, from
# the decoder's threads too, and waits for ever when a decoder is freed at that moment.
av.logging.set_level(None)


@dataclass(frozen=True, slots=True)
class DecodedFrame:
    """One frame as the decoder gave it; its memory may be a reference for later frames.

    Attributes:
        frame: The library's frame; only adapters look inside.
        pts_s: The stream's own stamp in seconds; None when it has none.
        width: Pixels.
        height: Pixels.
    """

    frame: VideoFrame
    pts_s: float | None
    width: int
    height: int


class Source:
    """An open camera stream. Not thread-safe; every call may block up to the time-out.

    Args:
        url: RTSP or HTTP address.
        transport: `tcp` or `udp`, for RTSP.
        timeout_s: Longest silence on the socket before the stream counts as dead, seconds.

    Raises:
        SourceRefusedError: The camera refused the credentials.
        SourceUnsupportedError: There is no video that can be decoded.
        SourceError: No answer, or anything else.
    """

    def __init__(self, url: SecretUrl, transport: str, timeout_s: float) -> None:
        self._url = url
        self._timeout_s = timeout_s
        # Probing less than a packet: the SDP and the first keyframe say all that is needed, and
        # the first frame comes in 0.06 s instead of 1.1 s. FFmpeg's own `timeout` (microseconds)
        # rather than PyAV's, whose callback takes the GIL at every poll (PyAV issue 1112).
        options = {"probesize": "32", "analyzeduration": "0"}
        if url.secret.lower().startswith("rtsp"):
            options |= {
                "rtsp_transport": transport,
                "allowed_media_types": "video",
                "timeout": str(int(timeout_s * 1e6)),
            }
        else:
            options |= {"rw_timeout": str(int(timeout_s * 1e6)), "probesize": "500000"}
        began_s = monotonic()
        try:
            self._container: InputContainer = av.open(url.secret, options=options)
        except (av.error.FFmpegError, ValueError, OSError) as error:
            raise _named(error, monotonic() - began_s, timeout_s) from error
        if not self._container.streams.video:
            self._container.close()
            raise SourceUnsupportedError("the stream holds no video")
        self._stream = self._container.streams.video[0]
        # One thread: more would hold frames back, and the cores are shared by all cameras.
        self._stream.codec_context.thread_count = 1
        self._stream.thread_type = "NONE"
        self.decode_s = 0.0
        """Seconds spent in the decoder so far."""

    @property
    def codec(self) -> str:
        """The codec's name, such as `h264`."""
        return self._stream.codec_context.name

    def frames(self) -> Iterator[DecodedFrame]:
        """Yield the frames as they come, for as long as the stream lasts.

        Raises:
            SourceError: The stream ended, broke or fell silent.
            SourceUnsupportedError: It can't be decoded at all.
        """
        base = self._stream.time_base
        heard_s = monotonic()
        try:
            for packet in self._container.demux(self._stream):
                heard_s = monotonic()
                for frame in self._decode(packet):
                    pts_s = None if frame.pts is None else float(frame.pts * (base or 0))
                    yield DecodedFrame(frame, pts_s, frame.width, frame.height)
        except (av.error.FFmpegError, ValueError, OSError) as error:
            raise _named(error, monotonic() - heard_s, self._timeout_s) from error
        raise SourceError("the camera ended the stream")

    def close(self) -> None:
        """Close the stream; idempotent."""
        self._container.close()

    def _decode(self, packet: av.Packet[VideoStream]) -> list[VideoFrame]:
        began_s = monotonic()
        try:
            return [frame for frame in packet.decode() if isinstance(frame, VideoFrame)]
        except av.error.InvalidDataError:
            # One broken access unit: the decoder goes on at the next keyframe. A stream that
            # gives nothing but such is ended by the stall time-out.
            return []
        finally:
            self.decode_s += monotonic() - began_s


def _named(error: Exception, waited_s: float, timeout_s: float) -> SourceError:
    """Return the error in words that a shop's owner understands, without the URL."""
    # A time-out inside the RTSP dialogue comes out of libavformat as invalid data.
    if isinstance(error, TimeoutError) or waited_s > 0.9 * timeout_s:
        return SourceError(f"no answer within {timeout_s:g} s")
    if isinstance(error, (av.error.HTTPUnauthorizedError, av.error.HTTPForbiddenError)):
        return SourceRefusedError("the camera refused the user or password")
    if isinstance(error, av.error.DecoderNotFoundError):
        return SourceUnsupportedError("the stream holds no video that can be decoded")
    if isinstance(error, av.error.HTTPNotFoundError):
        return SourceError("the camera does not know this path")
    if isinstance(error, ConnectionRefusedError):
        return SourceError("connection refused: nothing listens at this address")
    if isinstance(error, av.error.EOFError):
        return SourceError("the camera ended the stream")
    if isinstance(error, OSError) and error.errno == errno.EIO:
        # What libavformat answers when a name can't be looked up (network.c, ff_getaddrinfo).
        return SourceError("can't reach the camera: unknown host, or no network")
    text = getattr(error, "strerror", None) or type(error).__name__
    return SourceError(f"can't read the stream: {text}")
