"""The tiers of one camera that are being encoded."""

from __future__ import annotations

import time
from collections import defaultdict

import numpy as np

from heatwall.camera.encoder import TierEncoder
from heatwall.camera.link import CLOCK_HZ, EncodedPicture, InkSpec, ShowOverlay, TierSpec
from heatwall.camera.source import DecodedFrame, TileScaler
from heatwall.geometry import fit
from heatwall.marks import Mark, draw
from heatwall.overlay import HeatInk, HeatLayer
from heatwall.pacing import Pacer
from heatwall.palette import alpha_lut, yuv_lut
from heatwall.values import ByteArray


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


class Rendition:
    """One tier: picks frames, scales, blends, encodes. Worker's main thread only.

    Args:
        tier: Its name.
        spec: Limits of size and rate.
        ink: What the overlay looks like.
    """

    def __init__(self, tier: str, spec: TierSpec, ink: InkSpec) -> None:
        self.tier = tier
        self._spec = spec
        self._ink = ink
        self._colors = heat_ink(ink)
        self._pacer = Pacer(spec.fps)
        self._scaler = TileScaler()
        self._encoder: TierEncoder | None = None
        self._layer: HeatLayer | None = None
        self._overlay: ShowOverlay | None = None
        self._prepared: ShowOverlay | None = None
        self._marks: tuple[Mark, ...] = ()
        self.wants_key = True

    def show(self, overlay: ShowOverlay | None) -> None:
        """Use this overlay from the next picture on."""
        self._overlay = overlay

    def render(
        self, decoded: DecodedFrame, time_s: float, stage_s: defaultdict[str, float]
    ) -> EncodedPicture | None:
        """Return the picture of this frame, or None when the tier's rate skips it.

        Args:
            decoded: The frame.
            time_s: Its capture time, monotonic seconds.
            stage_s: Seconds of work, added to by stage.

        Raises:
            EncoderError: The encoder failed.
        """
        if not self._pacer.is_due(time_s):
            return None
        began_s = time.perf_counter()
        encoder = self._encoder_for(decoded)
        self._scaler.scale(decoded, encoder.planes)
        scaled_s = time.perf_counter()
        self._paint(encoder)
        painted_s = time.perf_counter()
        encoded = encoder.encode(round(time_s * CLOCK_HZ), is_key=self.wants_key)
        stage_s["tile_scale"] += scaled_s - began_s
        stage_s["overlay"] += painted_s - scaled_s
        stage_s["encode"] += time.perf_counter() - painted_s
        if encoded is None:
            return None
        annexb, is_key = encoded
        self.wants_key = self.wants_key and not is_key
        return EncodedPicture(self.tier, annexb, round(time_s * CLOCK_HZ), is_key)

    def _encoder_for(self, decoded: DecodedFrame) -> TierEncoder:
        """Return an encoder of the right size; a camera may change its size at any frame."""
        size = fit(decoded.width, decoded.height, self._spec.width, self._spec.height)
        if self._encoder is None or (self._encoder.width, self._encoder.height) != size:
            self._encoder = TierEncoder(*size, self._spec.fps, self._spec.bitrate_bps)
            self._layer = HeatLayer(*size)
            self._prepared = None
            self.wants_key = True
        return self._encoder

    def _paint(self, encoder: TierEncoder) -> None:
        overlay, layer = self._overlay, self._layer
        if overlay is None or layer is None:
            return
        if overlay is not self._prepared:
            self._prepared = overlay
            self._marks = marks_of(overlay, self._ink)
            if self._ink.heat:
                layer.prepare(levels_of(overlay), self._colors)
        layer.blend(encoder.planes)
        draw(encoder.planes, self._marks, self._ink.line_width)


def levels_of(overlay: ShowOverlay) -> ByteArray:
    """Return the overlay's heat levels, uint8 (rows, columns), read-only."""
    flat: ByteArray = np.frombuffer(overlay.levels, np.uint8)
    return flat.reshape(overlay.rows, overlay.columns)
