"""Puts the NAL units of an access unit together again from RTP payloads.

RFC 6184 (H.264) and RFC 7798 (H.265) do it the same way: a unit travels alone, with others in an
aggregate, or cut into fragments. What differs are numbers and headers: see `h264` and `h265`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

_START_CODE = b"\x00\x00\x00\x01"
_FRAGMENT_START = 0x80
_FRAGMENT_END = 0x40
_FIRST_IN_PICTURE = 0x80
_MAX_UNIT_BYTES = 16 << 20
"""Far above any keyframe: an access unit that grows beyond has no end."""


class Depacketizer(ABC):
    """Collects one access unit at a time. Not thread-safe.

    Attributes:
        has_picture: Whether it holds a slice, rather than parameter sets and messages only.
        is_key: Whether it holds a slice that a decoder can start from.
        begins_midway: Whether its first slice is not the first of its picture.
    """

    header_size: int
    """Bytes of a NAL unit's header."""
    aggregate: int
    """Type of a payload with several units."""
    fragment: int
    """Type of a payload with a part of a unit."""
    key_types: frozenset[int]
    """Types of slices that a decoder can start from."""
    slice_types: frozenset[int]
    """Types of all slices."""
    single_types: frozenset[int]
    """Types of units, which may travel alone."""

    def __init__(self) -> None:
        self.clear()

    @staticmethod
    @abstractmethod
    def type_of(first: int) -> int:
        """Return the type in the first byte of a NAL unit's or payload's header."""

    @staticmethod
    @abstractmethod
    def whole_header(payload: memoryview, fragment_type: int) -> bytes:
        """Return the header of the unit whose first fragment is `payload`."""

    def clear(self) -> None:
        """Forget what was collected."""
        self._unit = bytearray()
        self._is_open = False
        self.has_picture = False
        self.is_key = False
        self.begins_midway = False

    @property
    def is_complete(self) -> bool:
        """Whether no unit waits for its last fragment."""
        return not self._is_open

    @property
    def is_empty(self) -> bool:
        """Whether nothing was collected."""
        return not self._unit

    def cut(self) -> None:
        """End the unit that waits for more fragments: they are lost."""
        self._is_open = False

    def take(self) -> bytes:
        """Return the access unit in Annex B form, and begin the next."""
        unit = bytes(self._unit)
        self.clear()
        return unit

    def add(self, payload: memoryview) -> bool:
        """Add the payload of the next packet; False when it can't be right."""
        size = self.header_size
        if len(payload) <= size or len(self._unit) > _MAX_UNIT_BYTES:
            return False
        kind = self.type_of(payload[0])
        if kind == self.fragment:
            return self._add_fragment(payload)
        is_right = not self._is_open
        self._is_open = False
        if kind in self.single_types:
            self._add_unit(payload, kind)
            return is_right
        return kind == self.aggregate and self._add_aggregate(payload) and is_right

    def _add_unit(self, nal: memoryview, kind: int) -> None:
        self._unit += _START_CODE
        self._unit += nal
        self._note(kind, nal[self.header_size])

    def _add_aggregate(self, payload: memoryview) -> bool:
        """Add a STAP-A (RFC 6184 section 5.7.1) or AP (RFC 7798 section 4.4.2)."""
        at = self.header_size
        while at < len(payload):
            begin = at + 2
            at = begin + int.from_bytes(payload[at:begin], "big")
            if at > len(payload) or at - begin <= self.header_size:
                return False
            kind = self.type_of(payload[begin])
            if kind not in self.single_types:
                return False
            self._add_unit(payload[begin:at], kind)
        return True

    def _add_fragment(self, payload: memoryview) -> bool:
        """Add an FU-A (RFC 6184 section 5.8) or FU (RFC 7798 section 4.4.3)."""
        content = self.header_size + 1
        if len(payload) <= content:
            return False
        header = payload[self.header_size]
        is_right = True
        if header & _FRAGMENT_START:
            is_right = not self._is_open
            whole = self.whole_header(payload, header)
            kind = self.type_of(whole[0])
            if kind not in self.single_types:
                return False
            self._unit += _START_CODE
            self._unit += whole
            self._note(kind, payload[content])
        elif not self._is_open:
            return False
        self._unit += payload[content:]
        self._is_open = not header & _FRAGMENT_END
        return is_right

    def _note(self, kind: int, after_header: int) -> None:
        """Take note of a unit by its type and the first byte of what it holds."""
        if kind in self.slice_types:
            if not self.has_picture:
                self.has_picture = True
                # first_mb_in_slice = 0 is coded as a single 1 (ITU-T H.264 sections 7.3.3, 9.1);
                # H.265 has first_slice_segment_in_pic_flag in the same place (7.3.6.1).
                self.begins_midway = not after_header & _FIRST_IN_PICTURE
            if kind in self.key_types:
                self.is_key = True
