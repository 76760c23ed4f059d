"""RTP's header, read and counted with (RFC 3550 sections 5.1 and 5.3.1)."""

from __future__ import annotations

import struct
from typing import NamedTuple

VERSION = 2 << 6
MARKER = 0x80
CLOCK_HZ = 90_000
"""RTP clock of both codecs (RFC 6184 section 8.2.1, RFC 7798 section 7.1)."""

HEADER = struct.Struct(">BBHII")
"""Two bytes of flags, sequence number, timestamp and source."""
HEADER_SIZE = HEADER.size
"""Bytes of a header without contributing sources or extension."""
_PLAIN = VERSION
"""First byte of a header with neither padding, extension nor contributing sources."""
_WRAP = 1 << 32
_HALF = 1 << 31


class Header(NamedTuple):
    """What a packet says of itself.

    Attributes:
        is_marked: The marker bit, which ends a picture (RFC 6184 section 5.1).
        payload_type: 0 to 127.
        sequence: 16 bits.
        timestamp: 32 bits of the media clock.
        ssrc: The stream's source.
        begin: Where the payload begins in the packet.
        end: Where it ends.
    """

    is_marked: bool
    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    begin: int
    end: int


def parse_header(packet: memoryview) -> Header | None:
    """Return the header of `packet`, None when it is no RTP."""
    end = len(packet)
    if end < HEADER_SIZE:
        return None
    first, second, sequence, timestamp, ssrc = HEADER.unpack_from(packet)
    begin = HEADER_SIZE
    if first != _PLAIN:
        if first & 0xC0 != VERSION:
            return None
        begin += 4 * (first & 0x0F)
        if first & 0x10:
            if begin + 4 > end:
                return None
            begin += 4 + 4 * int.from_bytes(packet[begin + 2 : begin + 4], "big")
        if first & 0x20:
            # The last byte counts itself (section 5.1).
            end -= packet[-1] or end
        if begin > end:
            return None
    return Header(second >= MARKER, second & 0x7F, sequence, timestamp, ssrc, begin, end)


class Unwrapper:
    """Counts a 32-bit timestamp on past its wraps, which are 13 hours apart at 90 kHz."""

    def __init__(self) -> None:
        self._last: int | None = None

    def unwrap(self, timestamp: int) -> int:
        """Return `timestamp` as the number next to the one before; the first is 0."""
        if self._last is None:
            self._first = timestamp
            self._last = timestamp
        step = (timestamp - self._last) % _WRAP
        self._last += step - _WRAP if step >= _HALF else step
        return self._last - self._first
