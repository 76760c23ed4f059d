"""Decoded frames of one camera, by PyAV."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import av
import av.error
import av.logging
import cv2
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from av.video.stream import VideoStream

from heatwall.camera.libav import LibavDemuxer
from heatwall.camera.rtsp_demuxer import RtspDemuxer
from heatwall.camera.rtsp_dialogue import UnsuitedError
from heatwall.clock import monotonic
from heatwall.errors import SourceError, SourceRefusedError, SourceUnsupportedError
from heatwall.overlay import Planes
from heatwall.values import ByteArray, SecretUrl

# libav prints URLs with their passwords; what matters of its messages reaches us as exceptions.
# Nothing at all rather than what is fatal: PyAV's own handler takes the GIL for each error, from
# the decoder's threads too, and waits for ever when a decoder is freed at that moment.
av.logging.set_level(None)

_PLANAR = frozenset({"yuv420p"})
"""Formats whose planes are taken as they are; all others go through swscale once."""


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

    Raises:
        SourceRefusedError: The camera refused the credentials.
        SourceUnsupportedError: There is no video that can be decoded.
        SourceError: No answer, or anything else.
    """

    def __init__(self, url: SecretUrl, transport: str, timeout_s: float) -> None:
        self._demuxer = _open(url, transport, timeout_s)
        self.decode_s = 0.0
        """Seconds spent in the decoder so far."""

    @property
    def codec(self) -> str:
        """The codec's name, such as `h264`."""
        return self._demuxer.decoder.name

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


def _open(url: SecretUrl, transport: str, timeout_s: float) -> _Demuxer:
    """Open a stream by our own client if it is one for it, else by libavformat."""
    if transport == "tcp" and url.secret.lower().startswith("rtsp://"):
        try:
            return RtspDemuxer(url, timeout_s)
        except UnsuitedError as unsuited:
            return _open_instead(url, timeout_s, unsuited)
    return LibavDemuxer(url, transport, timeout_s)


def _open_instead(url: SecretUrl, timeout_s: float, unsuited: UnsuitedError) -> LibavDemuxer:
    """Open by libavformat what our own client does not play, and let go of that one's connection.

    Once more after it is closed, for cameras that take one connection only.
    """
    began_s = monotonic()
    try:
        return LibavDemuxer(url, "tcp", timeout_s)
    except (SourceRefusedError, SourceUnsupportedError):
        raise
    except SourceError:
        if monotonic() - began_s > timeout_s / 2:
            raise
    finally:
        unsuited.release()
    return LibavDemuxer(url, "tcp", timeout_s)


class DetectScaler:
    """Scales frames to RGB for the detector, in one pass. Not thread-safe."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def scale(self, decoded: DecodedFrame, width: int, height: int) -> ByteArray:
        """Return uint8 (height, width, 3), RGB, a view valid until the frame is dropped."""
        frame = self._reformatter.reformat(
            decoded.frame, width, height, "rgb24", interpolation=Interpolation.AREA
        )
        plane = frame.planes[0]
        rows: ByteArray = np.frombuffer(memoryview(plane), np.uint8)
        return rows.reshape(height, plane.line_size)[:, : width * 3].reshape(height, width, 3)


class TileScaler:
    """Scales frames into the planes of an encoder's picture. Not thread-safe."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def scale(self, decoded: DecodedFrame, planes: Planes) -> None:
        """Fill `planes` with the frame at their size, limited range."""
        frame = decoded.frame
        height, width = planes[0].shape
        if frame.format.name not in _PLANAR:
            frame = self._reformatter.reformat(
                frame, width, height, "yuv420p", interpolation=Interpolation.AREA
            )
        for source, target in zip(frame_planes(frame), planes, strict=True):
            if source.shape == target.shape:
                np.copyto(target, source)
            else:
                cv2.resize(
                    source,
                    (target.shape[1], target.shape[0]),
                    dst=target,
                    interpolation=cv2.INTER_AREA,
                )


def frame_planes(frame: VideoFrame) -> Planes:
    """Return views of a yuv420p frame's planes, without their padding."""
    sizes = (
        (frame.height, frame.width),
        ((frame.height + 1) // 2, (frame.width + 1) // 2),
        ((frame.height + 1) // 2, (frame.width + 1) // 2),
    )
    y, u, v = (
        np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[:height, :width]
        for plane, (height, width) in zip(frame.planes, sizes, strict=True)
    )
    return y, u, v
