"""Decoded frames as upright pictures: for the encoder and for the detector."""

from __future__ import annotations

import numpy as np

from heatwall.camera.scaling import DetectScaler, TileScaler
from heatwall.camera.source import DecodedFrame
from heatwall.geometry import fit
from heatwall.overlay import Planes
from heatwall.values import ByteArray


class UprightScaler:
    """Scales frames of one video and turns them upright. Not thread-safe.

    Args:
        quarter_turns: Turns by 90° against the clock that make a frame upright, 0 to 3.
        detect_px: Longest side of a picture for the detector, pixels.
    """

    def __init__(self, quarter_turns: int, detect_px: int) -> None:
        self._turns = quarter_turns
        self._detect_px = detect_px
        self._pictures = TileScaler()
        self._detect = DetectScaler()
        self._lying: Planes | None = None

    def scale(self, decoded: DecodedFrame, planes: Planes) -> None:
        """Fill `planes`, which are upright, with the frame at their size."""
        if self._turns == 0:
            self._pictures.scale(decoded, planes)
            return
        lying = self._lying_planes(planes)
        self._pictures.scale(decoded, lying)
        for source, target in zip(lying, planes, strict=True):
            np.copyto(target, np.rot90(source, self._turns))

    def detect_picture(self, decoded: DecodedFrame) -> ByteArray:
        """Return the frame for the detector: uint8 (height, width, 3), RGB, upright."""
        width, height = fit(decoded.width, decoded.height, self._detect_px, self._detect_px)
        picture = self._detect.scale(decoded, width, height)
        # A copy: pictures wait for their batch, and must not hold the decoder's memory.
        return np.rot90(picture, self._turns).copy()

    def _lying_planes(self, planes: Planes) -> Planes:
        if self._lying is None:
            shapes = [plane.shape if self._turns == 2 else plane.shape[::-1] for plane in planes]
            y, u, v = (np.empty(shape, np.uint8) for shape in shapes)
            self._lying = (y, u, v)
        return self._lying
