"""Frames as OpenCV has them: checked, scaled for the model, painted."""

from __future__ import annotations

import cv2
import numpy as np

from heatwall.camera.link import InkSpec, ShowOverlay
from heatwall.geometry import fit
from heatwall.overlay import Planes
from heatwall.painting import Painter
from heatwall.render.legend import Legend
from heatwall.values import ByteArray

_LEAST_PX = 16
"""Of a frame's side: in less, nobody can be seen."""

_ALLOWED = f"uint8 (height, width, 3), BGR, at least {_LEAST_PX} pixels each way"


def check_frame(im0: object) -> ByteArray:
    """Return a frame that can be used.

    Raises:
        TypeError: It is no array; None is what OpenCV gives at the end of a video.
        ValueError: It is no picture of 8 bits in three colours.
    """
    if im0 is None:
        raise TypeError("im0 is None: no frame could be read, or the video has ended")
    if not isinstance(im0, np.ndarray):
        raise TypeError(f"im0 is of type {type(im0).__name__}; allowed: an array, {_ALLOWED}")
    is_picture = im0.ndim == 3 and im0.shape[2] == 3 and min(im0.shape[:2]) >= _LEAST_PX
    if im0.dtype != np.uint8 or not is_picture:
        raise ValueError(f"im0 is {im0.dtype} {im0.shape}; allowed: {_ALLOWED}")
    return im0


def detect_picture(im0: ByteArray, longest_px: int) -> ByteArray:
    """Return a frame for the detector: uint8 (height, width, 3), RGB, no side above the limit."""
    height, width = im0.shape[:2]
    size = fit(width, height, longest_px, longest_px)
    small = cv2.resize(im0, size, interpolation=cv2.INTER_AREA)
    picture: ByteArray = cv2.cvtColor(small, cv2.COLOR_BGR2RGB)
    return picture


class BgrPainter:
    """Paints overlays into BGR frames of one size. Not thread-safe.

    They are painted in YUV, as on the wall; a pixel with nothing on it keeps its exact colour.

    Args:
        width: Of the frames in pixels.
        height: Of the frames in pixels.
        ink: What the overlay looks like.
        legend: Writes what the colours mean; None for none.
    """

    def __init__(self, width: int, height: int, ink: InkSpec, legend: Legend | None) -> None:
        self._odd = (height % 2, width % 2)
        self._painter = Painter(width + width % 2, height + height % 2, ink)
        self._legend = legend

    def paint(self, im0: ByteArray, overlay: ShowOverlay, scale: float) -> ByteArray:
        """Return the frame with the overlay in it, a new array.

        Args:
            im0: uint8 (height, width, 3), BGR; it is left as it is.
            overlay: What to paint.
            scale: Share at full colour, for the legend.
        """
        # 4:2:0 pictures have even sides: one more row or column, which is taken off again.
        below, right = self._odd
        even: ByteArray = cv2.copyMakeBorder(im0, 0, below, 0, right, cv2.BORDER_REPLICATE)
        before = cv2.cvtColor(even, cv2.COLOR_BGR2YUV_I420)
        painted = before.copy()
        planes = _planes(painted)
        self._painter.paint(planes, overlay)
        if self._legend is not None:
            self._legend.draw(planes, scale)
        mask = _changed(_planes(cv2.absdiff(painted, before)))
        cv2.copyTo(cv2.cvtColor(painted, cv2.COLOR_YUV2BGR_I420), mask, even)
        height, width = im0.shape[:2]
        return np.ascontiguousarray(even[:height, :width])


def _planes(picture: ByteArray) -> Planes:
    """Return the planes of an I420 picture, uint8 (height * 3 / 2, width), as views."""
    height, width = picture.shape[0] * 2 // 3, picture.shape[1]
    flat = picture.reshape(-1)
    chroma = flat[height * width :].reshape(2, height // 2, width // 2)
    return flat[: height * width].reshape(height, width), chroma[0], chroma[1]


def _changed(difference: Planes) -> ByteArray:
    """Return where planes differ: uint8 (height, width), 0 where not; in the first."""
    y, u, v = difference
    chroma = cv2.resize(cv2.bitwise_or(u, v), y.shape[::-1], interpolation=cv2.INTER_NEAREST)
    changed: ByteArray = cv2.bitwise_or(y, chroma, dst=y)
    return changed
