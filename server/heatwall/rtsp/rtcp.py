"""Lays out and reads RTCP reports (RFC 3550 section 6)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from heatwall.ntp import ntp_time
from heatwall.rtsp.rtp import VERSION

_SENDER_REPORT = 200
_RECEIVER_REPORT = 201
_SOURCE_DESCRIPTION = 202
_BYE = 203
_CNAME = 1

_HEAD = struct.Struct(">BBH")
_SENDER = struct.Struct(">BBHIIIIII")
_RECEIVER = struct.Struct(">BBHIIIIIII")


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
    ntp = ntp_time(round(unix_s * 1e9))
    report = _SENDER.pack(
        VERSION,
        _SENDER_REPORT,
        _SENDER.size // 4 - 1,
        ssrc,
        ntp >> 32,
        ntp & 0xFFFFFFFF,
        timestamp & 0xFFFFFFFF,
        packets & 0xFFFFFFFF,
        octets & 0xFFFFFFFF,
    )
    return report + _named(ssrc, cname)


@dataclass(frozen=True, slots=True)
class Reception:
    """What a receiver has seen of one stream.

    Attributes:
        ssrc: The stream's source.
        lost: Packets missed since the beginning.
        lost_share: Of those expected since the last report, 0 to 1.
        highest: The sequence number seen last, with its wraps above the 16th bit.
        jitter: In ticks of the media clock (RFC 3550 section 6.4.1).
        last_report: The middle 32 bits of the last sender report's NTP time; 0 for none.
        since_report_s: Seconds since that report came.
    """

    ssrc: int
    lost: int
    lost_share: float
    highest: int
    jitter: int
    last_report: int = 0
    since_report_s: float = 0.0


def receiver_report(ssrc: int, seen: Reception, cname: str) -> bytes:
    """Return a compound RTCP packet: receiver report, then CNAME (RFC 3550 sections 6.4.2, 6.5).

    Args:
        ssrc: The receiver's own source.
        seen: What it reports.
        cname: The receiver's name, ASCII.
    """
    report = _RECEIVER.pack(
        VERSION | 1,
        _RECEIVER_REPORT,
        _RECEIVER.size // 4 - 1,
        ssrc,
        seen.ssrc,
        min(255, int(seen.lost_share * 256)) << 24 | min(seen.lost, 0x7FFFFF),
        seen.highest & 0xFFFFFFFF,
        min(seen.jitter, 0xFFFFFFFF),
        seen.last_report,
        min(int(seen.since_report_s * 65_536), 0xFFFFFFFF) if seen.last_report else 0,
    )
    return report + _named(ssrc, cname)


@dataclass(frozen=True, slots=True)
class Heard:
    """What matters to a receiver of a sender's RTCP.

    Attributes:
        last_report: The middle 32 bits of a sender report's NTP time; None when it has none.
        is_bye: Whether the sender ends the stream.
    """

    last_report: int | None
    is_bye: bool


def parse_reports(compound: memoryview) -> Heard:
    """Return what a compound RTCP packet says; what is broken in it says nothing."""
    last_report: int | None = None
    is_bye = False
    at = 0
    while at + _HEAD.size <= len(compound):
        first, kind, words = _HEAD.unpack_from(compound, at)
        end = at + 4 * (words + 1)
        if first & 0xC0 != VERSION or end > len(compound):
            break
        if kind == _SENDER_REPORT and end - at >= _SENDER.size:
            last_report = int.from_bytes(compound[at + 10 : at + 14], "big")
        is_bye = is_bye or kind == _BYE
        at = end
    return Heard(last_report, is_bye)


def _named(ssrc: int, cname: str) -> bytes:
    """Return a source description with the name of `ssrc` (RFC 3550 section 6.5)."""
    name = cname.encode("ascii")
    chunk = struct.pack(">IBB", ssrc, _CNAME, len(name)) + name
    # The list of items ends with at least one zero byte, up to the next 32-bit boundary.
    chunk += bytes(4 - len(chunk) % 4)
    return _HEAD.pack(VERSION | 1, _SOURCE_DESCRIPTION, len(chunk) // 4) + chunk
