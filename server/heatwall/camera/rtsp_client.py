"""A camera's access units over RTSP, with RTP in the same TCP connection (RFC 2326).

libavformat gives a picture out when the next begins, because its parser has no other way to know
the end: 40 ms of delay at 25 pictures a second, 67 ms at 15. RTP marks the end, but none of
libavformat's options lets the mark through (`noparse` gives single RTP payloads without it). This
client and what is below it take that delay away for H.264 and H.265 over TCP, which is what nearly
all cameras send; that is worth their lines. The rest stays with libavformat: see `UnsuitedError`.
"""

from __future__ import annotations

import re
import secrets
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from heatwall.camera import reasons
from heatwall.camera.rtsp_dialogue import RtspDialogue, UnsuitedError, parse_address
from heatwall.clock import monotonic
from heatwall.errors import SourceError
from heatwall.rtsp.h264 import H264Depacketizer
from heatwall.rtsp.h265 import H265Depacketizer
from heatwall.rtsp.interleaved import Packet, frame_packet
from heatwall.rtsp.message import Message, RtspError
from heatwall.rtsp.reception import ReceptionCounter
from heatwall.rtsp.rtcp import parse_reports, receiver_report
from heatwall.rtsp.sdp import Video, find_video, has_only_others
from heatwall.rtsp.units import AccessUnit, UnitAssembler
from heatwall.values import SecretUrl

_SESSION_TIMEOUT_S = 60.0
"""When the camera names none (RFC 2326 section 12.37)."""
_QUIET_S = (1.0, 30.0)
"""Least and most between keep-alives, however patient the camera says it is: routers forget."""
_REPORT_EVERY_S = 5.0
"""Between RTCP reports (RFC 3550 section 6.2)."""
_CNAME = "heatwall"
_DEPACKETIZERS = {"h264": H264Depacketizer, "hevc": H265Depacketizer}
_INTERLEAVED = re.compile(r"interleaved=(\d{1,3})(?:-(\d{1,3}))?", re.IGNORECASE)
_TIMEOUT = re.compile(r"timeout=(\d{1,6})", re.IGNORECASE)
_SESSION_GONE = 454
_UNAUTHORIZED = 401


class Arrival(NamedTuple):
    """An access unit as it came.

    Attributes:
        unit: The encoded picture.
        arrival_s: When its last packet was read from the socket, monotonic seconds.
    """

    unit: AccessUnit
    arrival_s: float


class RtspClient:
    """A playing stream. Not thread-safe; every call may block up to the time-out.

    Args:
        url: An `rtsp://` address.
        timeout_s: Longest wait for the connection, for each reply and for video, seconds.

    Raises:
        UnsuitedError: The stream is not one that this client plays.
        SourceRefusedError: The camera refused the credentials.
        SourceError: No answer, or anything else.
    """

    video: Video
    """What the camera sends."""

    def __init__(self, url: SecretUrl, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._ready: deque[Arrival] = deque()
        self._channels = (0, 1)
        self._ssrc = secrets.randbits(32)
        self._keep_alive = "GET_PARAMETER"
        self._assembler: UnitAssembler | None = None
        address = parse_address(url)
        self._aggregate = address.url
        self._dialogue = RtspDialogue(address, timeout_s, self._take)
        try:
            self._open(address.url)
        except SourceError:
            self.close()
            raise
        except (RtspError, UnsuitedError) as error:
            unsuited = UnsuitedError()
            unsuited.release = self.close
            raise unsuited from error

    @property
    def is_behind(self) -> bool:
        """Whether more waits in the socket than has been given out."""
        return bool(self._ready) or self._dialogue.link.is_behind

    @property
    def lost(self) -> int:
        """Packets that were missing so far."""
        return self._assembler.lost if self._assembler else 0

    @property
    def broken(self) -> int:
        """Pictures that were left out so far, because a part was missing or wrong."""
        return self._assembler.broken if self._assembler else 0

    def arrivals(self) -> Iterator[Arrival]:
        """Yield access units as they come, for as long as the stream lasts.

        Raises:
            SourceError: The stream ended, broke or fell silent.
        """
        link = self._dialogue.link
        while True:
            # First those that overtook the answer to PLAY.
            while self._ready:
                yield self._ready.popleft()
            for message in self._dialogue.incoming():
                if isinstance(message, tuple):
                    self._take(message)
                    while self._ready:
                        yield self._ready.popleft()
                else:
                    self._hear_reply(message)
            silent_s = self._heard_s + self._timeout_s
            due_s = self._tend()
            if not link.receive(min(silent_s, due_s)) and monotonic() >= silent_s:
                raise reasons.no_answer(self._timeout_s)

    def close(self) -> None:
        """End the session and the connection; idempotent."""
        self._dialogue.close(self._aggregate)

    def _open(self, url: str) -> None:
        """Describe, set up and play."""
        reply = self._dialogue.request("DESCRIBE", url, [("Accept", "application/sdp")])
        bases = (reply.get("content-base"), reply.get("content-location"), url)
        base = next(one for one in bases if "://" in one)
        video = find_video(reply.body, base)
        if video is None:
            if has_only_others(reply.body):
                # libavformat would go on to PLAY nothing, and tell the camera's answer to that.
                raise reasons.no_video()
            raise UnsuitedError
        self.video = video
        self._aggregate = video.aggregate
        assembler = UnitAssembler(_DEPACKETIZERS[video.codec](), video.payload_type)
        self._reception = ReceptionCounter(assembler)
        transport = ("Transport", "RTP/AVP/TCP;unicast;interleaved=0-1")
        reply = self._dialogue.request("SETUP", video.control, [transport])
        self._channels = _channels(reply.get("transport"))
        quiet = _TIMEOUT.search(reply.get("session"))
        timeout_s = float(quiet[1]) if quiet else _SESSION_TIMEOUT_S
        self._quiet_s = min(max(timeout_s / 2, _QUIET_S[0]), _QUIET_S[1])
        self._assembler = assembler
        # Both widespread clients name this range; cameras that are live take it as "now".
        self._dialogue.request("PLAY", video.aggregate, [("Range", "npt=0.000-")])
        self._heard_s = monotonic()
        self._keep_alive_due_s = self._heard_s + self._quiet_s
        self._report_due_s = self._heard_s + _REPORT_EVERY_S

    def _take(self, packet: Packet) -> None:
        """Take an interleaved packet; of other streams than ours there should be none."""
        channel, content = packet
        if self._assembler is None:
            return
        arrival_s = self._dialogue.link.arrival_s
        if channel == self._channels[0]:
            self._heard_s = arrival_s
            for unit in self._assembler.feed(content):
                self._reception.note_unit(unit.ticks, arrival_s)
                self._ready.append(Arrival(unit, arrival_s))
        elif channel == self._channels[1]:
            heard = parse_reports(content)
            if heard.is_bye:
                raise reasons.ended()
            if heard.last_report is not None:
                self._reception.note_report(heard.last_report, arrival_s)

    def _hear_reply(self, reply: Message) -> None:
        """Take the reply to a keep-alive."""
        try:
            status = reply.status
        except RtspError:
            return
        if status == _SESSION_GONE:
            raise reasons.ended()
        if status == _UNAUTHORIZED:
            try:
                self._dialogue.accept_challenge(reply)
            except UnsuitedError:
                raise reasons.refused() from None
            self._keep_alive_due_s = 0.0
        elif status >= 400 and self._keep_alive == "GET_PARAMETER":
            # Cameras that know no GET_PARAMETER take OPTIONS as a sign of life.
            self._keep_alive = "OPTIONS"
            self._keep_alive_due_s = 0.0

    def _tend(self) -> float:
        """Send what is due, and return when the next is, monotonic seconds."""
        now_s = monotonic()
        if now_s >= self._keep_alive_due_s:
            self._dialogue.send(self._keep_alive, self._aggregate)
            self._keep_alive_due_s = now_s + self._quiet_s
        if now_s >= self._report_due_s:
            seen = self._reception.take(now_s)
            if seen is not None:
                report = receiver_report(self._ssrc, seen, _CNAME)
                self._dialogue.link.send(frame_packet(report, self._channels[1]))
            self._report_due_s = now_s + _REPORT_EVERY_S
        return min(self._keep_alive_due_s, self._report_due_s)


def _channels(transport: str) -> tuple[int, int]:
    """Return the channels of RTP and RTCP that the camera chose in its reply to SETUP."""
    if "TCP" not in transport.upper():
        raise UnsuitedError
    match = _INTERLEAVED.search(transport)
    if match is None:
        return 0, 1
    first = int(match[1])
    second = int(match[2]) if match[2] else first + 1
    if max(first, second) > 0xFF:
        raise UnsuitedError
    return first, second
