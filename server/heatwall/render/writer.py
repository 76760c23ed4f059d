"""The annotated video of a rendering, by PyAV."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.error
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from heatwall.camera.scaling import frame_planes
from heatwall.errors import EncoderError
from heatwall.overlay import Planes
from heatwall.render.faststart import write_faststart

_FORMATS = {
    ".avi": "avi",
    ".m4v": "mp4",
    ".mkv": "matroska",
    ".mov": "mov",
    ".mp4": "mp4",
}
"""Names of files, and what libavformat calls what is then written."""

_INDEXED = ("mp4", "mov")
"""Formats that can't be played without an index, which is known at the end."""

SUFFIXES = tuple(_FORMATS)
"""What the name of a video may end in."""

_QUALITY = {"preset": "veryfast", "crf": "20"}
"""Of libx264: hardly to be told from the source, at the speed of a few hundred frames a second."""

_KEYFRAME_S = 2.0
"""Between two keyframes: how exactly a player can seek, and how much is lost when the process is
killed, since a fragment ends with each."""


@dataclass(frozen=True, slots=True)
class VideoFormat:
    """What a video is to be.

    Attributes:
        width: Pixels, even.
        height: Pixels, even.
        fps: Nominal frames per second.
        time_base: Seconds of one tick of its stamps.
        pixel_aspect: Width of a pixel over its height; None for square.
        color: Range, matrix, primaries and transfer as numbers of ITU-T H.273.
    """

    width: int
    height: int
    fps: float
    time_base: Fraction
    pixel_aspect: Fraction | None
    color: tuple[int, int, int, int]


class VideoWriter:
    """Writes an H.264 video without sound. Not thread-safe.

    It grows under a name of its own and gets the wanted name when it is finished. An MP4 is
    written in fragments, so that what is done can be played even when the process is killed.
    At its end it becomes a plain one with its index in front, or, where there is no room for a
    copy, at the back.

    Args:
        path: Where to; its suffix is one of `SUFFIXES`.
        video: What it is to be.

    Raises:
        EncoderError: It can't be encoded, or the file can't be written.
    """

    def __init__(self, path: Path, video: VideoFormat) -> None:
        self._path = path
        self.partial = path.with_name(f"{path.stem}.partial{path.suffix}")
        """Where it grows until it is finished."""
        self._is_avi = path.suffix.lower() == ".avi"
        self._rate = Fraction(video.fps).limit_denominator(1001)
        self._time_base = 1 / self._rate if self._is_avi else video.time_base
        self._source_base = video.time_base
        self._last = -1
        self.merged = 0
        """Frames left out: an AVI has no stamps, and they came faster than its rate."""
        self._kind = kind = _FORMATS[path.suffix.lower()]
        options = {"flush_packets": "1"}  # what is done belongs on the disk, not into a buffer
        if kind in _INDEXED:
            options["movflags"] = "hybrid_fragmented+delay_moov"
        try:
            self._container = av.open(f"file:{self.partial}", "w", format=kind, options=options)
            self._stream = self._add_stream(video)
            self._container.start_encoding()
        except (av.error.FFmpegError, ValueError, OSError) as error:
            raise self._named(error) from error
        self._frame = VideoFrame(video.width, video.height, "yuv420p")
        self.planes: Planes = frame_planes(self._frame)
        """Where the next picture's pixels belong; x264 copies them while it encodes."""

    def write(self, ticks: int) -> None:
        """Append what stands in `planes`, shown from `ticks` of the format's time base on.

        Raises:
            EncoderError: The encoder failed, or the disk is full.
        """
        if self._is_avi:
            ticks = round(ticks * self._source_base / self._time_base)
            if ticks <= self._last:
                self.merged += 1
                return
        self._last = ticks
        self._frame.pts = ticks
        self._frame.time_base = self._time_base
        self._mux(self._frame)

    def finish(self) -> None:
        """Write what is still due, and give the file its name.

        Raises:
            EncoderError: The disk is full, or the file can't get its name.
        """
        self._mux(None)
        try:
            self._container.close()
            if self._kind in _INDEXED:
                copy = self._path.with_name(f"{self._path.stem}.copy{self._path.suffix}")
                if write_faststart(self.partial, copy, self._kind):
                    copy.replace(self.partial)
            self.partial.replace(self._path)
        except (av.error.FFmpegError, OSError) as error:
            raise self._named(error) from error

    def abandon(self) -> None:
        """Close the file and leave what there is under its partial name; idempotent."""
        try:
            self._container.close()
        except (av.error.FFmpegError, OSError):
            return  # what made it fail was told already

    def discard(self) -> None:
        """Close the file and delete what there is; idempotent."""
        self.abandon()
        self.partial.unlink(missing_ok=True)

    def _mux(self, frame: VideoFrame | None) -> None:
        try:
            self._container.mux(self._stream.encode(frame))
        except (av.error.FFmpegError, ValueError, OSError) as error:
            raise self._named(error) from error

    def _add_stream(self, video: VideoFormat) -> VideoStream:
        options = _QUALITY | {"g": str(max(1, round(_KEYFRAME_S * video.fps)))}
        if self._is_avi:
            options["bf"] = "0"  # an AVI has no place for the order in which frames are shown
        stream = self._container.add_stream("libx264", rate=self._rate, options=options)
        stream.width, stream.height, stream.pix_fmt = video.width, video.height, "yuv420p"
        context = stream.codec_context
        stream.time_base = context.time_base = self._time_base
        if video.pixel_aspect is not None:
            context.sample_aspect_ratio = video.pixel_aspect
        context.color_range, context.colorspace = video.color[:2]
        context.color_primaries, context.color_trc = video.color[2:]
        return stream

    def _named(self, error: Exception) -> EncoderError:
        reason = getattr(error, "strerror", None) or str(error)
        return EncoderError(f"{self._path}: can't be written: {reason}")
