"""One camera's overlay, painted into pictures of one size."""

from __future__ import annotations

import numpy as np

from heatwall.camera.link import InkSpec, MarkedLine, MarkedTrack, MarkedZone, ShowOverlay
from heatwall.lettering import drawable
from heatwall.marks import AnyMark, Drawing, LineMark, Mark, ZoneMark
from heatwall.overlay import HeatInk, HeatLayer, Planes
from heatwall.palette import alpha_lut, yuv_lut
from heatwall.values import ByteArray

_NAME_LENGTH = 24
"""Letters of a name that are shown: about a third of a tile's width."""


class Painter:
    """Paints heat and marks, in a worker as in a file that is rendered. Not thread-safe.

    Args:
        width: Width of the pictures in pixels, even.
        height: Height of the pictures in pixels, even.
        ink: What the overlay looks like.
    """

    def __init__(self, width: int, height: int, ink: InkSpec) -> None:
        self._size = (width, height)
        self._layer = HeatLayer(width, height)
        self._ink = ink
        self._colors = heat_ink(ink)
        self._drawing: Drawing | None = None
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
            marks = marks_of(overlay, self._ink)
            self._drawing = Drawing(marks, *self._size, self._ink.line_width) if marks else None
            if self._ink.heat:
                self._layer.prepare(levels_of(overlay), self._colors)
        if self._ink.heat:
            self._layer.blend(planes)
        if self._drawing is not None:
            self._drawing.draw(planes)


def heat_ink(ink: InkSpec) -> HeatInk:
    """Return the colours that an overlay setting asks for."""
    return HeatInk(yuv_lut(ink.colormap), alpha_lut(ink.opacity))


def marks_of(overlay: ShowOverlay, ink: InkSpec) -> tuple[AnyMark, ...]:
    """Return what is drawn over the heat under a setting: zones, lines, then tracks."""
    marks: list[AnyMark] = []
    if ink.zones:
        marks += (ZoneMark(zone.polygon, _zone_text(zone, ink)) for zone in overlay.zones)
    if ink.lines:
        marks += (
            LineMark(line.start, line.end, line.inside, _line_text(line, ink))
            for line in overlay.lines
        )
    if ink.boxes or ink.labels or ink.conf or ink.trails:
        marks += (_track_mark(track, ink) for track in overlay.tracks)
    return tuple(marks)


def _track_mark(track: MarkedTrack, ink: InkSpec) -> Mark:
    words = []
    if ink.labels:
        words.append(f"{_short(track.label)} {track.track_id}")
    if ink.conf:
        words.append(f"{track.confidence:.2f}")
    trail = track.trail if ink.trails else ()
    return Mark(track.xyxy, " ".join(words), track.class_id, trail, ink.boxes)


def _line_text(line: MarkedLine, ink: InkSpec) -> str:
    return _titled(line.name, _passages(line, ink))


def _zone_text(zone: MarkedZone, ink: InkSpec) -> str:
    return _titled(zone.name, [str(zone.people), *_passages(zone, ink)])


def _passages(place: MarkedLine | MarkedZone, ink: InkSpec) -> list[str]:
    """Return the counts of who went in and out, those that are to be shown."""
    shown = []
    if ink.counts_in:
        shown.append(f"in {place.count_in}")
    if ink.counts_out:
        shown.append(f"out {place.count_out}")
    return shown


def _titled(name: str, counts: list[str]) -> str:
    """Return the text of a line or zone: `door: in 3, out 2`."""
    return ": ".join(part for part in (_short(name), ", ".join(counts)) if part)


def _short(name: str) -> str:
    """Return a name as one line of at most 24 letters: what counts is what stands behind it."""
    name = " ".join(drawable(name).split())
    return name if len(name) <= _NAME_LENGTH else name[: _NAME_LENGTH - 3].rstrip() + "..."


def levels_of(overlay: ShowOverlay) -> ByteArray:
    """Return the overlay's heat levels, uint8 (rows, columns), read-only."""
    flat: ByteArray = np.frombuffer(overlay.levels, np.uint8)
    return flat.reshape(overlay.rows, overlay.columns)
