"""RTP packets of one video stream: their headers, their numbers and what was sent lately. Pure.

Layout of RFC 3550 section 5.1 with the header extensions of RFC 8285.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

HISTORY_PACKETS = 256
"""Packets kept for retransmission: two of the largest pictures, or some seconds of a tile."""

_EXTENDED = 0x90
"""Version 2 with header extensions; without padding and contributing sources."""
_PLAIN = 0x80
_MARKER = 0x80
_ONE_BYTE = 0xBEDE
_TWO_BYTES = 0x1000
_SEND_TIME_BYTES = 3

_FIRST_WORD = struct.Struct(">BBH")
_REST = struct.Struct(">II")
_PROFILE = struct.Struct(">HH")


def absolute_send_time(ntp: int) -> int:
    """Return NTP's time as the extension abs-send-time has it: 6 bits of seconds, 18 of parts."""
    return (ntp >> 14) & 0xFFFFFF


@dataclass(frozen=True, slots=True)
class Extensions:
    """What the answer agreed on; an id of 0 was not.

    Attributes:
        mid: The m-line's name, in each packet (RFC 9143 section 15).
        mid_id: Id of that extension.
        send_time_id: Id of abs-send-time.
    """

    mid: bytes
    mid_id: int
    send_time_id: int

    def around_send_time(self) -> tuple[bytes, bytes]:
        """Return the header's extension block, what stands before abs-send-time and what after.

        Without that extension all stands before; empty when nothing was agreed on.
        """
        items = []
        if self.mid_id and self.mid:
            items.append((self.mid_id, self.mid))
        if self.send_time_id:
            items.append((self.send_time_id, bytes(_SEND_TIME_BYTES)))
        if not items:
            return b"", b""
        # One byte tells ids up to 14 and lengths up to 16 (RFC 8285 section 4.2).
        is_short = all(id_ <= 14 and len(value) <= 16 for id_, value in items)
        body = b"".join(
            (bytes((id_ << 4 | len(value) - 1,)) if is_short else bytes((id_, len(value)))) + value
            for id_, value in items
        )
        padding = bytes(-len(body) % 4)
        profile = _ONE_BYTE if is_short else _TWO_BYTES
        block = _PROFILE.pack(profile, (len(body) + len(padding)) // 4) + body
        if not self.send_time_id:
            return block + padding, b""
        return block[:-_SEND_TIME_BYTES], padding


@dataclass(frozen=True, slots=True)
class SentPicture:
    """One picture as it was sent.

    Attributes:
        sequence: Sequence number of its first packet.
        time: RTP time.
        send_time: abs-send-time of its packets.
        payloads: Of all its packets, shared with all other viewers.
    """

    sequence: int
    time: int
    send_time: int
    payloads: Sequence[bytes]


class RtpStream:
    """Numbers the packets of one SSRC and remembers the last of them.

    Args:
        ssrc: Synchronisation source.
        payload_type: Of its codec.
        extensions: What its packets carry beyond the fixed header.
        sequence: First sequence number. Of the lower half, so that it does not wrap around among
            the first packets, where a lost one would leave the receiver's SRTP out of step
            (RFC 3711 section 3.3.1).
        origin: RTP time of the picture time 0.
    """

    def __init__(
        self, ssrc: int, payload_type: int, extensions: Extensions, sequence: int, origin: int
    ) -> None:
        self.ssrc = ssrc
        self.sequence = sequence
        self._payload_type = payload_type
        self._has_send_time = bool(extensions.send_time_id)
        self._before, self._after = extensions.around_send_time()
        self._origin = origin
        self._sent: deque[SentPicture] = deque()
        self._kept = 0

    def take(self, payloads: Sequence[bytes], time: int, ntp: int) -> SentPicture:
        """Give the next picture its numbers, and remember it.

        Args:
            payloads: At least one.
            time: The picture's own RTP time; may exceed 32 bits.
            ntp: Now, as NTP's time.
        """
        sent = SentPicture(
            self.sequence,
            (self._origin + time) & 0xFFFFFFFF,
            absolute_send_time(ntp),
            payloads,
        )
        self.sequence = (self.sequence + len(payloads)) & 0xFFFF
        self._sent.append(sent)
        self._kept += len(payloads)
        while self._kept > HISTORY_PACKETS and len(self._sent) > 1:
            self._kept -= len(self._sent.popleft().payloads)
        return sent

    def headers(self, picture: SentPicture) -> list[bytes]:
        """Return the RTP headers of a picture's packets, the marker on the last one."""
        rest = _REST.pack(picture.time, self.ssrc) + self._before
        if self._has_send_time:
            rest += picture.send_time.to_bytes(_SEND_TIME_BYTES, "big") + self._after
        first = _PLAIN if len(rest) == _REST.size else _EXTENDED
        pack, kind, sequence = _FIRST_WORD.pack, self._payload_type, picture.sequence
        headers = [
            pack(first, kind, (sequence + index) & 0xFFFF) + rest
            for index in range(len(picture.payloads) - 1)
        ]
        last = (sequence + len(headers)) & 0xFFFF
        return [*headers, pack(first, kind | _MARKER, last) + rest]

    def again(self, sequence: int) -> tuple[bytes, bytes] | None:
        """Return header and payload of one of the last packets; None when it is not known.

        Not a bit differs from when it was sent: SRTP's AES-GCM takes its nonce from the sequence
        number, and two packets under one nonce give away the key (RFC 7714 section 8.1).
        """
        for picture in reversed(self._sent):
            index = (sequence - picture.sequence) & 0xFFFF
            if index < len(picture.payloads):
                return self.headers(picture)[index], picture.payloads[index]
        return None


def retransmission(
    header: bytes, payload: bytes, *, payload_type: int, ssrc: int, sequence: int
) -> tuple[bytes, bytes]:
    """Return header and payload of a lost packet's retransmission (RFC 4588 section 4).

    Args:
        header: Of the lost packet.
        payload: Of the lost packet.
        payload_type: Of retransmissions.
        ssrc: Of retransmissions.
        sequence: The next sequence number of retransmissions.
    """
    first, second, lost = _FIRST_WORD.unpack_from(header)
    time, _ = _REST.unpack_from(header, _FIRST_WORD.size)
    return (
        _FIRST_WORD.pack(first, second & _MARKER | payload_type, sequence)
        + _REST.pack(time, ssrc)
        + header[_FIRST_WORD.size + _REST.size :]
    ), lost.to_bytes(2, "big") + payload
