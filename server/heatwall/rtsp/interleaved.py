"""Splits the bytes of an RTSP connection into replies and binary packets (RFC 2326, 10.12).

Written for the pace of video: bytes are received into one large buffer and packets are views of
it, so that a packet costs neither an allocation nor a copy here.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from heatwall.rtsp.message import (
    HEAD_END,
    MAX_BODY,
    MAX_HEAD,
    Message,
    RtspError,
    body_length,
    parse_head,
)
from heatwall.rtsp.rtp import VERSION

Packet = tuple[int, memoryview]
"""A channel, and a packet's bytes: valid until the next bytes are received."""

DOLLAR = 0x24
_HEADER = struct.Struct(">BBH")
HEADER_SIZE = _HEADER.size
"""`$`, the channel and two bytes of length."""

_BUFFER_BYTES = 262_144
"""More than the longest message or packet, and a second of a usual stream in one call."""
_LONGEST = max(HEADER_SIZE + 0xFFFF, MAX_HEAD + len(HEAD_END) + MAX_BODY)
_MAX_STRAY = 1 << 20
"""Bytes between two packets after which it is clear that they won't come any more; enough for a
whole lost keyframe."""

_METHOD = re.compile(rb"[A-Z_]{3,20} ")
_BEGIN = re.compile(rb"\$[\x00-\x0f]..[\x80-\xbf]|RTSP/1\.", re.DOTALL)
"""What looks like a packet (RTP and RTCP begin with version 2) or a reply, after stray bytes."""


def frame_packet(packet: bytes, channel: int) -> bytes:
    """Return one RTP or RTCP packet framed for an RTSP connection (RFC 2326 section 10.12)."""
    return _HEADER.pack(DOLLAR, channel, len(packet)) + packet


class InterleavedReader:
    """The receiving side of one connection. Not thread-safe.

    Usage: receive into `space()`, tell `received(count)`, take all of `messages()`, and again.
    """

    def __init__(self) -> None:
        self._buffer = bytearray(_BUFFER_BYTES)
        self._view = memoryview(self._buffer)
        self._begin = 0
        self._end = 0
        self._stray = 0
        self.stray_bytes = 0
        """Bytes that belonged to nothing, so far."""

    @property
    def is_waiting(self) -> bool:
        """Whether there are bytes that `messages` has not given out yet."""
        return self._end > self._begin

    def space(self) -> memoryview:
        """Return where the next bytes belong; packets given out before are void then."""
        if self._begin == self._end:
            self._begin = self._end = 0
        elif _BUFFER_BYTES - self._begin < _LONGEST:
            rest = self._end - self._begin
            self._buffer[:rest] = self._buffer[self._begin : self._end]
            self._begin, self._end = 0, rest
        return self._view[self._end :]

    def received(self, count: int) -> None:
        """Take note of `count` bytes that were put into `space()`."""
        self._end += count

    def messages(self) -> Iterator[Message | Packet]:
        """Yield all that is complete.

        Raises:
            RtspError: The bytes are no RTSP, and have not been for too long.
        """
        buffer, view = self._buffer, self._view
        while (begin := self._begin) < self._end:
            if buffer[begin] == DOLLAR:
                if self._end - begin < HEADER_SIZE:
                    return
                content = begin + HEADER_SIZE
                end = content + (buffer[begin + 2] << 8) + buffer[begin + 3]
                if content < self._end and end > content and buffer[content] & 0xC0 != VERSION:
                    self._skip()  # a `$` within something else: RTP and RTCP are of version 2
                    continue
                if end > self._end:
                    return
                self._begin = end
                self._stray = 0
                yield buffer[begin + 1], view[content:end]
            else:
                message = self._message()
                if message is None:
                    return
                if message is not _NOTHING:
                    yield message

    def _message(self) -> Message | None:
        """Take a text message; `_NOTHING` after stray bytes, None while it is incomplete."""
        begin, end = self._begin, self._end
        if self._buffer[begin] in b"\r\n":  # blank lines before a message mean nothing
            self._begin += 1
            return _NOTHING
        start = bytes(self._buffer[begin : min(end, begin + 21)])
        is_text = start[:7] == b"RTSP/1." or _METHOD.match(start)
        if not is_text:
            if end - begin < 7 and b"RTSP/1.".startswith(start):
                return None
            return self._skip()
        head_end = self._buffer.find(HEAD_END, begin, min(end, begin + MAX_HEAD + len(HEAD_END)))
        if head_end < 0:
            return None if end - begin <= MAX_HEAD else self._skip()
        try:
            head = parse_head(bytes(self._buffer[begin:head_end]))
            body_begin = head_end + len(HEAD_END)
            body_end = body_begin + body_length(head)
        except RtspError:
            return self._skip()
        if body_end > end:
            return None
        self._begin = body_end
        self._stray = 0
        return Message(head.first, head.headers, bytes(self._buffer[body_begin:body_end]))

    def _skip(self) -> Message:
        """Pass over stray bytes up to what looks like a beginning.

        Some cameras lose bytes of their own when their send buffer is full; libavformat skips to
        the next `$` as well, but takes any.
        """
        found = _BEGIN.search(self._buffer, self._begin + 1, self._end)
        # Without a find, the last four bytes may be the beginning of what is searched for.
        target = found.start() if found else max(self._begin + 1, self._end - 4)
        self._stray += target - self._begin
        self.stray_bytes += target - self._begin
        self._begin = target
        if self._stray > _MAX_STRAY:
            raise RtspError("the camera sends what is not RTSP")
        return _NOTHING


_NOTHING = Message("")
"""Stands for bytes that were passed over."""
