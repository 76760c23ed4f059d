"""One camera's overlay, painted into pictures of one size."""

from __future__ import annotations

import numpy as np

from heatwall.camera.link import InkSpec, ShowOverlay
from heatwall.marks import Mark, draw
from heatwall.overlay import HeatInk, HeatLayer, Planes
from heatwall.palette import alpha_lut, yuv_lut
from heatwall.values import ByteArray


class Painter:
    """Paints heat and marks, in a worker as in a file that is rendered. Not thread-safe.

    Args:
        width: Width of the pictures in pixels, even.
        height: Height of the pictures in pixels, even.
        ink: What the overlay looks like.
    """

    def __init__(self, width: int, height: int, ink: InkSpec) -> None:
        self._layer = HeatLayer(width, height)
        self._ink = ink
        self._colors = heat_ink(ink)
        self._marks: tuple[Mark, ...] = ()
        self._prepared: ShowOverlay | None = None

    def use(self, ink: InkSpec) -> None:
        """Paint like this from the next picture on."""
        if ink != self._ink:
            self._ink = ink
            self._colors = heat_ink(ink)
            self._prepared = None

    def paint(self, planes: Planes, overlay: ShowOverlay) -> None:
        """Paint `overlay` into `planes` in place; one that was just painted costs less."""
        if overlay is not self._prepared:
            self._prepared = overlay
            self._marks = marks_of(overlay, self._ink)
            if self._ink.heat:
                self._layer.prepare(levels_of(overlay), self._colors)
        if self._ink.heat:
            self._layer.blend(planes)
        draw(planes, self._marks, self._ink.line_width)


def heat_ink(ink: InkSpec) -> HeatInk:
    """Return the colours that an overlay setting asks for."""
    return HeatInk(yuv_lut(ink.colormap), alpha_lut(ink.opacity))


def marks_of(overlay: ShowOverlay, ink: InkSpec) -> tuple[Mark, ...]:
    """Return what is drawn of the overlay's tracks under a setting."""
    if not (ink.boxes or ink.labels or ink.conf or ink.trails):
        return ()
    marks = []
    for track in overlay.tracks:
        words = []
        if ink.labels:
            words.append(f"{track.label} {track.track_id}")
        if ink.conf:
            words.append(f"{track.confidence:.2f}")
        trail = track.trail if ink.trails else ()
        marks.append(Mark(track.xyxy, " ".join(words), track.class_id, trail, ink.boxes))
    return tuple(marks)


def levels_of(overlay: ShowOverlay) -> ByteArray:
    """Return the overlay's heat levels, uint8 (rows, columns), read-only."""
    flat: ByteArray = np.frombuffer(overlay.levels, np.uint8)
    return flat.reshape(overlay.rows, overlay.columns)
