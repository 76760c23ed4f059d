"""The values that describe a camera's video, ready to be sent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from heatwall.rtsp.h264 import NAL_IDR
from heatwall.rtsp.rtp import CLOCK_HZ
from heatwall.simulator.rtp_payload import nal_type, packetize


@dataclass(frozen=True, slots=True)
class ParameterSets:
    """What a decoder must know before the first slice.

    Attributes:
        sps: Sequence parameter set, one NAL unit without start code.
        pps: Picture parameter set, likewise.
    """

    sps: bytes
    pps: bytes

    @property
    def profile_level_id(self) -> str:
        """The three bytes after the SPS header as hexadecimal (RFC 6184 section 8.1)."""
        return self.sps[1:4].hex()


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One encoded picture, cut into RTP payloads once for all its viewers.

    Attributes:
        payloads: RTP payloads in sending order; the last carries the marker.
        is_key: True for an IDR picture.
        size: Bytes of all payloads.
    """

    payloads: tuple[bytes, ...]
    is_key: bool
    size: int

    @classmethod
    def from_nals(cls, nals: list[bytes], parameters: ParameterSets | None) -> AccessUnit:
        """Return the access unit of `nals`; an IDR gets `parameters` in front of it."""
        is_key = any(nal_type(nal) == NAL_IDR for nal in nals)
        head = [parameters.sps, parameters.pps] if is_key and parameters is not None else []
        payloads = packetize([*head, *nals])
        return cls(payloads, is_key, sum(map(len, payloads)))


@dataclass(frozen=True, slots=True)
class VideoFormat:
    """What a camera tells of its video before it sends any.

    Attributes:
        parameters: SPS and PPS.
        fps: Frames per second, constant.
        width: Pixels.
        height: Pixels.
    """

    parameters: ParameterSets
    fps: float
    width: int
    height: int


class Shape(StrEnum):
    """What size the pictures have, against the clip's."""

    NORMAL = "normal"
    """The clip's own."""
    SMALL = "small"
    """Half its width and height."""
    NARROW = "narrow"
    """Three quarters of its width: 4:3 where it is 16:9, so that another aspect comes."""

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Return width and height in this shape, pixels; even, as 4:2:0 video must be.

        Args:
            width: The clip's, pixels.
            height: The clip's, pixels.
        """
        match self:
            case Shape.SMALL:
                return _even(width / 2), _even(height / 2)
            case Shape.NARROW:
                return _even(width * 3 / 4), height
            case _:
                return width, height


@dataclass(frozen=True, slots=True)
class Track:
    """A clip that can be sent in a loop: each access unit refers to earlier ones only.

    Attributes:
        units: At least one, in both decoding and display order; the first is an IDR.
        format: Of all of them.
    """

    units: tuple[AccessUnit, ...]
    format: VideoFormat


@dataclass(frozen=True, slots=True)
class FrameClock:
    """Maps the frames of a live camera to time, without drift.

    Attributes:
        epoch_s: Capture time of frame 0, monotonic seconds.
        fps: Frames per second.
        rtp_base: RTP time of frame 0.
    """

    epoch_s: float
    fps: float
    rtp_base: int

    def due_s(self, number: int) -> float:
        """Return the capture time of frame `number`, monotonic seconds."""
        return self.epoch_s + number / self.fps

    def next_number(self, now_s: float) -> int:
        """Return the first frame whose capture time is not before `now_s`."""
        number = max(0, round((now_s - self.epoch_s) * self.fps))
        return number if self.due_s(number) >= now_s else number + 1

    def rtp_time(self, number: int) -> int:
        """Return the RTP time of frame `number`, modulo 2^32."""
        return (self.rtp_base + round(number * CLOCK_HZ / self.fps)) & 0xFFFFFFFF

    def rtp_time_at(self, now_s: float) -> int:
        """Return the RTP time of the instant `now_s`, monotonic seconds, modulo 2^32."""
        return (self.rtp_base + round((now_s - self.epoch_s) * CLOCK_HZ)) & 0xFFFFFFFF


def _even(size: float) -> int:
    return max(int(size) // 2 * 2, 2)
