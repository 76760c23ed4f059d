"""Lays out RTP packets as bytes (RFC 3550)."""

from __future__ import annotations

import struct

from heatwall.rtsp.interleaved import DOLLAR
from heatwall.rtsp.rtp import HEADER, HEADER_SIZE, MARKER, VERSION

PAYLOAD_TYPE = 96
"""First of the dynamic payload types (RFC 3551 section 6)."""

_FRAMED_RTP = struct.Struct(">BBHBBHII")


def rtp_header(*, is_last: bool, sequence: int, timestamp: int, ssrc: int) -> bytes:
    """Return an RTP header (RFC 3550 section 5.1); `is_last` sets the marker bit."""
    second = PAYLOAD_TYPE | MARKER if is_last else PAYLOAD_TYPE
    return HEADER.pack(VERSION, second, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc)


def interleaved_unit(
    payloads: tuple[bytes, ...], *, channel: int, sequence: int, timestamp: int, ssrc: int
) -> bytes:
    """Return a whole access unit framed for an RTSP connection (RFC 2326 section 10.12).

    One string for all packets, so that a frame costs one write whatever its size.
    """
    pack = _FRAMED_RTP.pack
    last = len(payloads) - 1
    parts: list[bytes] = []
    for index, payload in enumerate(payloads):
        second = PAYLOAD_TYPE | MARKER if index == last else PAYLOAD_TYPE
        header = pack(
            DOLLAR,
            channel,
            HEADER_SIZE + len(payload),
            VERSION,
            second,
            (sequence + index) & 0xFFFF,
            timestamp & 0xFFFFFFFF,
            ssrc,
        )
        parts += (header, payload)
    return b"".join(parts)
