"""A bare RTSP client for tests, which shows requests and answers as they are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

SETUP_TCP = "RTP/AVP/TCP;unicast;interleaved=0-1"
"""The Transport header of a client that wants everything in its connection."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One response.

    Attributes:
        status: Status code.
        headers: Names in lower case; those that stand twice are joined by a line break.
        body: Possibly empty.
    """

    status: int
    headers: dict[str, str]
    body: bytes


class RtspClient:
    """One connection; made by `connect`.

    Args:
        reader: Of the connection.
        writer: Of the connection.
        url: The camera's, without credentials.
    """

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, url: str
    ) -> None:
        self.reader = reader
        self.writer = writer
        self.url = url
        self.session = ""
        self._cseq = 0

    async def request(self, method: str, *, uri: str | None = None, **headers: str) -> Answer:
        """Send a request and return its answer, passing over packets in between."""
        self._cseq += 1
        lines = [f"{method} {uri or self.url} RTSP/1.0", f"CSeq: {self._cseq}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if self.session:
            lines.append(f"Session: {self.session}")
        self.writer.write("\r\n".join([*lines, "", ""]).encode())
        while True:
            head = await self.reader.readexactly(4)
            if head[:1] != b"$":
                answer = await self._answer(head)
                self.session = answer.headers.get("session", self.session).partition(";")[0]
                assert answer.headers["cseq"] == str(self._cseq)
                return answer
            await self.reader.readexactly(int.from_bytes(head[2:4], "big"))

    async def packet(self) -> tuple[int, bytes]:
        """Return channel and content of the next interleaved packet."""
        head = await self.reader.readexactly(4)
        assert head[:1] == b"$"
        return head[1], await self.reader.readexactly(int.from_bytes(head[2:4], "big"))

    async def play(self) -> Answer:
        """Set up TCP transport and play; return the answer to PLAY."""
        answer = await self.request("SETUP", uri=f"{self.url}/trackID=0", Transport=SETUP_TCP)
        assert answer.status == 200
        return await self.request("PLAY")

    async def is_closed(self) -> bool:
        """Wait for the server to close; True when it did, whatever it sent before."""
        with suppress(ConnectionError):
            while await self.reader.read(65_536):
                pass
        return True

    async def _answer(self, begin: bytes) -> Answer:
        """Read a response whose first four bytes are `begin`."""
        head = (begin + await self.reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        headers: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(":")
            before = headers.get(name.lower())
            headers[name.lower()] = (
                value.strip() if before is None else f"{before}\n{value.strip()}"
            )
        body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return Answer(int(first.split(" ")[1]), headers, body)


@asynccontextmanager
async def connect(url: str) -> AsyncIterator[RtspClient]:
    """Open a connection to the server of `url`, which holds no credentials."""
    host, _, port = url.split("/")[2].rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield RtspClient(reader, writer, url)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
