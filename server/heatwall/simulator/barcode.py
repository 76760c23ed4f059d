"""Writes a capture time into a picture as black and white cells, for latency measured by eye.

Layout, for readers in other languages (a browser page reads it from a canvas):

* `CELLS` = 48 square cells in one row, from the top left corner of the picture.
* Cell `k` covers x from `k·W/80` to `(k+1)·W/80` and y from `0` to `H/45`, each bound rounded to
  whole pixels; W and H are the size of the picture as shown. At 1280×720 a cell has 16×16 pixels,
  at 640×360 it has 8×8, so that it survives a hard encoder.
* A reader takes the mean luma of the middle half of each cell (a quarter left off on every side),
  puts the threshold half way between the darkest and the brightest mean, and gives up when these
  two are less than `MIN_CONTRAST` = 64 apart. A bright cell is a 1.
* Cells 0–3 are `1 0 1 0` and cells 44–47 are `0 1 0 1`: they prove that there is a code at all.
* Cells 4–35 hold the milliseconds, 32 bits, most significant bit first.
* Cells 36–43 hold a CRC-8 of these four bytes in big-endian order, most significant bit first:
  polynomial 0x07, initial value 0xFF, no reflection, no final exclusive-or.

The milliseconds are those of CLOCK_MONOTONIC modulo 2^32 (49.7 days).
"""

from __future__ import annotations

import numpy as np

from heatwall.values import ByteArray

CELLS = 48
"""Cells in the row."""
MIN_CONTRAST = 64
"""Least distance of the darkest and the brightest cell, luma steps out of 255."""

_COLUMNS = 80
"""Cells that would fit across the picture."""
_ROWS = 45
"""Cells that would fit down the picture."""
_HEAD = (1, 0, 1, 0)
_TAIL = (0, 1, 0, 1)
_BLACK = 24
_WHITE = 226
"""Both a little inside the limited range of video, so that ringing is not clipped away."""
_CRC_POLYNOMIAL = 0x07
_CRC_START = 0xFF
_VALUE_BITS = 32
_CRC_BITS = 8


def paint(y_plane: ByteArray, milliseconds: int) -> None:
    """Write `milliseconds` modulo 2^32 into the top left of `y_plane`, in place.

    Args:
        y_plane: uint8 (height, width), the luma plane of a picture at least 320 pixels wide.
        milliseconds: Capture time on the monotonic clock.
    """
    height, width = y_plane.shape
    bottom = _bound(1, height, _ROWS)
    for cell, bit in enumerate(_cells(milliseconds & 0xFFFFFFFF)):
        left, right = _bound(cell, width, _COLUMNS), _bound(cell + 1, width, _COLUMNS)
        y_plane[:bottom, left:right] = _WHITE if bit else _BLACK


def read(gray_picture: ByteArray) -> int | None:
    """Return the milliseconds written in `gray_picture`, or None when there is no valid code.

    Args:
        gray_picture: uint8 (height, width), luma or any gray rendering of the picture.
    """
    height, width = gray_picture.shape
    if width < 2 * _COLUMNS or height < 2 * _ROWS:
        return None
    cell_height, cell_width = height / _ROWS, width / _COLUMNS
    top, bottom = int(cell_height / 4), max(int(cell_height * 3 / 4), 1)
    means = np.empty(CELLS, dtype=np.float32)
    for cell in range(CELLS):
        left = int((cell + 0.25) * cell_width)
        right = max(int((cell + 0.75) * cell_width), left + 1)
        means[cell] = gray_picture[top:bottom, left:right].mean()
    low, high = float(means.min()), float(means.max())
    if high - low < MIN_CONTRAST:
        return None
    bits = [int(mean > (low + high) / 2) for mean in means]
    return _value(bits)


def crc8(value: int) -> int:
    """Return the CRC-8 (polynomial 0x07, start 0xFF) of `value` as four big-endian bytes."""
    crc = _CRC_START
    for byte in value.to_bytes(4, "big"):
        crc ^= byte
        for _ in range(8):
            crc = ((crc << 1) ^ _CRC_POLYNOMIAL if crc & 0x80 else crc << 1) & 0xFF
    return crc


def _bound(index: int, size: int, count: int) -> int:
    """Return the pixel at which cell `index` of `count` across `size` pixels begins."""
    return round(index * size / count)


def _cells(value: int) -> list[int]:
    """Return the 48 bits that stand for `value`, from left to right."""
    return [*_HEAD, *_to_bits(value, _VALUE_BITS), *_to_bits(crc8(value), _CRC_BITS), *_TAIL]


def _to_bits(number: int, count: int) -> list[int]:
    """Return the lowest `count` bits of `number`, most significant first."""
    return [(number >> shift) & 1 for shift in range(count - 1, -1, -1)]


def _from_bits(bits: list[int]) -> int:
    """Return the number whose bits are `bits`, most significant first."""
    number = 0
    for bit in bits:
        number = number << 1 | bit
    return number


def _value(bits: list[int]) -> int | None:
    """Return the value held by 48 cells, or None when marks or checksum do not fit."""
    if tuple(bits[:4]) != _HEAD or tuple(bits[-4:]) != _TAIL:
        return None
    value = _from_bits(bits[4 : 4 + _VALUE_BITS])
    return value if _from_bits(bits[4 + _VALUE_BITS : -4]) == crc8(value) else None
