"""Counts what a receiver tells the camera in its reports (RFC 3550 sections 6.4 and A.8)."""

from __future__ import annotations

from heatwall.rtsp.rtcp import Reception
from heatwall.rtsp.rtp import CLOCK_HZ
from heatwall.rtsp.units import UnitAssembler


class ReceptionCounter:
    """Watches one stream. Not thread-safe.

    Args:
        assembler: Counts its packets.
    """

    def __init__(self, assembler: UnitAssembler) -> None:
        self._assembler = assembler
        self._jitter = 0.0
        self._transit: float | None = None
        self._reported = (0, 0)
        self._heard: tuple[int, float] = (0, 0.0)

    def note_unit(self, ticks: int, arrival_s: float) -> None:
        """Take note of a picture, of which all packets bear the same time.

        Args:
            ticks: Its RTP time.
            arrival_s: When it came, monotonic seconds.
        """
        transit = arrival_s * CLOCK_HZ - ticks
        if self._transit is not None:
            self._jitter += (abs(transit - self._transit) - self._jitter) / 16
        self._transit = transit

    def note_report(self, last_report: int, now_s: float) -> None:
        """Take note of a sender report.

        Args:
            last_report: The middle 32 bits of its NTP time.
            now_s: Monotonic seconds.
        """
        self._heard = (last_report, now_s)

    def take(self, now_s: float) -> Reception | None:
        """Return what to report now, None before the first packet.

        Args:
            now_s: Monotonic seconds.
        """
        seen = self._assembler
        if seen.ssrc is None:
            return None
        received, lost = seen.received - self._reported[0], seen.lost - self._reported[1]
        self._reported = (seen.received, seen.lost)
        last_report, heard_s = self._heard
        return Reception(
            ssrc=seen.ssrc,
            lost=seen.lost,
            lost_share=lost / max(1, received + lost),
            highest=seen.highest,
            jitter=int(self._jitter),
            last_report=last_report,
            since_report_s=now_s - heard_s,
        )
