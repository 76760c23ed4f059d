"""The NAL units of an access unit in byte-stream form (ITU-T H.264 annex B). Pure."""

from __future__ import annotations

from collections.abc import Iterator

NAL_SPS = 7
"""nal_unit_type of a sequence parameter set (ITU-T H.264 table 7-1)."""
NAL_PPS = 8
"""nal_unit_type of a picture parameter set."""
NAL_DELIMITER = 9
"""nal_unit_type of an access unit delimiter."""
TYPE_MASK = 0x1F
"""What of a unit's first byte is its type (section 7.3.1)."""

_START_CODE = b"\x00\x00\x01"


def units(annexb: bytes) -> Iterator[bytes]:
    """Yield the NAL units between the start codes."""
    begin = annexb.find(_START_CODE)
    while begin >= 0:
        begin += len(_START_CODE)
        end = annexb.find(_START_CODE, begin)
        # A start code of four bytes leaves its first zero behind; no NAL unit ends in a zero.
        unit = (annexb[begin:] if end < 0 else annexb[begin:end]).rstrip(b"\x00")
        if unit:
            yield unit
        begin = end
