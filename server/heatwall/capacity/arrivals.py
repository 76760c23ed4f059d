"""What a viewer learns from the headers of the packets that arrive; pure."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

_HEADER = struct.Struct("!BBHII")
"""RTP fixed header (RFC 3550 section 5.1). SRTP leaves it readable (RFC 3711 section 3.1)."""

_RTCP_TYPES = range(64, 96)
"""Second byte less its highest bit, where RTCP and RTP share a port (RFC 5761 section 4)."""

_CLOCK_HZ = 90_000
_SSRC = re.compile(r"^a=ssrc:(\d+) ", re.MULTILINE)
_GROUP = re.compile(r"^a=ssrc-group:FID (\d+) ", re.MULTILINE)


def is_rtp(datagram: bytes) -> bool:
    """Return whether a datagram is RTP, not RTCP, DTLS or STUN (RFC 7983 section 7)."""
    return (
        len(datagram) >= _HEADER.size
        and 128 <= datagram[0] < 192
        and datagram[1] & 0x7F not in _RTCP_TYPES
    )


def ssrc_of(datagram: bytes) -> int:
    """Return the SSRC of an RTP packet."""
    return int.from_bytes(datagram[8:12], "big")


def answered_ssrcs(sdp: str) -> list[int]:
    """Return the SSRC of each video m-line of an SDP answer, that of the pictures, not of RTX."""
    sections = re.split(r"^m=", sdp, flags=re.MULTILINE)[1:]
    found = []
    for section in sections:
        match = _GROUP.search(section) or _SSRC.search(section)
        if section.startswith("video") and match:
            found.append(int(match.group(1)))
    return found


@dataclass(frozen=True, slots=True)
class Taken:
    """What arrived on a stream since it was last asked.

    Attributes:
        pictures: RTP time and arrival (monotonic seconds) of each picture that came whole.
        broken: Pictures of which packets are missing.
        packets: Packets that came.
        lost: Packets that did not.
    """

    pictures: tuple[tuple[int, float], ...]
    broken: int
    packets: int
    lost: int


@dataclass(frozen=True, slots=True)
class Total:
    """Packets of a stream since its beginning: those that came, and those that did not."""

    packets: int
    lost: int


class StreamLog:
    """Counts the packets and pictures of one RTP stream by their headers."""

    def __init__(self) -> None:
        self._pictures: list[tuple[int, float]] = []
        self._broken = self._packets = self._lost = 0
        self._next: int | None = None
        self._is_broken = False
        self.last_sequence = 0
        self.total = Total(0, 0)

    def add(self, packet: bytes, arrival_s: float) -> bool:
        """Note a packet; return whether it ends a picture that came whole."""
        _, marked_type, sequence, rtp_time, _ = _HEADER.unpack_from(packet)
        ahead = 0 if self._next is None else (sequence - self._next) & 0xFFFF
        if ahead >= 0x8000:
            return False  # late or twice: it counts as lost, since a picture went on without it
        self._packets += 1
        self._next = (sequence + 1) & 0xFFFF
        self._lost += ahead
        self._is_broken |= ahead > 0
        self.last_sequence = sequence
        self.total = Total(self.total.packets + 1, self.total.lost + ahead)
        if not marked_type & 0x80:
            return False
        was_broken, self._is_broken = self._is_broken, False
        if was_broken:
            self._broken += 1
            return False
        self._pictures.append((rtp_time, arrival_s))
        return True

    def take(self) -> Taken:
        """Return what came since the last call."""
        taken = Taken(tuple(self._pictures), self._broken, self._packets, self._lost)
        self._pictures = []
        self._broken = self._packets = self._lost = 0
        return taken


@dataclass(frozen=True, slots=True)
class CameraClock:
    """When a simulated camera captures.

    Attributes:
        epoch_s: Capture time of its frame 0, monotonic seconds.
        fps: Frames per second.
        frames: Frames of its loop; each carries its number within the loop as a barcode.
    """

    epoch_s: float
    fps: float
    frames: int


class CaptureTimes:
    """Turns RTP times into the capture times of a simulated camera.

    RTP times begin anywhere (RFC 3550 section 5.1), so that one picture has to be looked at: its
    barcode says which frame of the loop it is. From there each step in RTP time is rounded to
    whole frames, so that what the server thinks of the camera's clock shifts nothing.

    Args:
        clock: The camera's.
    """

    def __init__(self, clock: CameraClock) -> None:
        self._clock = clock
        self._rtp_time: int | None = None
        self._number = 0

    @property
    def is_known(self) -> bool:
        """Whether a picture has been looked at."""
        return self._rtp_time is not None

    def anchor(self, rtp_time: int, number: int, seen_s: float) -> None:
        """Note that the picture at `rtp_time` is frame `number` of the loop, seen by `seen_s`."""
        newest = int((seen_s - self._clock.epoch_s) * self._clock.fps)
        self._rtp_time = rtp_time
        self._number = newest - (newest - number) % self._clock.frames

    def captured_s(self, rtp_time: int) -> float:
        """Return when the picture was captured, monotonic seconds; call in the order of arrival.

        Raises:
            ValueError: No picture has been looked at.
        """
        if self._rtp_time is None:
            raise ValueError("no picture has been looked at")
        ticks = ((rtp_time - self._rtp_time + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)
        self._number += round(ticks * self._clock.fps / _CLOCK_HZ)
        self._rtp_time = rtp_time
        return self._clock.epoch_s + self._number / self._clock.fps
