"""The frames of a file or a stream that is rendered, by PyAV."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.error
import av.logging
from av.container import InputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from heatwall.camera.source import DecodedFrame
from heatwall.errors import SourceError, SourceRefusedError, SourceUnsupportedError
from heatwall.render.media_clock import Instant, MediaClock
from heatwall.values import SecretUrl

# Nothing at all rather than what is fatal: PyAV's own handler takes the GIL for each error, from
# the decoder's threads too, and waits for ever when a decoder is freed at that moment.
av.logging.set_level(None)

_USUAL_FPS = 25.0
"""Of a stream that does not say how fast it is."""

_MISSING_S = 1.0
"""A file that ends earlier than its header says by more than this was cut off: the lengths of a
header are those of the longest stream, and rounded."""


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What is known of a video before it is rendered.

    Attributes:
        source: Its path or URL, without credentials.
        codec: Name of the codec, such as `h264`.
        width: Pixels, upright.
        height: Pixels, upright.
        quarter_turns: Turns by 90° against the clock that make its frames upright, 0 to 3.
        fps: Nominal frames per second.
        time_base: Seconds of one tick of its stamps.
        duration_s: Length in seconds; None when nobody knows, as for a live stream.
        has_audio: Whether it has sound.
        is_live: Whether it comes over the network as it happens.
        pixel_aspect: Width of a pixel over its height, as it is stored; None for square.
        color: Range, matrix, primaries and transfer as numbers of ITU-T H.273.
    """

    source: str
    codec: str
    width: int
    height: int
    quarter_turns: int
    fps: float
    time_base: Fraction
    duration_s: float | None
    has_audio: bool
    is_live: bool
    pixel_aspect: Fraction | None
    color: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class MediaFrame:
    """One frame, and when it is shown.

    Attributes:
        decoded: The frame, not yet upright.
        instant: Its media time.
    """

    decoded: DecodedFrame
    instant: Instant


class VideoReader:
    """An open video. Not thread-safe; for a stream, every call may block up to the time-out.

    Args:
        source: A path, or an RTSP or HTTP address.
        transport: `tcp` or `udp`, for RTSP.
        timeout_s: Longest silence of a stream before it counts as dead, seconds.

    Raises:
        SourceRefusedError: The server refused the credentials.
        SourceUnsupportedError: There is no video that can be decoded.
        SourceError: It is not there, can't be read, or has no frame.
    """

    def __init__(self, source: Path | SecretUrl, transport: str, timeout_s: float) -> None:
        self._source = source
        self._timeout_s = timeout_s
        self._broken = 0
        self._failure: str | None = None
        self._last_s = 0.0
        try:
            if isinstance(source, Path) and source.stat().st_size == 0:
                raise SourceError(f"{source}: the file is empty")
            self._container = _open(source, transport, timeout_s)
        except (av.error.FFmpegError, ValueError, OSError) as error:
            raise _named(str(source), error) from error
        try:
            self._stream = _choose(self._container, str(source))
            self._stream.thread_type = "AUTO"
            self._decoded = self._decode()
            first = next(self._decoded, None)
            if first is None:
                reason = self._failure or "it has no frame that can be decoded"
                raise SourceError(f"{source}: {reason}")
            self._first = first
            self.facts = self._examine(first)
        except BaseException:
            self.close()
            raise

    @property
    def warning(self) -> str | None:
        """What was wrong with the video, for people, or None; complete once `frames` has ended."""
        place = f"at {clock_text(self._last_s)}"
        if self._failure is not None:
            return f"broke off {place}: {self._failure}"
        length_s = self.facts.duration_s
        if length_s is not None and self._is_read and self._last_s < length_s - self._slack_s:
            return f"ends {place}, though its header says {clock_text(length_s)}: it was cut off"
        if self._broken:
            return f"has {self._broken} damaged packet{'' if self._broken == 1 else 's'}"
        return None

    def frames(self) -> Iterator[MediaFrame]:
        """Yield all frames in the order that they are shown in; to be called once.

        Ends where the video ends or breaks off; `warning` then tells which.
        """
        clock = MediaClock(self.facts.time_base, 1 / self.facts.fps)
        frame: VideoFrame | None = self._first
        while frame is not None:
            instant = clock.instant(frame.pts)
            self._last_s = instant.time_s
            yield MediaFrame(DecodedFrame(frame, None, frame.width, frame.height), instant)
            frame = next(self._decoded, None)
        self._is_read = True

    def close(self) -> None:
        """Close the video; idempotent."""
        self._container.close()

    _is_read = False

    @property
    def _slack_s(self) -> float:
        return _MISSING_S + 2 / self.facts.fps

    def _decode(self) -> Iterator[VideoFrame]:
        """Yield what can be decoded; what stops it is kept in `_failure`."""
        try:
            for packet in self._container.demux(self._stream):
                try:
                    frames = packet.decode()
                except av.error.InvalidDataError:
                    # One broken access unit: the decoder goes on at the next keyframe.
                    self._broken += 1
                    continue
                yield from (frame for frame in frames if isinstance(frame, VideoFrame))
        except (av.error.FFmpegError, ValueError, OSError) as error:
            self._failure = _reason(error)

    def _examine(self, first: VideoFrame) -> VideoFacts:
        stream, container = self._stream, self._container
        turns = round(first.rotation / 90) % 4
        sides = (first.width, first.height) if turns % 2 == 0 else (first.height, first.width)
        rate = stream.average_rate or stream.guessed_rate
        aspect = stream.sample_aspect_ratio
        is_live = isinstance(self._source, SecretUrl) and container.duration is None
        return VideoFacts(
            source=str(self._source),
            codec=stream.codec_context.name,
            width=sides[0],
            height=sides[1],
            quarter_turns=turns,
            fps=float(rate) if rate else _USUAL_FPS,
            time_base=stream.time_base or Fraction(1, 90_000),
            duration_s=_length(container),
            has_audio=bool(container.streams.audio),
            is_live=is_live,
            pixel_aspect=None if not aspect or aspect == 1 else Fraction(aspect),
            color=(
                int(first.color_range),
                int(first.colorspace),
                int(first.color_primaries),
                int(first.color_trc),
            ),
        )


def clock_text(seconds: float) -> str:
    """Return a media time for people: `0:07`, `12:30` or `1:02:03`."""
    whole = max(0, int(seconds))
    minutes, left = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def _open(source: Path | SecretUrl, transport: str, timeout_s: float) -> InputContainer:
    if isinstance(source, Path):
        # By its protocol: a name such as `12:30.mp4` would be taken for one.
        return av.open(f"file:{source}")
    microseconds = str(int(timeout_s * 1e6))
    if source.secret.lower().startswith("rtsp"):
        options = {
            "rtsp_transport": transport,
            "allowed_media_types": "video",
            "timeout": microseconds,
        }
    else:
        options = {"rw_timeout": microseconds}
    return av.open(source.secret, options=options)


def _choose(container: InputContainer, source: str) -> VideoStream:
    """Return the first stream with moving pictures; the cover of a song is none."""
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:
            return stream
    kinds = "sound alone" if container.streams.audio else "no video"
    raise SourceUnsupportedError(f"{source}: it holds {kinds}")


def _length(container: InputContainer) -> float | None:
    """Return the length that a header announces, seconds."""
    ticks = container.duration or 0
    if "matroska" in container.format.name:
        # There it counts from a stamp of zero, wherever the first frame is.
        ticks -= max(0, container.start_time or 0)
    return ticks / av.time_base if ticks > 0 else None


def _named(source: str, error: Exception) -> SourceError:
    """Return the error of opening a source, in words that say what to do."""
    kind: type[SourceError] = SourceError
    if isinstance(error, (av.error.HTTPUnauthorizedError, av.error.HTTPForbiddenError)):
        kind = SourceRefusedError
    elif isinstance(error, av.error.DecoderNotFoundError):
        kind = SourceUnsupportedError
    return kind(f"{source}: {_reason(error)}")


def _reason(error: Exception) -> str:
    known: tuple[tuple[type[BaseException], str], ...] = (
        (av.error.HTTPUnauthorizedError, "the server refused the user or password"),
        (av.error.HTTPForbiddenError, "the server refused the user or password"),
        (av.error.HTTPNotFoundError, "the server does not know this path"),
        (av.error.DecoderNotFoundError, "its codec can't be decoded here"),
        (av.error.InvalidDataError, "it is no video, or it is damaged"),
        (TimeoutError, "no answer in time"),
        (ConnectionRefusedError, "connection refused: nothing listens at this address"),
        (FileNotFoundError, "the file is not there"),
        (IsADirectoryError, "it is a folder"),
        (PermissionError, "it may not be read"),
    )
    for kind, words in known:
        if isinstance(error, kind):
            return words
    if isinstance(error, OSError) and error.errno == errno.EIO:
        return (
            "it can't be read: unknown host, no network, or a server that serves no parts of files"
        )
    return f"it can't be read: {getattr(error, 'strerror', None) or type(error).__name__}"
