"""STUN servers of a few lines: one that answers, one that is silent, one that fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aioice import stun

from heatwall.config import IceUrl


class StunServer(asyncio.DatagramProtocol):
    """Answers Binding requests.

    Attributes:
        answer: The address that it says it sees; None to say nothing.
        heard: How many requests came.
    """

    def __init__(self, answer: tuple[str, int] | None) -> None:
        self.answer = answer
        self.heard = 0
        self.url = IceUrl("stun", "127.0.0.1", 0, "udp")
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what answers go out by."""
        self._transport = transport
        self.url = IceUrl("stun", "127.0.0.1", transport.get_extra_info("sockname")[1], "udp")

    def datagram_received(self, data: bytes, address: Any) -> None:
        """Answer as RFC 8489 section 6.3.1 says."""
        self.heard += 1
        if self.answer is None:
            return
        request = stun.parse_message(data)
        response = stun.Message(
            message_method=stun.Method.BINDING,
            message_class=stun.Class.RESPONSE,
            transaction_id=request.transaction_id,
        )
        response.attributes["XOR-MAPPED-ADDRESS"] = self.answer
        self._transport.sendto(bytes(response), address)


@asynccontextmanager
async def stun_server(answer: tuple[str, int] | None) -> AsyncIterator[StunServer]:
    """Run a server on a free port of the loopback."""
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(
        lambda: StunServer(answer), local_addr=("127.0.0.1", 0)
    )
    try:
        yield server
    finally:
        transport.close()
