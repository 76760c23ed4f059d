"""Blending heat into the planes of a YUV 4:2:0 picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from heatwall.regions import Region, warm_regions
from heatwall.values import ByteArray, FloatArray

Planes = tuple[ByteArray, ByteArray, ByteArray]
"""Y (h, w), U (h/2, w/2) and V (h/2, w/2) of one picture, limited range, writable views."""

_WASTE_PX = 20_000
"""Two bands become one where that adds no more pixels of luma than this: the calls that a region
takes cost about as much."""

_COARSE_CELL_PX = 12
"""In heat cells at least this wide, 2×2 pixels of a plane share a sample of heat, which is a third
of the cost. In narrower cells colours change by so much a pixel that the blocks could be seen."""


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
class _Tables:
    """What a pixel of a plane becomes at each level: out = pixel * keep / 255 + ink.

    Attributes:
        keep: uint8 (256,), 255 at level 0.
        ink: uint8 (3, 256), of Y, U and V; 0 at level 0.
    """

    keep: ByteArray
    ink: ByteArray

    @classmethod
    def of(cls, ink: HeatInk) -> _Tables:
        keep = np.rint(255 * (1 - ink.alpha)).astype(np.uint8)
        return cls(keep, np.rint(ink.yuv * ink.alpha[:, None]).astype(np.uint8).T.copy())


class _Stroke(NamedTuple):
    """What is blended into a part of one plane; see `_Tables`."""

    plane: int
    where: tuple[slice, slice]
    keep: ByteArray
    ink: ByteArray


class _Samples:
    """Heat as it was looked up for planes of one size: for luma, or for both of chroma.

    The arrays live as long as the size does: new ones at each change of heat would cost as much
    in page faults as the look-up itself. They hold only in the regions of the last look-up.

    Args:
        plane_size: Width and height of the plane, pixels.
        size: Samples across and down.
        block: Pixels across and down that share a sample: 1 or 2.
        planes: The numbers of the planes.
    """

    def __init__(
        self,
        plane_size: tuple[int, int],
        size: tuple[int, int],
        block: int,
        planes: tuple[int, ...],
    ) -> None:
        self.size = size
        self._block = block
        self._planes = planes
        # Two pixels side by side are one number of 16 bits, so that one look-up writes both.
        number = np.uint16 if block == 2 else np.uint8
        self._tables = np.empty((1 + len(planes), 256), number)
        self._found = np.empty((1 + len(planes), size[1], block, size[0]), number)
        pixels = self._found.view(np.uint8).reshape(-1, size[1] * block, size[0] * block)
        self._pixels = pixels[:, : plane_size[1], : plane_size[0]]
        self._work = np.empty(size[1] * size[0], number)

    def use(self, tables: _Tables) -> None:
        """Look up in these from now on."""
        self._tables[0] = tables.keep
        self._tables[1:] = tables.ink[self._planes, :]
        if self._block == 2:
            self._tables *= 0x0101

    def look_up(self, levels: ByteArray, region: Region) -> Iterator[_Stroke]:
        """Fill a region and yield how it is blended.

        Args:
            levels: uint8, of `size`.
            region: Which of the samples.
        """
        # In one piece: cv2.LUT is slow at rows that are none.
        part = np.ascontiguousarray(levels[region.slices])
        work = self._work[: part.size].reshape(part.shape)
        pixels = region.times(self._block).slices
        for table, found in zip(self._tables, self._found, strict=True):
            cv2.LUT(part, table, dst=work)
            found[region.slices[0], :, region.slices[1]] = work[:, None]
        keep, *inks = self._pixels[(slice(None), *pixels)]
        for plane, ink in zip(self._planes, inks, strict=True):
            yield _Stroke(plane, pixels, keep, ink)


class HeatLayer:
    """The heat of one camera, ready to be blended into pictures of one size.

    The colour premultiplied by its opacity, and the share of the picture that is kept, are
    prepared once per change of heat; each picture then costs two operations a plane, on the
    regions with heat alone. No conversion to RGB and back.

    Not thread-safe.

    Args:
        width: Width of the pictures in pixels, even.
        height: Height of the pictures in pixels, even.
    """

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._block = 0
        self._samples: tuple[_Samples, ...] = ()
        self._ink: HeatInk | None = None
        self._shown: tuple[tuple[int, ...], bytes] | None = None
        self._strokes: tuple[_Stroke, ...] = ()

    def prepare(self, levels: ByteArray, ink: HeatInk) -> None:
        """Take over a new heat; the same heat in the same ink again costs next to nothing.

        Args:
            levels: uint8 (rows, columns), 0 no heat to 255 full colour; of no cells for no heat.
            ink: The colours.
        """
        shown = (levels.shape, levels.tobytes())
        is_same_ink = ink is self._ink
        if is_same_ink and shown == self._shown:
            return
        self._shown = shown
        block = 2 if self._size[0] >= _COARSE_CELL_PX * levels.shape[1] else 1
        if not is_same_ink or block != self._block:
            self._take_up(ink, block)
        luma, chroma = self._samples
        regions = warm_regions(levels, *chroma.size, _WASTE_PX // (2 * block) ** 2)
        self._strokes = ()
        if not regions:
            return
        fine = cv2.resize(levels, luma.size, interpolation=cv2.INTER_LINEAR)
        half = cv2.resize(levels, chroma.size, interpolation=cv2.INTER_LINEAR)
        strokes: list[_Stroke] = []
        for region in regions:
            strokes += luma.look_up(fine, region.times(2))
            strokes += chroma.look_up(half, region)
        self._strokes = tuple(strokes)

    def blend(self, planes: Planes) -> None:
        """Blend the heat into `planes` in place."""
        for stroke in self._strokes:
            part = planes[stroke.plane][stroke.where]
            cv2.multiply(part, stroke.keep, dst=part, scale=1 / 255)
            cv2.add(part, stroke.ink, dst=part)

    def _take_up(self, ink: HeatInk, block: int) -> None:
        if block != self._block:
            width, height = self._size
            half = (width // 2, height // 2)
            columns, rows = -(-half[0] // block), -(-half[1] // block)
            self._samples = (
                _Samples(self._size, (2 * columns, 2 * rows), block, (0,)),
                _Samples(half, (columns, rows), block, (1, 2)),
            )
        self._block = block
        self._ink = ink
        tables = _Tables.of(ink)
        for samples in self._samples:
            samples.use(tables)
