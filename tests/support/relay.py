"""A wire between client and camera that can go dead, or lead to another camera."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator


class Relay:
    """Passes bytes on between those who connect and `target`, a port of this machine.

    Attributes:
        port: Where to connect.
        target: Where new connections lead.
        is_dead: While set nothing passes and nothing is closed, as when a cable is pulled.
    """

    def __init__(self, target: int) -> None:
        self.port = 0
        self.target = target
        self.is_dead = False
        self._writers: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        """Reset all connections."""
        for writer in tuple(self._writers):
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on both ways until one side ends."""
        other, far = await asyncio.open_connection("127.0.0.1", self.target)
        self._writers |= {writer, far}
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pass_on(reader, far))
                group.create_task(self._pass_on(other, writer))
        except* OSError:
            pass  # an end was reset
        finally:
            self._writers -= {writer, far}
            writer.transport.abort()
            far.transport.abort()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while part := await reader.read(1 << 16):
            if not self.is_dead:
                writer.write(part)
                await writer.drain()
        writer.transport.abort()


@contextlib.asynccontextmanager
async def relay(target: int) -> AsyncIterator[Relay]:
    """Run a relay."""
    wire = Relay(target)
    server = await asyncio.start_server(wire.serve, "127.0.0.1", 0)
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        server.close()
        wire.cut()
        await asyncio.sleep(0)
