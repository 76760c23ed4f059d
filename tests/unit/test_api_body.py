from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from support.api import ApiStand, serving_api

REQUESTS = {
    "PATCH /api/cameras/door/overlay": "application/json",
    "PATCH /whep/sessions/none": "application/json",
    "POST /whep": "application/sdp",
    "POST /whep/door": "application/sdp",
}
"""Every request whose body is read, with the type that it must have."""


async def begun(
    stand: ApiStand, request: str, framing: str, sent: bytes
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Send a request's head and what there is of its body, on a socket of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", stand.client.port)
    head = f"{request} HTTP/1.1\r\nHost: wall\r\nContent-Type: {REQUESTS[request]}\r\n{framing}\r\n"
    writer.write(f"{head}\r\n".encode() + sent)
    return reader, writer


@pytest.mark.parametrize("request_line", REQUESTS)
@pytest.mark.parametrize(
    ("framing", "sent"),
    [("Content-Length: 9", b"{"), ("Transfer-Encoding: chunked", b"1\r\n{\r\n")],
)
async def test_a_body_that_does_not_come_in_time_is_answered_and_its_connection_closed(
    tmp_path: Path, request_line: str, framing: str, sent: bytes
) -> None:
    async with serving_api(tmp_path, body_s=0.05) as stand:
        reader, writer = await begun(stand, request_line, framing, sent)

        answer = await asyncio.wait_for(reader.read(), 10)  # until the server closes

        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 408 ")
        assert b"connection: close" in head.lower()
        assert msgspec.json.decode(body) == {
            "error": {"code": "too_slow", "message": "The body was not sent within 0.05 s."}
        }
        assert stand.wall.asked == []
        writer.close()
        await writer.wait_closed()


async def test_a_client_that_sends_byte_by_byte_gains_no_time(tmp_path: Path) -> None:
    async with serving_api(tmp_path, body_s=0.1) as stand:
        request = "PATCH /api/cameras/door/overlay"
        reader, writer = await begun(stand, request, "Content-Length: 10000", b"{")
        answer = asyncio.create_task(reader.readuntil(b"\r\n\r\n"))
        sent = 0
        while not answer.done():
            assert sent < 1000, "it was still listened to"
            writer.write(b" ")
            sent += 1
            await asyncio.wait({answer}, timeout=0.01)

        assert (await answer).startswith(b"HTTP/1.1 408 ")
        assert sent > 1
        writer.close()


async def test_a_body_that_comes_in_pieces_and_in_time_is_taken(tmp_path: Path) -> None:
    async with serving_api(tmp_path) as stand:
        whole = b'{"colormap": "turbo"}'
        framing = f"Content-Length: {len(whole)}\r\nConnection: close"
        request = "PATCH /api/cameras/door/overlay"
        reader, writer = await begun(stand, request, framing, whole[:4])
        await writer.drain()
        await asyncio.sleep(0)
        writer.write(whole[4:])

        assert (await asyncio.wait_for(reader.read(), 10)).startswith(b"HTTP/1.1 200 ")
        assert stand.wall.settings["colormap"] == "turbo"
        writer.close()
