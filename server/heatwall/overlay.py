"""Blending heat into the planes of a YUV 4:2:0 picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from heatwall.values import ByteArray, FloatArray

Planes = tuple[ByteArray, ByteArray, ByteArray]
"""Y (h, w), U (h/2, w/2) and V (h/2, w/2) of one picture, limited range, writable views."""


@dataclass(frozen=True, slots=True)
class HeatInk:
    """The colours that heat is painted with.

    Attributes:
        yuv: uint8 (256, 3), Y, U and V of each level, BT.601 limited range.
        alpha: float32 (256,), 0 to 1, opacity of each level; 0 at level 0.
    """

    yuv: ByteArray
    alpha: FloatArray


@dataclass(frozen=True, slots=True)
class _Layer:
    """One plane's share of the blend on its region: out = plane * keep / 255 + ink."""

    region: tuple[slice, slice]
    keep: ByteArray
    ink: ByteArray


class HeatLayer:
    """The heat of one camera, ready to be blended into pictures of one size.

    The colour premultiplied by its opacity, and the share of the picture that is kept, are
    prepared once per change of heat; each picture then costs two operations a plane, on the
    region with heat alone. No conversion to RGB and back.

    Not thread-safe.

    Args:
        width: Width of the pictures in pixels, even.
        height: Height of the pictures in pixels, even.
    """

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._layers: tuple[_Layer, ...] = ()

    def prepare(self, levels: ByteArray, ink: HeatInk) -> None:
        """Take over a new heat.

        Args:
            levels: uint8 (rows, columns), 0 no heat to 255 full colour.
            ink: The colours.
        """
        region = self._region(levels)
        if region is None:
            self._layers = ()
            return
        rows, columns = region
        full = cv2.resize(levels, self._size, interpolation=cv2.INTER_LINEAR)[rows, columns]
        half = cv2.resize(full, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        keep = np.rint(255 * (1 - ink.alpha)).astype(np.uint8)
        premultiplied = np.rint(ink.yuv * ink.alpha[:, None]).astype(np.uint8)
        small = (
            slice(rows.start // 2, rows.stop // 2),
            slice(columns.start // 2, columns.stop // 2),
        )
        self._layers = tuple(
            _Layer(where, cv2.LUT(level, keep), cv2.LUT(level, premultiplied[:, index].copy()))
            for index, (where, level) in enumerate(
                (((rows, columns), full), (small, half), (small, half))
            )
        )

    def blend(self, planes: Planes) -> None:
        """Blend the heat into `planes` in place."""
        for plane, layer in zip(planes, self._layers, strict=False):
            part = plane[layer.region]
            cv2.multiply(part, layer.keep, dst=part, scale=1 / 255)
            cv2.add(part, layer.ink, dst=part)

    def _region(self, levels: ByteArray) -> tuple[slice, slice] | None:
        """Return the even-sized pixel rows and columns that hold all heat, or None."""
        warm = np.nonzero(levels)
        if warm[0].size == 0:
            return None
        width, height = self._size
        spans = []
        for cells, count, pixels in (
            (warm[0], levels.shape[0], height),
            (warm[1], levels.shape[1], width),
        ):
            # One cell more on each side: the linear interpolation reaches that far.
            start = int((cells.min() - 1) * pixels / count) // 2 * 2
            stop = -(-int((cells.max() + 2) * pixels / count) // 2) * 2
            spans.append(slice(max(0, start), min(pixels, stop)))
        return spans[0], spans[1]
