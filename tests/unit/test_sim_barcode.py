from __future__ import annotations

from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatwall.simulator import barcode
from heatwall.values import ByteArray


def _scene(width: int, height: int) -> ByteArray:
    """A busy picture: smooth noise all over, uint8 (height, width)."""
    noise = np.random.default_rng(7).integers(0, 255, (height // 8, width // 8), dtype=np.uint8)
    return np.asarray(cv2.resize(noise, (width, height)), dtype=np.uint8)


@given(st.integers(0, 2**32 - 1))
def test_what_is_painted_is_read(milliseconds: int) -> None:
    picture = np.full((360, 640), 90, dtype=np.uint8)
    barcode.paint(picture, milliseconds)
    assert barcode.read(picture) == milliseconds


def test_a_time_beyond_32_bits_wraps() -> None:
    picture = np.zeros((360, 640), dtype=np.uint8)
    barcode.paint(picture, 2**32 + 5)
    assert barcode.read(picture) == 5


@pytest.mark.parametrize(
    ("width", "height"), [(320, 180), (640, 360), (854, 480), (960, 540), (1920, 1080), (704, 576)]
)
def test_every_size_of_picture_can_carry_a_code(width: int, height: int) -> None:
    picture = _scene(width, height)
    barcode.paint(picture, 123_456_789)
    assert barcode.read(picture) == 123_456_789


@pytest.mark.parametrize(("width", "height"), [(640, 360), (480, 270), (960, 540), (333, 187)])
def test_a_scaled_picture_can_be_read(width: int, height: int) -> None:
    picture = _scene(1280, 720)
    barcode.paint(picture, 3_141_592_653)
    small = np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR))
    assert barcode.read(small.astype(np.uint8)) == 3_141_592_653


def test_a_picture_faded_by_an_overlay_can_be_read() -> None:
    picture = np.zeros((360, 640), dtype=np.uint8)
    barcode.paint(picture, 99)
    faded = (picture * 0.4 + 100).astype(np.uint8)
    assert barcode.read(faded) == 99


def test_a_code_survives_360p_at_400_kilobits() -> None:
    context = av.VideoCodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt = 640, 360, "yuv420p"
    context.framerate = Fraction(15)
    context.bit_rate = 400_000
    context.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "maxrate": "400k",
        "bufsize": "200k",
    }
    decoder = av.VideoCodecContext.create("h264", "r")
    scene = _scene(640, 720)
    decoded: list[av.VideoFrame] = []
    for number in range(20):
        picture = np.full((540, 640), 128, dtype=np.uint8)
        picture[:360] = scene[number * 8 : number * 8 + 360]
        barcode.paint(picture[:360], 1_000_000 + number * 67)
        frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
        frame.pts = number
        for packet in context.encode(frame):
            decoded += decoder.decode(packet)
    decoded += decoder.decode(None)
    read = [barcode.read(np.asarray(frame.to_ndarray()[:360], np.uint8)) for frame in decoded]
    assert read == [1_000_000 + number * 67 for number in range(20)]


def test_a_picture_without_a_code_reads_as_none() -> None:
    assert barcode.read(_scene(640, 360)) is None
    assert barcode.read(np.zeros((360, 640), dtype=np.uint8)) is None
    assert barcode.read(np.full((360, 640), 255, dtype=np.uint8)) is None


def test_a_picture_too_small_for_cells_reads_as_none() -> None:
    assert barcode.read(np.zeros((40, 60), dtype=np.uint8)) is None


@pytest.mark.parametrize("cell", range(barcode.CELLS))
def test_a_single_wrong_cell_is_noticed(cell: int) -> None:
    picture = np.zeros((720, 1280), dtype=np.uint8)
    barcode.paint(picture, 0x12345678)
    patch = picture[:16, cell * 16 : cell * 16 + 16]
    patch[:] = 250 - patch
    assert barcode.read(picture) is None


def test_the_layout_is_the_documented_one() -> None:
    picture = np.full((720, 1280), 128, dtype=np.uint8)
    barcode.paint(picture, 0x80000001)
    assert (picture[:16, : 48 * 16] != 128).all()
    assert (picture[16:] == 128).all()
    assert (picture[:, 48 * 16 :] == 128).all()
    bits = [int(picture[8, cell * 16 + 8] > 128) for cell in range(48)]
    assert bits[:4] == [1, 0, 1, 0]
    assert bits[4:36] == [1, *[0] * 30, 1]
    assert bits[44:] == [0, 1, 0, 1]


def test_the_checksum_is_crc8_with_start_ff() -> None:
    # The same by long division of polynomials over GF(2): the start value is added to the first
    # byte, and the remainder of message · x^8 by x^8 + x^2 + x + 1 is the checksum.
    for value in (0, 1, 0x12345678, 0xFFFFFFFF):
        remainder = (value ^ 0xFF000000) << 8
        for shift in range(31, -1, -1):
            if remainder >> (shift + 8) & 1:
                remainder ^= 0x107 << shift
        assert barcode.crc8(value) == remainder
