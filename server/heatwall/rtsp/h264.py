"""What is H.264's own in RTP (RFC 6184, packetization-modes 0 and 1)."""

from __future__ import annotations

from heatwall.rtsp.depacketizer import Depacketizer

NAL_IDR = 5
"""nal_unit_type of a slice of an IDR picture (ITU-T H.264 table 7-1)."""
NAL_SPS = 7
"""nal_unit_type of a sequence parameter set."""
NAL_PPS = 8
"""nal_unit_type of a picture parameter set."""
NAL_DELIMITER = 9
"""nal_unit_type of an access unit delimiter, which RTP's marker bit makes superfluous."""
STAP_A = 24
FU_A = 28
TYPE_MASK = 0x1F


class H264Depacketizer(Depacketizer):
    """For single NAL units, STAP-A and FU-A."""

    header_size = 1
    aggregate = STAP_A
    fragment = FU_A
    key_types = frozenset({NAL_IDR})
    # 2 to 4 are data partitions, which only the first of a picture begins with.
    slice_types = frozenset({1, 2, NAL_IDR})
    single_types = frozenset(range(1, 24))

    @staticmethod
    def type_of(first: int) -> int:
        """Return the nal_unit_type."""
        return first & TYPE_MASK

    @staticmethod
    def whole_header(payload: memoryview, fragment_type: int) -> bytes:
        """Return the header of a fragmented unit: F and NRI of the indicator, type of the FU."""
        return bytes([(payload[0] & ~TYPE_MASK & 0xFF) | (fragment_type & TYPE_MASK)])
