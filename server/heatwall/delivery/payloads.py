"""The cutting of H.264 access units into RTP payloads (RFC 6184, packetization-mode 1). Pure."""

from __future__ import annotations

from collections.abc import Iterator

from heatwall.delivery.annexb import TYPE_MASK, units

MAX_PAYLOAD = 1184
"""Bytes of one RTP payload: the 1280 that every IPv6 link takes (RFC 8200 section 5) less IPv6 and
UDP (48), RTP with its extensions (28), SRTP's longest tag (16) and what a retransmission adds (2),
rounded down."""

_STAP_A = 24
_FU_A = 28
_NRI_MASK = 0x60
_FU_START = 0x80
_FU_END = 0x40


def packetise(annexb: bytes) -> list[bytes]:
    """Return the RTP payloads of one Annex B access unit, in sending order.

    Small neighbours share a STAP-A (RFC 6184 section 5.7.1), a small unit alone travels as it is
    (5.6), and a large one is cut into FU-A (5.8) of one size, but for a smaller last one: so the
    kernel can cut them from one buffer (see `heatwall.delivery.wire`).
    """
    payloads: list[bytes] = []
    group: list[bytes] = []
    room = MAX_PAYLOAD - 1
    for unit in units(annexb):
        needed = 2 + len(unit)
        if group and needed > room:
            payloads.append(_aggregate(group))
            group, room = [], MAX_PAYLOAD - 1
        if len(unit) > MAX_PAYLOAD:
            payloads += _fragments(unit)
        else:
            group.append(unit)
            room -= needed
    if group:
        payloads.append(_aggregate(group))
    return payloads


def _aggregate(group: list[bytes]) -> bytes:
    if len(group) == 1:
        return group[0]
    # The aggregate is as important as its most important member (RFC 6184 section 5.7.1).
    importance = max(unit[0] & _NRI_MASK for unit in group)
    parts = [bytes((importance | _STAP_A,))]
    for unit in group:
        parts += (len(unit).to_bytes(2, "big"), unit)
    return b"".join(parts)


def _fragments(unit: bytes) -> Iterator[bytes]:
    size = len(unit) - 1  # its header is told by the fragments' own
    count = -(-size // (MAX_PAYLOAD - 2))
    step = -(-size // count)
    indicator = (unit[0] & ~TYPE_MASK) | _FU_A
    kind = unit[0] & TYPE_MASK
    for index in range(count):
        begin = 1 + index * step
        edge = (_FU_START if index == 0 else 0) | (_FU_END if index == count - 1 else 0)
        yield bytes((indicator, edge | kind)) + unit[begin : begin + step]
