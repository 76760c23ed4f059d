"""Blending heat into the planes of a YUV 4:2:0 picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from heatwall.regions import Region, changed_regions, warm_regions
from heatwall.stretch import Stretch
from heatwall.values import ByteArray, FloatArray

Planes = tuple[ByteArray, ByteArray, ByteArray]
"""Y (h, w), U (h/2, w/2) and V (h/2, w/2) of one picture, limited range, writable views."""

_WASTE_PX = 20_000
"""Two bands become one where that adds no more pixels of luma than this: the calls that a region
takes cost about as much."""

_COARSE_CELL_PX = 12
"""In heat cells at least this wide, 2×2 pixels of a plane share a sample of heat, which is a third
of the cost. In narrower cells colours change by so much a pixel that the blocks could be seen."""


_NUMBERS = {
    (1, 1): (np.uint8, np.uint16),
    (1, 2): (np.uint8, np.int32),
    (2, 1): (np.uint16, np.int32),
    (2, 2): (np.uint16, np.float64),
}
"""By pixels that share a sample and planes that are looked up together: what holds the pixels of
one plane, and what holds those of all and one for what is kept of the picture. OpenCV looks up
no integers of 64 bits, and copies floats as they are."""

_CHANGED_WASTE = 600
"""Two bands of changed cells become one where that adds no more cells than this."""

_SLACK = 2
"""Cells are looked up again once they are more than so many levels off, or when it is their
band's turn. Two of 255 levels are 1 % of opacity, less than two steps of luma, and what stays as
it was costs the encoder nothing."""


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

    Args:
        plane_size: Width and height of the plane, pixels.
        stretch: From cells to samples.
        block: Pixels across and down that share a sample: 1 or 2.
        planes: The numbers of the planes.
    """

    def __init__(
        self,
        plane_size: tuple[int, int],
        stretch: Stretch,
        block: int,
        planes: tuple[int, ...],
    ) -> None:
        self._stretch = stretch
        self._block = block
        self._planes = planes
        across, down = stretch.samples
        # All that a sample becomes is one number, so that one look-up finds it: for each plane
        # the pixels side by side that share it.
        self._word, self._number = _NUMBERS[block, len(planes)]
        count = np.dtype(self._number).itemsize // np.dtype(self._word).itemsize
        self._table = np.zeros((256, count), self._word)
        self._lut = self._table.view(self._number)[:, 0]
        self._found = np.empty((1 + len(planes), down, block, across), self._word)
        pixels = self._found.view(np.uint8).reshape(-1, down * block, across * block)
        self._pixels = pixels[:, : plane_size[1], : plane_size[0]]
        # New arrays at each change would cost as much in page faults as the look-up itself.
        self._levels = np.empty(across * down, np.uint8)
        self._numbers = np.empty(across * down, self._number)
        self._words = np.empty((count, across * down), self._word)

    def use(self, tables: _Tables) -> None:
        """Look up in these from now on."""
        self._table[:, 0] = tables.keep
        self._table[:, 1 : 1 + len(self._planes)] = tables.ink[self._planes, :].T
        if self._block == 2:
            self._table *= 0x0101

    def look_up(self, levels: ByteArray, cells: Region) -> None:
        """Bring all that some cells reach up to date.

        Args:
            levels: uint8 (rows, columns), of the whole heat.
            cells: Those that changed.
        """
        samples, inner, (rows, columns) = self._stretch.part(levels, cells, self._levels)
        shape, size = samples.shape, samples.size
        numbers = self._numbers[:size].reshape(shape)
        cv2.LUT(samples, self._lut, dst=numbers)
        words = self._words[:, :size].reshape(-1, *shape)
        split = cv2.split(numbers.view(self._word).reshape(*shape, -1), tuple(words))
        for found, word in zip(self._found, split, strict=False):
            found[rows, :, columns] = word[inner][:, None]

    def strokes(self, samples: Region) -> Iterator[_Stroke]:
        """Yield how a part of the picture is blended."""
        where = samples.times(self._block).slices
        keep, *inks = self._pixels[(slice(None), *where)]
        for plane, ink in zip(self._planes, inks, strict=True):
            yield _Stroke(plane, where, keep, ink)


class HeatLayer:
    """The heat of one camera, ready to be blended into pictures of one size.

    The colour premultiplied by its opacity, and the share of the picture that is kept, are
    prepared once per change of heat and where it changed alone; each picture then costs two
    operations a plane, on the regions with heat. No conversion to RGB and back.

    What is shown follows slow changes at every sixth call: until then it is at most two levels
    of 255 off.

    Not thread-safe.

    Args:
        width: Width of the pictures in pixels, even.
        height: Height of the pictures in pixels, even.
    """

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._shown = np.zeros((0, 0), np.uint8)
        self._samples: tuple[_Samples, ...] = ()
        self._grain = (0, 0, 0)
        self._ink: HeatInk | None = None
        self._turn = 0
        self._regions: tuple[Region, ...] = ()
        self._strokes: tuple[_Stroke, ...] = ()

    def prepare(self, levels: ByteArray, ink: HeatInk) -> None:
        """Take over a new heat; the same heat in the same ink again costs next to nothing.

        Args:
            levels: uint8 (rows, columns), 0 no heat to 255 full colour; of no cells for no heat.
            ink: The colours.
        """
        is_new = levels.shape != self._shown.shape
        if is_new:
            self._fit(levels)
        if levels.size == 0:
            return
        if is_new or ink is not self._ink:
            self._ink = ink
            tables = _Tables.of(ink)
            for samples in self._samples:
                samples.use(tables)
            changed: tuple[Region, ...] = (Region(0, levels.shape[0], 0, levels.shape[1]),)
        else:
            changed = changed_regions(levels, self._shown, _SLACK, self._turn, _CHANGED_WASTE)
            self._turn += 1
        if changed:
            self._look_up(levels, changed)

    def blend(self, planes: Planes) -> None:
        """Blend the heat into `planes` in place."""
        for stroke in self._strokes:
            part = planes[stroke.plane][stroke.where]
            cv2.multiply(part, stroke.keep, dst=part, scale=1 / 255)
            cv2.add(part, stroke.ink, dst=part)

    def _fit(self, levels: ByteArray) -> None:
        """Make room for heat of another grid."""
        self._shown = np.zeros_like(levels)
        self._samples = self._strokes = self._regions = ()
        if levels.size == 0:
            return
        width, height = self._size
        rows, columns = levels.shape
        block = 2 if width >= _COARSE_CELL_PX * columns else 1
        half = (width // 2, height // 2)
        across, down = -(-half[0] // block), -(-half[1] // block)
        self._grain = (across, down, _WASTE_PX // (2 * block) ** 2)
        luma = Stretch((columns, rows), (2 * across, 2 * down))
        chroma = Stretch((columns, rows), (across, down))
        self._samples = (
            _Samples(self._size, luma, block, (0,)),
            _Samples(half, chroma, block, (1, 2)),
        )

    def _look_up(self, levels: ByteArray, changed: tuple[Region, ...]) -> None:
        for cells in changed:
            self._shown[cells.slices] = levels[cells.slices]
        luma, chroma = self._samples
        for cells in changed:
            luma.look_up(self._shown, cells)
            chroma.look_up(self._shown, cells)
        regions = warm_regions(self._shown, *self._grain)
        if regions == self._regions:
            return
        self._regions = regions
        strokes: list[_Stroke] = []
        for region in regions:
            strokes += luma.strokes(region.times(2))
            strokes += chroma.strokes(region)
        self._strokes = tuple(strokes)
