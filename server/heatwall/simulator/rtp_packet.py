"""Lays out RTP and RTCP packets as bytes (RFC 3550)."""

from __future__ import annotations

import struct

PAYLOAD_TYPE = 96
"""First of the dynamic payload types (RFC 3551 section 6)."""
CLOCK_HZ = 90_000
"""RTP clock of all video payloads used here (RFC 6184 section 8.2.1)."""

_VERSION = 2 << 6
_MARKER = 0x80
_SENDER_REPORT = 200
_SOURCE_DESCRIPTION = 202
_CNAME = 1
_NTP_EPOCH_S = 2_208_988_800
"""Seconds from 1900 (NTP) to 1970 (Unix): RFC 868."""

_RTP = struct.Struct(">BBHII")
_FRAMED_RTP = struct.Struct(">BBHBBHII")
_FRAME = struct.Struct(">BBH")
_REPORT = struct.Struct(">BBHIIIIII")
_DOLLAR = 0x24

HEADER_SIZE = _RTP.size
"""Bytes of an RTP header without contributing sources or extension."""


def rtp_header(*, is_last: bool, sequence: int, timestamp: int, ssrc: int) -> bytes:
    """Return an RTP header (RFC 3550 section 5.1); `is_last` sets the marker bit."""
    second = PAYLOAD_TYPE | _MARKER if is_last else PAYLOAD_TYPE
    return _RTP.pack(_VERSION, second, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc)


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
        second = PAYLOAD_TYPE | _MARKER if index == last else PAYLOAD_TYPE
        header = pack(
            _DOLLAR,
            channel,
            HEADER_SIZE + len(payload),
            _VERSION,
            second,
            (sequence + index) & 0xFFFF,
            timestamp & 0xFFFFFFFF,
            ssrc,
        )
        parts += (header, payload)
    return b"".join(parts)


def interleaved(packet: bytes, channel: int) -> bytes:
    """Return one RTP or RTCP packet framed for an RTSP connection (RFC 2326 section 10.12)."""
    return _FRAME.pack(_DOLLAR, channel, len(packet)) + packet


def ntp_time(unix_s: float) -> int:
    """Return the 64-bit NTP time stamp of `unix_s`, seconds since 1970 UTC (RFC 3550 section 4)."""
    whole = int(unix_s)
    return ((whole + _NTP_EPOCH_S) << 32) | int((unix_s - whole) * (1 << 32))


def sender_report(
    *, ssrc: int, unix_s: float, timestamp: int, packets: int, octets: int, cname: str
) -> bytes:
    """Return a compound RTCP packet: sender report, then CNAME (RFC 3550 sections 6.4.1, 6.5).

    Args:
        ssrc: The stream's source.
        unix_s: Wall time of this instant, seconds since 1970 UTC.
        timestamp: RTP time of the same instant.
        packets: RTP packets sent so far.
        octets: Payload bytes sent so far.
        cname: The camera's name for the whole session, ASCII.
    """
    ntp = ntp_time(unix_s)
    report = _REPORT.pack(
        _VERSION,
        _SENDER_REPORT,
        _REPORT.size // 4 - 1,
        ssrc,
        ntp >> 32,
        ntp & 0xFFFFFFFF,
        timestamp & 0xFFFFFFFF,
        packets & 0xFFFFFFFF,
        octets & 0xFFFFFFFF,
    )
    name = cname.encode("ascii")
    chunk = struct.pack(">IBB", ssrc, _CNAME, len(name)) + name
    # The list of items ends with at least one zero byte, up to the next 32-bit boundary.
    chunk += bytes(4 - len(chunk) % 4)
    head = struct.pack(">BBH", _VERSION | 1, _SOURCE_DESCRIPTION, len(chunk) // 4)
    return report + head + chunk
