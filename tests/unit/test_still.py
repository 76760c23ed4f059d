from __future__ import annotations

import cv2
import numpy as np
import pytest

from heatwall.camera.still import jpeg_of
from heatwall.errors import EncoderError
from support.h264 import TestEncoder


def test_an_idr_becomes_a_jpeg_of_its_size_and_its_pixels() -> None:
    file = jpeg_of(TestEncoder("door", size=(320, 180)).picture().annexb)
    picture = np.asarray(cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_GRAYSCALE))
    assert picture.shape == (180, 320)
    luma = np.add.outer(np.arange(180), np.arange(320)) % 200 + 20.0
    full_range = np.clip((luma - 16) * 255 / 219, 0, 255)
    assert np.abs(picture - full_range).mean() < 4, "the encoder's own ramp"


@pytest.mark.parametrize("annexb", [b"", b"no picture", b"\x00\x00\x01\x65\x88\x84"])
def test_what_is_no_idr_is_an_error(annexb: bytes) -> None:
    with pytest.raises(EncoderError, match="can't be decoded"):
        jpeg_of(annexb)


def test_a_picture_that_needs_others_is_an_error() -> None:
    encoder = TestEncoder("door", size=(320, 180))
    encoder.picture()
    with pytest.raises(EncoderError):
        jpeg_of(encoder.picture().annexb)
