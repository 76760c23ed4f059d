"""Packets of a stream for PyAV's decoder, by the RTSP client."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import cast

from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from heatwall.camera.decoder import open_decoder
from heatwall.camera.hardware import CPU_DECODER
from heatwall.camera.rtsp_client import RtspClient
from heatwall.errors import SourceError
from heatwall.rtsp.rtp import CLOCK_HZ
from heatwall.values import SecretUrl

_TICK_S = Fraction(1, CLOCK_HZ)


class RtspDemuxer:
    """An open stream. Not thread-safe; every call may block up to the time-out.

    Args:
        url: An `rtsp://` address.
        timeout_s: Longest silence before the stream counts as dead, seconds.
        device: Where it is decoded; see `open_decoder`.

    Raises:
        UnsuitedError: The stream is for libavformat.
        SourceError: As of `RtspClient` and `open_decoder`.
    """

    def __init__(self, url: SecretUrl, timeout_s: float, device: str = CPU_DECODER) -> None:
        self._client = RtspClient(url, timeout_s)
        video = self._client.video
        try:
            # The parameter sets of the description; those in the stream replace them.
            self.decoder: VideoCodecContext = open_decoder(
                video.codec, video.parameter_sets, device
            )
        except SourceError:
            self._client.close()
            raise

    @property
    def is_behind(self) -> bool:
        """Whether more waits in the socket than has been given out."""
        return self._client.is_behind

    @property
    def broken(self) -> int:
        """Pictures of which a part was missing or wrong so far."""
        return self._client.broken

    def packets(self) -> Iterator[tuple[Packet[VideoStream], float]]:
        """Yield packets, each with when it came in monotonic seconds, while the stream lasts.

        Raises:
            SourceError: The stream ended, broke or fell silent.
        """
        for unit, arrival_s in self._client.arrivals():
            packet = cast("Packet[VideoStream]", Packet(unit.annexb))
            packet.pts = unit.ticks
            packet.time_base = _TICK_S
            packet.is_keyframe = unit.is_key
            yield packet, arrival_s

    def close(self) -> None:
        """End the stream; idempotent."""
        self._client.close()
