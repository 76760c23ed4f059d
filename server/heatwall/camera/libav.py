"""Packets of a stream by libavformat: all that `rtsp_client` does not do itself."""

from __future__ import annotations

import errno
from collections.abc import Iterator

import av
import av.error
from av.container import InputContainer
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from heatwall.camera import reasons
from heatwall.camera.decoder import use_one_thread
from heatwall.camera.hardware import CPU_DECODER, nvdec
from heatwall.clock import monotonic
from heatwall.errors import SourceError
from heatwall.values import SecretUrl


class LibavDemuxer:
    """An open stream. Not thread-safe; every call may block up to the time-out.

    Args:
        url: RTSP or HTTP address.
        transport: `tcp` or `udp`, for RTSP.
        timeout_s: Longest silence on the socket before the stream counts as dead, seconds.
        device: Where it is decoded; see `open_decoder`.

    Raises:
        SourceRefusedError: The camera refused the credentials.
        SourceUnsupportedError: There is no video that can be decoded.
        SourceError: No answer, or anything else.
    """

    is_behind = False
    """Whether more waits in the socket: libavformat does not tell."""
    broken = 0
    """Pictures of which a part was missing: it does not tell that either."""

    def __init__(
        self, url: SecretUrl, transport: str, timeout_s: float, device: str = CPU_DECODER
    ) -> None:
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
            self._container: InputContainer = av.open(
                url.secret,
                options=options,
                hwaccel=None if device == CPU_DECODER else nvdec(),
            )
        except (av.error.FFmpegError, ValueError, OSError) as error:
            raise _named(error, monotonic() - began_s, timeout_s) from error
        if not self._container.streams.video:
            self._container.close()
            raise reasons.no_video()
        self._stream: VideoStream = self._container.streams.video[0]
        self.decoder: VideoCodecContext = self._stream.codec_context
        use_one_thread(self.decoder)

    def packets(self) -> Iterator[tuple[Packet[VideoStream], float]]:
        """Yield packets, each with when it came in monotonic seconds, while the stream lasts.

        Raises:
            SourceError: The stream ended, broke or fell silent.
            SourceUnsupportedError: It can't be read at all.
        """
        heard_s = monotonic()
        try:
            for packet in self._container.demux(self._stream):
                heard_s = monotonic()
                yield packet, heard_s
        except (av.error.FFmpegError, ValueError, OSError) as error:
            raise _named(error, monotonic() - heard_s, self._timeout_s) from error
        raise reasons.ended()

    def close(self) -> None:
        """Close the stream; idempotent."""
        self._container.close()


def _named(error: Exception, waited_s: float, timeout_s: float) -> SourceError:
    """Return the error in plain words, without the URL."""
    # A time-out inside the RTSP dialogue comes out of libavformat as invalid data.
    if isinstance(error, TimeoutError) or waited_s > 0.9 * timeout_s:
        return reasons.no_answer(timeout_s)
    if isinstance(error, (av.error.HTTPUnauthorizedError, av.error.HTTPForbiddenError)):
        return reasons.refused()
    if isinstance(error, av.error.DecoderNotFoundError):
        return reasons.no_decoder()
    if isinstance(error, av.error.HTTPNotFoundError):
        return reasons.unknown_path()
    if isinstance(error, ConnectionRefusedError):
        return reasons.no_listener()
    if isinstance(error, av.error.EOFError):
        return reasons.ended()
    if isinstance(error, OSError) and error.errno == errno.EIO:
        # What libavformat answers when a name can't be looked up (network.c, ff_getaddrinfo).
        return reasons.unreachable()
    return reasons.unreadable(getattr(error, "strerror", None) or type(error).__name__)
