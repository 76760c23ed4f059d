"""The colours of heat, as look-up tables over 256 levels."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from heatwall.colormaps import COLORMAPS, parse_colormap
from heatwall.status import LegendStop
from heatwall.values import ByteArray, FloatArray

__all__ = [
    "COLORMAPS",
    "alpha_lut",
    "heat_png",
    "heat_rgba",
    "legend",
    "lut_rgb",
    "parse_colormap",
    "yuv_lut",
]

_RISE = 2.2
"""How fast opacity rises: it is full from 45 % of the scale on, so that a busy spot is one
surface while a faint path keeps the floor in sight."""

_LUMA_RED, _LUMA_GREEN, _LUMA_BLUE = 0.299, 0.587, 0.114
"""Weights of the luminance signal, ITU-R BT.601-7 section 2.5.1."""


@lru_cache(maxsize=len(COLORMAPS))
def lut_rgb(name: str) -> ByteArray:
    """Return the colours of a map: uint8 (256, 3), R, G and B, cold to hot, read-only.

    Raises:
        ValueError: There is no such map; the text says which there are.
    """
    number = COLORMAPS.index(parse_colormap(name))
    ramp = np.arange(256, dtype=np.uint8).reshape(256, 1)
    rgb: ByteArray = cv2.applyColorMap(ramp, number)[:, 0, ::-1].copy()
    rgb.flags.writeable = False
    return rgb


@lru_cache(maxsize=len(COLORMAPS))
def yuv_lut(name: str) -> ByteArray:
    """Return the colours of a map as a video has them: uint8 (256, 3), Y, Cb and Cr, read-only.

    By ITU-R BT.601-7: sections 2.5.1 and 2.5.2 for luminance and the colour differences,
    section 2.5.3 for the quantisation to 16–235 and 16–240 ("limited range").

    Raises:
        ValueError: There is no such map.
    """
    red, green, blue = (lut_rgb(name).astype(np.float64) / 255).T
    luma = _LUMA_RED * red + _LUMA_GREEN * green + _LUMA_BLUE * blue
    planes = (
        219 * luma + 16,
        224 * (blue - luma) / (2 * (1 - _LUMA_BLUE)) + 128,
        224 * (red - luma) / (2 * (1 - _LUMA_RED)) + 128,
    )
    yuv: ByteArray = np.rint(np.stack(planes, axis=1)).astype(np.uint8)
    yuv.flags.writeable = False
    return yuv


def alpha_lut(opacity: float) -> FloatArray:
    """Return the opacity of each level: float32 (256,), 0 at level 0, at most `opacity`.

    `min(1, 2.2 v) · opacity` for v from 0 to 1: an empty floor stays untouched.

    Args:
        opacity: Of the hottest levels, 0 to 1.

    Raises:
        ValueError: `opacity` is not from 0 to 1.
    """
    if not 0 <= opacity <= 1:
        raise ValueError("opacity is out of range; allowed: a number from 0 to 1")
    share = np.linspace(0, 1, 256)
    alpha = (np.minimum(1, _RISE * share) * opacity).astype(np.float32)
    alpha.flags.writeable = False
    return alpha


def legend(name: str, opacity: float, stops: int = 12) -> tuple[LegendStop, ...]:
    """Return the gradient of a map as it lies over the picture, from no heat to full colour.

    Args:
        name: Of the colour map.
        opacity: Of the hottest levels, 0 to 1.
        stops: How many, at least 2.

    Raises:
        ValueError: There is no such map, or a number is out of range.
    """
    if stops < 2:
        raise ValueError("stops is out of range; allowed: at least 2")
    colours, alphas = lut_rgb(name), alpha_lut(opacity)
    levels = np.rint(np.linspace(0, 255, stops)).astype(int)
    return tuple(
        LegendStop(
            at=round(float(level) / 255, 4),
            color="#" + bytes(colours[level]).hex(),
            alpha=round(float(alphas[level]), 4),
        )
        for level in levels
    )


def heat_rgba(
    levels: ByteArray, colormap: str, opacity: float, size: tuple[int, int] | None = None
) -> ByteArray:
    """Return the heat as a picture to lay over another.

    Args:
        levels: uint8 (rows, columns), 0 no heat to 255 full colour.
        colormap: Name of the colour map.
        opacity: Of the hottest levels, 0 to 1.
        size: Width and height in pixels; None for a pixel a cell.

    Returns:
        uint8 (height, width, 4): R, G, B and alpha, the colours not multiplied by it; alpha is 0
        where there is no heat.

    Raises:
        ValueError: There is no such map, or a number is out of range.
    """
    if size is not None:
        if min(size) < 1:
            raise ValueError("size is out of range; allowed: at least 1×1 pixels")
        levels = cv2.resize(levels, size, interpolation=cv2.INTER_LINEAR).reshape(size[::-1])
    alpha = np.rint(255 * alpha_lut(opacity)).astype(np.uint8)
    table: ByteArray = np.column_stack([lut_rgb(colormap), alpha])
    return table[levels]


def heat_png(
    levels: ByteArray, colormap: str, opacity: float, size: tuple[int, int] | None = None
) -> bytes:
    """Return `heat_rgba` as a PNG file.

    Raises:
        ValueError: There is no such map, or a number is out of range.
    """
    rgba = heat_rgba(levels, colormap, opacity, size)
    _, encoded = cv2.imencode(".png", cv2.cvtColor(rgba, cv2.COLOR_RGBA2BGRA))
    return encoded.tobytes()
