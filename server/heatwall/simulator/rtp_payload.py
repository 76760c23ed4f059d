"""Cuts H.264 access units into RTP payloads (RFC 6184, packetization-mode 1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from heatwall.rtsp.h264 import FU_A, STAP_A, TYPE_MASK

MAX_PAYLOAD = 1400
"""Bytes of one RTP payload: 1500 of Ethernet less IP, UDP, RTP and room for a tunnel."""

_NRI_MASK = 0x60
_FU_START = 0x80
_FU_END = 0x40


def nal_type(nal: bytes) -> int:
    """Return the nal_unit_type of `nal`, which begins with its one-byte header."""
    return nal[0] & TYPE_MASK


def split_length_prefixed(sample: bytes, length_size: int) -> Iterator[bytes]:
    """Yield the NAL units of an MP4 sample (ISO/IEC 14496-15, 5.3.4.2).

    Args:
        sample: NAL units, each behind its length.
        length_size: Bytes of each length, 1, 2 or 4.

    Raises:
        ValueError: A length points beyond the end.
    """
    at = 0
    while at < len(sample):
        begin = at + length_size
        end = begin + int.from_bytes(sample[at:begin], "big")
        if end > len(sample) or end == begin:
            raise ValueError(f"NAL unit at byte {at} does not fit its sample of {len(sample)}")
        yield sample[begin:end]
        at = end


def split_annexb(stream: bytes) -> Iterator[bytes]:
    """Yield the NAL units of a byte stream with start codes (ITU-T H.264 annex B)."""
    begin = stream.find(b"\x00\x00\x01")
    while begin >= 0:
        begin += 3
        end = stream.find(b"\x00\x00\x01", begin)
        nal = stream[begin:] if end < 0 else stream[begin:end]
        # A four-byte start code leaves its first zero behind; no NAL unit ends in a zero byte.
        nal = nal.rstrip(b"\x00")
        if nal:
            yield nal
        begin = end


def packetize(nals: Iterable[bytes], max_payload: int = MAX_PAYLOAD) -> tuple[bytes, ...]:
    """Return the RTP payloads of one access unit, in sending order.

    Small neighbours share a STAP-A (RFC 6184 section 5.7.1), large units are cut into FU-A
    (section 5.8), the rest travel alone (section 5.6). The caller sets the marker bit on the last.
    """
    payloads: list[bytes] = []
    group: list[bytes] = []
    for nal in nals:
        if group and _stap_size(group) + 2 + len(nal) > max_payload:
            payloads.append(_join(group))
            group = []
        if len(nal) > max_payload:
            payloads.extend(_fragment(nal, max_payload))
        else:
            group.append(nal)
    if group:
        payloads.append(_join(group))
    return tuple(payloads)


def _stap_size(group: list[bytes]) -> int:
    """Return the bytes of a STAP-A that holds `group`."""
    return 1 + sum(2 + len(nal) for nal in group)


def _join(group: list[bytes]) -> bytes:
    """Return one payload for one or more small NAL units."""
    if len(group) == 1:
        return group[0]
    # The aggregate's importance is the highest of its members' (RFC 6184 section 5.7.1).
    importance = max(nal[0] & _NRI_MASK for nal in group)
    parts = [bytes([importance | STAP_A])]
    for nal in group:
        parts += (len(nal).to_bytes(2, "big"), nal)
    return b"".join(parts)


def _fragment(nal: bytes, max_payload: int) -> Iterator[bytes]:
    """Yield the FU-A payloads of one NAL unit that is too large for a packet."""
    indicator = (nal[0] & ~TYPE_MASK) | FU_A
    step = max_payload - 2
    for at in range(1, len(nal), step):
        header = nal[0] & TYPE_MASK
        if at == 1:
            header |= _FU_START
        if at + step >= len(nal):
            header |= _FU_END
        yield bytes((indicator, header)) + nal[at : at + step]
