"""Reads and writes RTSP 1.0 messages as bytes, without any I/O (RFC 2326)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

from heatwall.rtsp.interleaved import DOLLAR, HEADER_SIZE
from heatwall.rtsp.message import (
    HEAD_END,
    MAX_HEAD,
    RtspError,
    body_length,
    encode_message,
    parse_head,
)


class Status(IntEnum):
    """The status codes that the server answers with (RFC 2326 section 7.1.1)."""

    OK = 200
    BAD_REQUEST = 400
    UNAUTHORIZED = 401
    NOT_FOUND = 404
    METHOD_NOT_ALLOWED = 405
    SESSION_NOT_FOUND = 454
    METHOD_NOT_VALID_IN_THIS_STATE = 455
    UNSUPPORTED_TRANSPORT = 461
    NOT_IMPLEMENTED = 501

    @property
    def reason(self) -> str:
        """The reason phrase."""
        return "OK" if self is Status.OK else self.name.replace("_", " ").title()


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    Attributes:
        method: Upper-case, such as `DESCRIBE`.
        uri: As the client wrote it.
        headers: Names in lower case.
        body: Possibly empty.
    """

    method: str
    uri: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def camera(self) -> str:
        """The first part of the path, `cam1` of `rtsp://host/cam1/trackID=0`; `` for `*`."""
        path = self.uri.partition("://")[2].partition("/")[2] if "://" in self.uri else self.uri
        first = path.lstrip("/").partition("/")[0].partition("?")[0]
        return "" if first == "*" else first


@dataclass(frozen=True, slots=True)
class Interleaved:
    """One binary packet that came within the connection (RFC 2326 section 10.12).

    Attributes:
        channel: The number agreed in SETUP.
        packet: RTP or RTCP.
    """

    channel: int
    packet: bytes


@dataclass(frozen=True, slots=True)
class Response:
    """One answer.

    Attributes:
        status: Outcome.
        headers: Pairs, since a name may stand twice.
        body: Possibly empty; its length is added.
    """

    status: Status
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def encode(self, cseq: str) -> bytes:
        """Return the bytes that answer the request with number `cseq`."""
        first = f"RTSP/1.0 {self.status.value} {self.status.reason}"
        return encode_message(first, [("CSeq", cseq), *self.headers], self.body)


class MessageReader:
    """Turns the bytes of one connection into requests and interleaved packets."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, chunk: bytes) -> Iterator[Request | Interleaved]:
        """Add `chunk` and yield every message that is complete now.

        Raises:
            RtspError: The bytes are no RTSP, or a message is too long.
        """
        self._buffer += chunk
        while self._buffer:
            if self._buffer[0] in b"\r\n":  # blank lines before a request mean nothing
                del self._buffer[0]
                continue
            message = self._interleaved() if self._buffer[0] == DOLLAR else self._request()
            if message is None:
                return
            yield message

    def _interleaved(self) -> Interleaved | None:
        """Take one binary packet, or return None while it is incomplete."""
        if len(self._buffer) < HEADER_SIZE:
            return None
        end = HEADER_SIZE + int.from_bytes(self._buffer[2:4], "big")
        if len(self._buffer) < end:
            return None
        message = Interleaved(self._buffer[1], bytes(self._buffer[HEADER_SIZE:end]))
        del self._buffer[:end]
        return message

    def _request(self) -> Request | None:
        """Take one request, or return None while it is incomplete."""
        head_end = self._buffer.find(HEAD_END)
        if head_end < 0:
            if len(self._buffer) > MAX_HEAD:
                raise RtspError("request head too long")
            return None
        head = parse_head(bytes(self._buffer[:head_end]))
        method, uri = _parse_first(head.first)
        begin = head_end + len(HEAD_END)
        end = begin + body_length(head)
        if len(self._buffer) < end:
            return None
        body = bytes(self._buffer[begin:end])
        del self._buffer[:end]
        return Request(method, uri, dict(head.headers), body)


def _parse_first(line: str) -> tuple[str, str]:
    """Return method and URI of a request line (RFC 2326 section 6.1)."""
    parts = line.split(" ")
    if len(parts) != 3 or not parts[2].startswith("RTSP/1."):
        raise RtspError("no RTSP 1 request")
    return parts[0].upper(), parts[1]
