"""The reading of H.264's sequence parameter set, as far as MP4 must know it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

_EMULATION = b"\x00\x00\x03"
_HEADER_BYTES = 4
"""The NAL unit's own header, profile_idc, the constraint flags, level_idc."""

_PLAIN_PROFILES = frozenset({66, 77, 88})
"""Baseline, Main and Extended: 8 bits, 4:2:0. Those above have fields that no encoder here uses."""

_MOST_ZEROS = 31
"""Leading zeros of the longest Exp-Golomb code (ITU-T H.264 section 9.1)."""

_MACROBLOCK_PX = 16


@dataclass(frozen=True, slots=True)
class Sps:
    """What a sequence parameter set says.

    Attributes:
        width: Pixels that are shown.
        height: Pixels that are shown.
        level: level_idc: how much a decoder must be able to do.
        coding: All else that the decoding depends on. What is left out is the level and the VUI,
            which says how to show pictures and changes with the encoder's rate (annex E).
    """

    width: int
    height: int
    level: int
    coding: str


def read_sps(unit: bytes) -> Sps:
    """Read a NAL unit of type 7 (ITU-T H.264 section 7.3.2.1.1).

    Raises:
        ValueError: It is cut off, or of a profile that no encoder here uses.
    """
    if len(unit) <= _HEADER_BYTES or unit[1] not in _PLAIN_PROFILES:
        raise ValueError("the SPS is none of H.264 Baseline, Main or Extended")
    bits = _Bits(unit[_HEADER_BYTES:].replace(_EMULATION, _EMULATION[:2]))
    bits.ue()  # seq_parameter_set_id
    bits.ue()  # log2_max_frame_num_minus4
    _skip_order_count(bits)
    bits.ue()  # max_num_ref_frames
    bits.u(1)  # gaps_in_frame_num_value_allowed_flag
    columns, rows = bits.ue() + 1, bits.ue() + 1
    is_progressive = bits.u(1)
    if not is_progressive:
        rows *= 2  # rows are those of a field
        bits.u(1)  # mb_adaptive_frame_field_flag
    bits.u(1)  # direct_8x8_inference_flag
    is_cropped = bits.u(1)
    left, right, top, bottom = (bits.ue() if is_cropped else 0 for _ in range(4))
    # In 4:2:0 cropping counts in chroma samples (equations 7-19 and 7-20).
    row_px = 2 if is_progressive else 4
    return Sps(
        width=columns * _MACROBLOCK_PX - 2 * (left + right),
        height=rows * _MACROBLOCK_PX - row_px * (top + bottom),
        level=unit[3],
        coding=unit[:3].hex() + bits.read,
    )


def _skip_order_count(bits: _Bits) -> None:
    """Pass over what says in which order pictures are shown."""
    kind = bits.ue()  # pic_order_cnt_type
    if kind == 0:
        bits.ue()  # log2_max_pic_order_cnt_lsb_minus4
    elif kind == 1:
        bits.u(1)  # delta_pic_order_always_zero_flag
        bits.ue()  # offset_for_non_ref_pic; signed, of the same length
        bits.ue()  # offset_for_top_to_bottom_field
        for _ in range(bits.ue()):
            bits.ue()  # offset_for_ref_frame


class _Bits:
    """Reads bits from the left (ITU-T H.264 sections 7.2 and 9.1)."""

    def __init__(self, raw: bytes) -> None:
        self._text = "".join(f"{byte:08b}" for byte in raw)
        self._at = 0

    @property
    def read(self) -> str:
        """The bits so far, as text."""
        return self._text[: self._at]

    def u(self, count: int) -> int:
        """Return an unsigned number of so many bits."""
        end = self._at + count
        if end > len(self._text):
            raise ValueError("the SPS is cut off")
        number = int(self._text[self._at : end], 2)
        self._at = end
        return number

    def ue(self) -> int:
        """Return an unsigned Exp-Golomb number."""
        zeros = 0
        while not self.u(1):
            zeros += 1
            if zeros > _MOST_ZEROS:
                raise ValueError("the SPS holds a number that is too long")
        return (1 << zeros) - 1 + (self.u(zeros) if zeros else 0)
