"""Reads and writes RTSP 1.0 messages as bytes, without any I/O (RFC 2326)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

_MAX_HEAD = 16_384
"""Bytes of a request line with its headers; real clients need less than 1000."""
_MAX_BODY = 65_536
"""Bytes of a request's body; the only ones in use are keep-alives with an empty one."""
_DOLLAR = 0x24


class RtspError(Exception):
    """Raised when a client's bytes are not RTSP; the connection can't be understood any more."""


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
        lines = [f"RTSP/1.0 {self.status.value} {self.status.reason}", f"CSeq: {cseq}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.body:
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode() + self.body


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
            message = self._interleaved() if self._buffer[0] == _DOLLAR else self._request()
            if message is None:
                return
            yield message

    def _interleaved(self) -> Interleaved | None:
        """Take one binary packet, or return None while it is incomplete."""
        if len(self._buffer) < 4:
            return None
        end = 4 + int.from_bytes(self._buffer[2:4], "big")
        if len(self._buffer) < end:
            return None
        message = Interleaved(self._buffer[1], bytes(self._buffer[4:end]))
        del self._buffer[:end]
        return message

    def _request(self) -> Request | None:
        """Take one request, or return None while it is incomplete."""
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            if len(self._buffer) > _MAX_HEAD:
                raise RtspError("request head too long")
            return None
        method, uri, headers = _parse_head(bytes(self._buffer[:head_end]))
        length = _content_length(headers)
        end = head_end + 4 + length
        if len(self._buffer) < end:
            return None
        body = bytes(self._buffer[head_end + 4 : end])
        del self._buffer[:end]
        return Request(method, uri, headers, body)


def _parse_head(head: bytes) -> tuple[str, str, dict[str, str]]:
    """Return method, URI and headers of a request (RFC 2326 sections 6 and 12)."""
    try:
        first, *rest = head.decode("utf-8").split("\r\n")
        method, uri, version = first.split(" ")
    except ValueError as error:
        raise RtspError("no RTSP request line") from error
    if not version.startswith("RTSP/1."):
        raise RtspError("no RTSP 1 request")
    headers: dict[str, str] = {}
    for line in rest:
        name, colon, value = line.partition(":")
        if not colon:
            raise RtspError("header without a colon")
        headers[name.strip().lower()] = value.strip()
    return method.upper(), uri, headers


def _content_length(headers: dict[str, str]) -> int:
    """Return the announced length of the body."""
    text = headers.get("content-length", "0")
    if not text.isdecimal() or int(text) > _MAX_BODY:
        raise RtspError("bad Content-Length")
    return int(text)
