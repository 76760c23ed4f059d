"""The tiers of one camera that are being encoded."""

from __future__ import annotations

import time
from collections import defaultdict

from heatwall.camera.encoder import TierEncoder, open_encoder
from heatwall.camera.link import CLOCK_HZ, EncodedPicture, InkSpec, ShowOverlay, TierSpec
from heatwall.camera.scaling import TileScaler
from heatwall.camera.source import DecodedFrame
from heatwall.geometry import fit
from heatwall.pacing import Pacer
from heatwall.painting import Painter
from heatwall.rhythm import Rhythm
from heatwall.values import Tier

_TIERS = tuple(Tier)


class Rendition:
    """One tier: picks frames, scales, blends, encodes. Worker's main thread only.

    The encoder shares its bits out by the rate that it was opened for. It is opened anew, which
    costs an IDR, where a camera turns out to send less: otherwise one of 7 pictures a second
    would get half of a tile's bits.

    Args:
        tier: Its name.
        spec: Limits of size and rate.
        ink: What the overlay looks like.
        stream: Number of the camera's stream that it shows, 0 or 1.
    """

    def __init__(self, tier: str, spec: TierSpec, ink: InkSpec, stream: int = 0) -> None:
        self.tier = tier
        # Of its own for each, since a viewer's slot may go from any tier and stream to any other.
        self._parameter_set = stream * len(_TIERS) + _TIERS.index(Tier(tier))
        self._spec = spec
        self._ink = ink
        self._pacer = Pacer(spec.fps)
        self._rhythm = Rhythm(spec.fps)
        self._scaler = TileScaler()
        self._encoder: TierEncoder | None = None
        self._painter: Painter | None = None
        self._size = (0, 0)
        self._overlay: ShowOverlay | None = None
        self.wants_key = True
        self.notice = ""
        """Why it is not encoded as asked for, or ""."""

    @property
    def encoder(self) -> str:
        """FFmpeg's name of the encoder that was opened; "" before the first picture."""
        return "" if self._encoder is None else self._encoder.codec

    def show(self, overlay: ShowOverlay | None) -> None:
        """Use this overlay from the next picture on."""
        self._overlay = overlay

    def use(self, ink: InkSpec) -> None:
        """Paint the overlay like this from the next picture on."""
        self._ink = ink
        if self._painter is not None:
            self._painter.use(ink)

    def pace(self, share: float) -> None:
        """Show this share of the tier's rate, 0 to 1, from the next frame on."""
        self._pacer.change(self._spec.fps * share)

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
        if self._rhythm.has_changed(time_s):
            self._encoder = None
        encoder = self._encoder_for(decoded)
        self._scaler.scale(decoded, encoder.planes)
        scaled_s = time.perf_counter()
        if self._painter is not None and self._overlay is not None:
            self._painter.paint(encoder.planes, self._overlay)
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
        encoder = self._encoder
        if encoder is not None and (encoder.width, encoder.height) == size:
            return encoder
        if self._size != size:
            self._size = size
            self._painter = Painter(*size, self._ink)
        self._encoder, self.notice = open_encoder(
            self._spec.encoder,
            *size,
            self._rhythm.fps,
            self._spec.bitrate_bps,
            self._parameter_set,
        )
        self.wants_key = True
        return self._encoder
