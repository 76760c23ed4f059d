"""Decoded frames of one camera, by PyAV."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import av
import av.error
import av.logging
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from heatwall.camera.hardware import CPU_DECODER, GPU_DECODER
from heatwall.camera.libav import LibavDemuxer
from heatwall.camera.rtsp_demuxer import RtspDemuxer
from heatwall.camera.rtsp_dialogue import UnsuitedError
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
        arrival_s: When the last packet that the decoder needed for it was read, monotonic seconds;
            0 for one that did not come from a camera.
    """

    frame: VideoFrame
    pts_s: float | None
    width: int
    height: int
    arrival_s: float = 0.0


class _Demuxer(Protocol):
    """Where a source's packets come from."""

    decoder: VideoCodecContext

    @property
    def is_behind(self) -> bool: ...

    @property
    def broken(self) -> int: ...

    def packets(self) -> Iterator[tuple[av.Packet[VideoStream], float]]: ...

    def close(self) -> None: ...


class Source:
    """An open camera stream. Not thread-safe; every call may block up to the time-out.

    Args:
        url: RTSP or HTTP address.
        transport: `tcp` or `udp`, for RTSP.
        timeout_s: Longest silence on the socket before the stream counts as dead, seconds.
        device: Where it is decoded, `cpu` or `cuda`; the processor where the GPU does not take it.

    Raises:
        SourceRefusedError: The camera refused the credentials.
        SourceUnsupportedError: There is no video that can be decoded.
        SourceError: No answer, or anything else.
    """

    def __init__(
        self, url: SecretUrl, transport: str, timeout_s: float, device: str = CPU_DECODER
    ) -> None:
        self._demuxer = _open(url, transport, timeout_s, device)
        self.decode_s = 0.0
        """Seconds spent in the decoder so far."""
        self.skips_to_key = False
        """Set it to leave out, undecoded, all that comes before the next keyframe."""
        self.skipped = 0
        """Access units left out so far."""

    @property
    def codec(self) -> str:
        """The codec's name, such as `h264`."""
        return self._demuxer.decoder.name

    @property
    def has_hardware(self) -> bool:
        """Whether the GPU decodes it."""
        return self._demuxer.decoder.is_hwaccel

    @property
    def device(self) -> str:
        """Where it is decoded: `cpu` or `cuda`."""
        return GPU_DECODER if self.has_hardware else CPU_DECODER

    @property
    def is_behind(self) -> bool:
        """Whether more of the stream has come than was given out; where that can't be told, False.

        Costs a few microseconds.
        """
        return self._demuxer.is_behind

    @property
    def broken(self) -> int:
        """Pictures of which a part was missing or wrong so far; where that can't be told, 0."""
        return self._demuxer.broken

    def frames(self) -> Iterator[DecodedFrame]:
        """Yield the frames as they come, for as long as the stream lasts.

        Raises:
            SourceError: The stream ended, broke or fell silent.
            SourceUnsupportedError: It can't be decoded at all.
        """
        for packet, arrival_s in self._demuxer.packets():
            if self.skips_to_key and not packet.is_keyframe:
                self.skipped += 1
                continue
            self.skips_to_key = False
            base = packet.time_base or 0
            for frame in self._decode(packet):
                pts_s = None if frame.pts is None else float(frame.pts * base)
                yield DecodedFrame(frame, pts_s, frame.width, frame.height, arrival_s)

    def close(self) -> None:
        """Close the stream; idempotent."""
        self._demuxer.close()

    def _decode(self, packet: av.Packet[VideoStream]) -> list[VideoFrame]:
        began_s = monotonic()
        try:
            return self._demuxer.decoder.decode(packet)
        except av.error.InvalidDataError:
            # One broken access unit: the decoder goes on at the next keyframe. A stream that
            # gives nothing but such is ended by the stall time-out.
            return []
        finally:
            self.decode_s += monotonic() - began_s


def _open(url: SecretUrl, transport: str, timeout_s: float, device: str) -> _Demuxer:
    """Open a stream by our own client if it is one for it, else by libavformat."""
    if transport == "tcp" and url.secret.lower().startswith("rtsp://"):
        try:
            return RtspDemuxer(url, timeout_s, device)
        except UnsuitedError as unsuited:
            return _open_instead(url, timeout_s, device, unsuited)
    return LibavDemuxer(url, transport, timeout_s, device)


def _open_instead(
    url: SecretUrl, timeout_s: float, device: str, unsuited: UnsuitedError
) -> LibavDemuxer:
    """Open by libavformat what our own client does not play, and let go of that one's connection.

    Once more after it is closed, for cameras that take one connection only.
    """
    began_s = monotonic()
    try:
        return LibavDemuxer(url, "tcp", timeout_s, device)
    except (SourceRefusedError, SourceUnsupportedError):
        raise
    except SourceError:
        if monotonic() - began_s > timeout_s / 2:
            raise
    finally:
        unsuited.release()
    return LibavDemuxer(url, "tcp", timeout_s, device)
