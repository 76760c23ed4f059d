"""Reads and writes the text of RTSP 1.0 messages (RFC 2326 sections 4 to 7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MAX_HEAD = 16_384
"""Bytes of a first line with its headers; real ones need less than 1000."""
MAX_BODY = 65_536
"""Bytes of a message's body; the longest in use is a description of some kilobytes."""
HEAD_END = b"\r\n\r\n"

_REPLY = "RTSP/1."


class RtspError(Exception):
    """Raised when bytes are not RTSP, or say what can't be; caught at the border by its users."""


@dataclass(frozen=True, slots=True)
class Message:
    """One request or reply, as it travels.

    Attributes:
        first: The request line or status line.
        headers: Pairs of a name in lower case and its value; a name may stand twice.
        body: Possibly empty.
    """

    first: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @property
    def is_reply(self) -> bool:
        """Whether it begins with a status line rather than a request line."""
        return self.first.startswith(_REPLY)

    @property
    def status(self) -> int:
        """The status code of a reply (RFC 2326 section 7.1); RtspError when it has none."""
        code = self.first.split(" ", 2)[1:2]
        if not self.is_reply or not code or not code[0].isascii() or not code[0].isdecimal():
            raise RtspError("no RTSP status line")
        return int(code[0][:4])

    @property
    def method(self) -> str:
        """The method of a request, upper-case."""
        return self.first.partition(" ")[0].upper()

    def all(self, name: str) -> list[str]:
        """Return every value of the header `name`, which is written in lower case."""
        return [value for given, value in self.headers if given == name]

    def get(self, name: str, default: str = "") -> str:
        """Return the first value of the header `name`, which is written in lower case."""
        return next(iter(self.all(name)), default)


def parse_head(head: bytes) -> Message:
    """Return a message without its body.

    Args:
        head: Everything before the empty line.

    Raises:
        RtspError: It is not RTSP.
    """
    try:
        first, *rest = head.decode("utf-8").split("\r\n")
    except ValueError as error:
        raise RtspError("a head that is no text") from error
    headers: list[tuple[str, str]] = []
    for line in rest:
        name, colon, value = line.partition(":")
        if not colon:
            raise RtspError("header without a colon")
        headers.append((name.strip().lower(), value.strip()))
    return Message(first, tuple(headers))


def body_length(head: Message) -> int:
    """Return the announced length of the body, bytes.

    Raises:
        RtspError: It is no number, or more than a message may have.
    """
    text = head.get("content-length", "0")
    if not text.isascii() or not text.isdecimal() or len(text) > 9 or int(text) > MAX_BODY:
        raise RtspError("bad Content-Length")
    return int(text)


def encode_message(first: str, headers: Iterable[tuple[str, str]], body: bytes = b"") -> bytes:
    """Return the bytes of a message; the length of a body is added."""
    lines = [first, *(f"{name}: {value}" for name, value in headers)]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body
