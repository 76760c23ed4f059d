"""One camera's tile from decoder to packets, by the server's own classes."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from bench.people import tracks_at
from bench.setup import FPS
from heatwall.camera.link import (
    HEADER,
    EncodedPicture,
    ShowOverlay,
    TierSpec,
    pack,
    unpack_to_main,
)
from heatwall.camera.renditions import Rendition
from heatwall.camera.source import DecodedFrame, Source
from heatwall.config.model import CameraConfig
from heatwall.delivery.fanout import Fanout
from heatwall.delivery.peer import packetise
from heatwall.errors import SourceError
from heatwall.geometry import grid_size
from heatwall.heat import HeatMap, HeatScale, levels
from heatwall.values import ByteArray, Picture, SecretUrl, Tier, Tracks
from support.ink import INK

_DEFAULTS = CameraConfig(url=SecretUrl("rtsp://127.0.0.1/"))
"""A camera whose config names nothing but its URL."""

TILE = TierSpec(
    _DEFAULTS.tile.width, _DEFAULTS.tile.height, _DEFAULTS.tile.fps, _DEFAULTS.tile.bitrate_bps
)
"""The tile as it is by default."""

DETECT_EVERY = round(FPS / _DEFAULTS.detect.fps)
"""Frames from one detect frame to the next."""


class Heat:
    """A camera's heat, from tracks to the levels that a worker blends; as in its analysis."""

    def __init__(self, width: int, height: int) -> None:
        self.map = HeatMap(*grid_size(width, height), _DEFAULTS.heat.half_lives_s)
        self._scale = HeatScale(None)

    def levels(self, time_s: float) -> ByteArray:
        """Return the levels to show now, uint8 (rows, columns)."""
        share = self.map.share(_DEFAULTS.heat.shown_s)
        return levels(share, self._scale.follow(share, time_s), _DEFAULTS.overlay.gamma)

    def overlay(self, tracks: Tracks) -> ShowOverlay:
        """Take the next tracks and return what the worker is to show."""
        self.map.update(tracks)
        grid = self.levels(tracks.time_s)
        return ShowOverlay(grid.shape[0], grid.shape[1], grid.tobytes(), ())


def decoded_frames(clip: Path) -> Iterator[DecodedFrame]:
    """Yield the clip's frames for ever."""
    while True:
        source = Source(SecretUrl(str(clip)), "tcp", 5.0)
        try:
            yield from source.frames()
        except SourceError:
            source.close()  # its end: again from the start


class OurTile:
    """A camera's worker and main in one thread, without the detector and the network.

    Args:
        clip: What the camera sends.
        viewers: How many take the packets.
    """

    def __init__(self, clip: Path, viewers: int) -> None:
        self._frames = decoded_frames(clip)
        self._number = 0
        self._heat: Heat | None = None
        self._rendition = Rendition(Tier.TILE, TILE, INK)
        self._stage_s: defaultdict[str, float] = defaultdict(float)
        self._fanout = Fanout(_NoEncoders(), time.monotonic, packetise)
        self._viewers = [self._fanout.subscribe("camera", Tier.TILE) for _ in range(viewers)]

    async def show(self, frames: int) -> None:
        """Bring the next frames of the camera to all viewers."""
        for _ in range(frames):
            decoded = next(self._frames)
            time_s = self._number / FPS
            if self._number % DETECT_EVERY == 0:
                self._heat = self._heat or Heat(decoded.width, decoded.height)
                self._rendition.show(self._heat.overlay(tracks_at(time_s)))
            self._number += 1
            encoded = self._rendition.render(decoded, time_s, self._stage_s)
            if encoded is not None:
                await self._deliver(encoded)

    async def _deliver(self, encoded: EncodedPicture) -> None:
        received = unpack_to_main(pack(encoded)[HEADER.size :])
        if not isinstance(received, EncodedPicture):
            raise TypeError("a picture became another message on the link")
        self._fanout.publish(
            Picture("camera", Tier.TILE, received.annexb, received.rtp_time, received.is_key)
        )
        for viewer in self._viewers:
            packets = await viewer.next()
            if packets is None:
                raise RuntimeError("a viewer's packets ended")
            list(packets.payloads)  # as the sender takes them


class _NoEncoders:
    """Takes the fan-out's wishes: the rendition here always runs."""

    def start_tier(self, camera: str, tier: Tier) -> None:
        """Nothing to do."""

    def stop_tier(self, camera: str, tier: Tier) -> None:
        """Nothing to do."""

    def request_idr(self, camera: str, tier: Tier) -> None:
        """Nothing to do: the first picture is an IDR."""
