"""RTP packets for tests, laid out from the RFCs and not by the code that is tested."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

START = b"\x00\x00\x00\x01"
SSRC = 0x01020304


def rtp(
    payload: bytes,
    *,
    sequence: int,
    timestamp: int = 0,
    mark: bool = False,
    payload_type: int = 96,
    ssrc: int = SSRC,
) -> memoryview:
    """Return a packet (RFC 3550 section 5.1)."""
    second = payload_type | (0x80 if mark else 0)
    head = struct.pack(">BBHII", 0x80, second, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc)
    return memoryview(head + payload)


def annexb(*nals: bytes) -> bytes:
    """Return NAL units as a byte stream (ITU-T H.264 annex B)."""
    return b"".join(START + nal for nal in nals)


def aggregate(header: bytes, *nals: bytes) -> bytes:
    """Return a STAP-A or AP with the given payload header."""
    return header + b"".join(len(nal).to_bytes(2, "big") + nal for nal in nals)


def fragments_h264(nal: bytes, size: int) -> Iterator[bytes]:
    """Yield a unit's FU-A payloads of at most `size` bytes of content (RFC 6184 section 5.8)."""
    indicator = (nal[0] & 0xE0) | 28
    for at in range(1, len(nal), size):
        ends = (0x80 if at == 1 else 0) | (0x40 if at + size >= len(nal) else 0)
        yield bytes((indicator, ends | (nal[0] & 0x1F))) + nal[at : at + size]


def fragments_h265(nal: bytes, size: int) -> Iterator[bytes]:
    """Yield a unit's FU payloads of at most `size` bytes of content (RFC 7798 section 4.4.3)."""
    header = bytes(((nal[0] & 0x81) | 49 << 1, nal[1]))
    for at in range(2, len(nal), size):
        ends = (0x80 if at == 2 else 0) | (0x40 if at + size >= len(nal) else 0)
        yield header + bytes((ends | (nal[0] >> 1 & 0x3F),)) + nal[at : at + size]


@dataclass
class Stream:
    """Numbers packets as a camera does."""

    sequence: int = 65_530
    timestamp: int = 2**32 - 6000

    def picture(self, *payloads: bytes, step: int = 6000, mark: bool = True) -> list[memoryview]:
        """Return the packets of one picture, `step` ticks after the one before."""
        self.timestamp += step
        packets = []
        for index, payload in enumerate(payloads, 1):
            is_last = mark and index == len(payloads)
            packets.append(
                rtp(payload, sequence=self.sequence, timestamp=self.timestamp, mark=is_last)
            )
            self.sequence += 1
        return packets
