"""Reads, decodes and encodes the simulated cameras' H.264 with PyAV."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
from av.video.frame import PictureType
from av.video.reformatter import VideoReformatter

from heatwall.errors import StartError
from heatwall.rtsp.h264 import NAL_DELIMITER, NAL_IDR, NAL_PPS, NAL_SPS
from heatwall.simulator.rtp_payload import (
    nal_type,
    split_annexb,
    split_length_prefixed,
)
from heatwall.simulator.rtp_track import AccessUnit, ParameterSets, Shape, Track, VideoFormat
from heatwall.values import ByteArray

_BITS_PER_PIXEL = 0.12
"""Of the live encoder: 1.7 Mbit/s at 1280×720 and 15 fps, what a shop camera sends."""


@dataclass(frozen=True, slots=True)
class ClipFile:
    """The encoded pictures of an MP4 file, in memory.

    Attributes:
        samples: One MP4 sample a picture, in decoding and display order.
        is_key: For each sample, whether it holds an IDR.
        extradata: The file's avcC box (ISO/IEC 14496-15, 5.3.3.1).
        format: Size, rate and parameter sets.
    """

    samples: tuple[bytes, ...]
    is_key: tuple[bool, ...]
    extradata: bytes
    format: VideoFormat

    @property
    def length_size(self) -> int:
        """Bytes of the length in front of each NAL unit."""
        return (self.extradata[4] & 3) + 1


def read_clip(path: Path) -> ClipFile:
    """Read an MP4 file with one H.264 track at a constant rate.

    Blocks while reading the file; takes milliseconds.

    Raises:
        StartError: The file can't be read, holds other video, or can't be sent in a loop because
            it has B-frames or does not begin with an IDR.
    """
    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            context = stream.codec_context
            extradata = context.extradata or b""
            rate = stream.average_rate
            packets = [packet for packet in container.demux(stream) if packet.size]
            samples = tuple(bytes(packet) for packet in packets)
            times = [packet.pts or 0 for packet in packets]
            width, height, codec = context.width, context.height, context.name
    except (av.FFmpegError, IndexError) as error:
        raise StartError(f"the clip {path} can't be read: {error}") from error
    if codec != "h264" or extradata[:1] != b"\x01" or not samples or rate is None:
        raise StartError(f"the clip {path} is not an MP4 file with H.264 video")
    if times != sorted(times):
        raise StartError(f"the clip {path} has B-frames and can't be sent in a loop")
    video = VideoFormat(_avcc_parameters(extradata), float(rate), width, height)
    length_size = (extradata[4] & 3) + 1
    is_key = tuple(
        any(nal_type(nal) == NAL_IDR for nal in split_length_prefixed(sample, length_size))
        for sample in samples
    )
    if not is_key[0]:
        raise StartError(f"the clip {path} does not begin with an IDR picture")
    return ClipFile(samples, is_key, extradata, video)


def packetize_clip(clip: ClipFile) -> Track:
    """Return `clip` as access units ready to be sent, parameter sets in front of every IDR."""
    left_out = {NAL_SPS, NAL_PPS, NAL_DELIMITER}
    units = tuple(
        AccessUnit.from_nals(
            [
                nal
                for nal in split_length_prefixed(sample, clip.length_size)
                if nal_type(nal) not in left_out
            ],
            clip.format.parameters,
        )
        for sample in clip.samples
    )
    return Track(units, clip.format)


def reshape_clip(clip: ClipFile, shape: Shape, is_cancelled: Callable[[], bool]) -> Track | None:
    """Return `clip` encoded again in another shape, IDRs at the same places.

    Takes a few milliseconds a frame; runs in a thread of its caller's.

    Args:
        clip: The pictures.
        shape: Which.
        is_cancelled: Asked once a frame; True ends the work, which then returns None.
    """
    decoder = ClipDecoder(clip)
    size = shape.size(clip.format.width, clip.format.height)
    encoder = LiveEncoder(*size, clip.format.fps)
    units: list[AccessUnit] = []
    for number, is_key in enumerate(clip.is_key):
        if is_cancelled():
            return None
        picture = decoder.picture(number, *size)
        units.append(encoder.encode(picture, is_key=is_key))
    return Track(tuple(units), encoder.format)


class ClipDecoder:
    """Decodes a clip in a loop from any place; used by one thread at a time.

    Args:
        clip: The pictures.
    """

    def __init__(self, clip: ClipFile) -> None:
        self._clip = clip
        self._next = -1
        self._reformatter = VideoReformatter()
        self._context = self._open()

    def picture(self, number: int, width: int, height: int) -> ByteArray:
        """Return picture `number`, counted on over the loops, as a new I420 array.

        Returns:
            uint8 (height · 3 / 2, width): luma rows, then the U and the V plane.
        """
        index = number % len(self._clip.samples)
        start = index
        if number != self._next:
            self._context = self._open()
            start = max(i for i in range(index + 1) if self._clip.is_key[i])
        frames: list[av.VideoFrame] = []
        for at in range(start, index + 1):
            frames = self._context.decode(av.Packet(self._clip.samples[at])) or frames
        self._next = number + 1
        frame = self._reformatter.reformat(frames[-1], width=width, height=height, format="yuv420p")
        return cast("ByteArray", frame.to_ndarray())

    def _open(self) -> av.VideoCodecContext:
        """Return a decoder that gives each picture at once."""
        context = av.VideoCodecContext.create("h264", "r")
        context.extradata = self._clip.extradata
        context.thread_count = 1
        context.options = {"flags": "low_delay"}
        return context


class LiveEncoder:
    """Encodes pictures without delay, as a camera does; used by one thread at a time.

    Args:
        width: Pixels, even.
        height: Pixels, even.
        fps: Frames per second.
    """

    def __init__(self, width: int, height: int, fps: float) -> None:
        self._number = 0
        black = av.VideoFrame(width, height, "yuv420p")
        black.pts = 0
        packets = _open_encoder(width, height, fps).encode(black)
        nals = [nal for packet in packets for nal in split_annexb(bytes(packet))]
        parameters = ParameterSets(
            next(nal for nal in nals if nal_type(nal) == NAL_SPS),
            next(nal for nal in nals if nal_type(nal) == NAL_PPS),
        )
        self.format = VideoFormat(parameters, fps, width, height)
        self._context = _open_encoder(width, height, fps)

    def encode(self, picture: ByteArray, *, is_key: bool) -> AccessUnit:
        """Return `picture` as an access unit; an IDR carries its parameter sets.

        Args:
            picture: uint8 (height · 3 / 2, width), I420.
            is_key: Whether it must be an IDR; otherwise it never is.
        """
        frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
        frame.pts = self._number
        self._number += 1
        frame.pict_type = PictureType.I if is_key else PictureType.P
        stream = b"".join(bytes(packet) for packet in self._context.encode(frame))
        nals = [nal for nal in split_annexb(stream) if nal_type(nal) != NAL_DELIMITER]
        return AccessUnit.from_nals(nals, None)


def _open_encoder(width: int, height: int, fps: float) -> av.VideoCodecContext:
    """Return an encoder that gives each access unit at once."""
    context = av.VideoCodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    rate = Fraction(fps).limit_denominator(1001)
    context.framerate, context.time_base = rate, 1 / rate
    context.thread_count = 1
    bits_per_s = int(width * height * fps * _BITS_PER_PIXEL)
    context.bit_rate = bits_per_s
    context.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        # The caller places the IDRs, so that all variants of a clip have them together.
        "x264-params": "keyint=infinite:scenecut=0",
        "forced-idr": "1",
        "maxrate": str(bits_per_s),
        "bufsize": str(bits_per_s),
    }
    return context


def _avcc_parameters(extradata: bytes) -> ParameterSets:
    """Return the first SPS and PPS of an avcC box (ISO/IEC 14496-15, 5.3.3.1.2)."""
    sps_size = int.from_bytes(extradata[6:8], "big")
    sps_end = 8 + sps_size
    pps_size = int.from_bytes(extradata[sps_end + 1 : sps_end + 3], "big")
    pps_begin = sps_end + 3
    return ParameterSets(extradata[8:sps_end], extradata[pps_begin : pps_begin + pps_size])
