"""Sends one camera's access units to one viewer as an RTP stream of its own."""

from __future__ import annotations

import secrets
from typing import Protocol

from heatwall.rtsp.rtcp import sender_report
from heatwall.simulator.rtp_track import AccessUnit

REPORT_INTERVAL_S = 2.0
"""Between RTCP sender reports. RFC 3550 section 6.2 would allow 5 s; clients that join late or
lose the first one should not wait for long to learn the camera's clock."""


class Outlet(Protocol):
    """Where the packets of one viewer leave."""

    @property
    def is_full(self) -> bool:
        """True while the viewer takes less than it is sent."""
        ...

    def send_unit(
        self, payloads: tuple[bytes, ...], *, sequence: int, timestamp: int, ssrc: int
    ) -> None:
        """Send the RTP packets of one access unit."""
        ...

    def send_report(self, packet: bytes) -> None:
        """Send one RTCP packet."""
        ...

    def hang_up(self) -> None:
        """Close the viewer's RTSP connection at once."""
        ...


class RtpSender:
    """Numbers the packets of one viewer and skips to the next IDR when the viewer is slow.

    Lives on the event loop's thread.

    Args:
        outlet: Takes the packets.
        cname: The camera's RTCP name, ASCII.
    """

    def __init__(self, outlet: Outlet, cname: str) -> None:
        self.ssrc = secrets.randbits(32)
        # Half the range, so that a decoder sees no wrap in its first minutes (RFC 3550 5.1
        # asks for a random start only to make attacks on encryption harder).
        self.sequence = secrets.randbits(15)
        self.dropped = 0
        self._outlet = outlet
        self._cname = cname
        self._is_waiting_for_key = True
        self._packets = 0
        self._octets = 0
        self._report_due_s = float("-inf")

    def send(self, unit: AccessUnit, *, rtp_time: int, capture_unix_s: float, now_s: float) -> None:
        """Send one access unit, or count it as dropped when the viewer is too slow.

        Args:
            unit: What to send.
            rtp_time: RTP time of its capture, modulo 2^32.
            capture_unix_s: Wall time of the same instant, seconds since 1970 UTC.
            now_s: Monotonic seconds.
        """
        if self._is_waiting_for_key and not unit.is_key:
            return
        if self._outlet.is_full:
            self.dropped += 1
            self._is_waiting_for_key = True
            return
        if now_s >= self._report_due_s:
            self._report(rtp_time, capture_unix_s)
            self._report_due_s = now_s + REPORT_INTERVAL_S
        self._is_waiting_for_key = False
        self._outlet.send_unit(
            unit.payloads, sequence=self.sequence, timestamp=rtp_time, ssrc=self.ssrc
        )
        self.sequence = (self.sequence + len(unit.payloads)) & 0xFFFF
        self._packets += len(unit.payloads)
        self._octets += unit.size

    def wait_for_key(self) -> None:
        """Send nothing before the next IDR, because frames were left out."""
        self._is_waiting_for_key = True

    def hang_up(self) -> None:
        """Close the viewer's RTSP connection at once."""
        self._outlet.hang_up()

    def _report(self, rtp_time: int, capture_unix_s: float) -> None:
        """Tell the viewer which wall time belongs to `rtp_time`."""
        packet = sender_report(
            ssrc=self.ssrc,
            unix_s=capture_unix_s,
            timestamp=rtp_time,
            packets=self._packets,
            octets=self._octets,
            cname=self._cname,
        )
        self._outlet.send_report(packet)
