"""What is H.265's own in RTP (RFC 7798, without decoding order numbers)."""

from __future__ import annotations

from heatwall.rtsp.depacketizer import Depacketizer

_AGGREGATION = 48
_FRAGMENTATION = 49
_TYPE_MASK = 0x3F


class H265Depacketizer(Depacketizer):
    """For single NAL units, aggregation packets and fragmentation units."""

    header_size = 2
    aggregate = _AGGREGATION
    fragment = _FRAGMENTATION
    # BLA, IDR and CRA pictures (ITU-T H.265 table 7-1).
    key_types = frozenset(range(16, 22))
    slice_types = frozenset(range(32))
    single_types = frozenset(range(48))

    @staticmethod
    def type_of(first: int) -> int:
        """Return the nal_unit_type."""
        return (first >> 1) & _TYPE_MASK

    @staticmethod
    def whole_header(payload: memoryview, fragment_type: int) -> bytes:
        """Return the header of a fragmented unit: the payload's, with the type of the FU."""
        return bytes(((payload[0] & 0x81) | (fragment_type & _TYPE_MASK) << 1, payload[1]))
