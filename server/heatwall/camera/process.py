"""Starting one worker process with its link to main."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator

from heatwall.camera.link import HEADER, ToMain, ToWorker, body_length, pack, unpack_to_main
from heatwall.camera.outbox import BUFFER_BYTES
from heatwall.values import redact

_log = logging.getLogger(__name__)

_OVERLAY_LIMIT_BYTES = 256 * 1024
"""Overlays are held back while more than this waits for a worker: the next one replaces them."""

_END_S = 1.0
"""A healthy worker ends within milliseconds of losing its link; then it is killed."""


class WorkerProcess:
    """A running worker, as main sees it. Event loop only.

    Made by `started`; the process is gone when that context ends.
    """

    def __init__(
        self,
        camera: str,
        process: Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._camera = camera
        self._process = process
        self._reader = reader
        self._writer = writer
        self.pid = process.pid

    def send(self, message: ToWorker) -> None:
        """Send a message; returns at once."""
        self._writer.write(pack(message))

    @property
    def is_behind(self) -> bool:
        """Whether so much waits for the worker that what can be left out should be."""
        return self._writer.transport.get_write_buffer_size() > _OVERLAY_LIMIT_BYTES

    async def receive(self) -> ToMain | None:
        """Return the next message, or None when the worker has closed its end.

        Raises:
            LinkError: It sent what is no message.
        """
        try:
            header = await self._reader.readexactly(HEADER.size)
            return unpack_to_main(await self._reader.readexactly(body_length(header)))
        except (asyncio.IncompleteReadError, ConnectionError):
            return None

    def hang_up(self) -> None:
        """Close the link, which ends a healthy worker; `receive` then returns None."""
        self._writer.close()

    def kill(self) -> None:
        """End the process at once."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def ended(self) -> int:
        """Wait for the process and return its exit code, negative for a signal."""
        return await self._process.wait()

    async def close(self) -> None:
        """Close the link, which ends a healthy worker, and kill one that does not end."""
        self._writer.close()
        try:
            async with asyncio.timeout(_END_S):
                await self._process.wait()
        except TimeoutError:
            self.kill()
            await self._process.wait()

    async def log_errors(self) -> None:
        """Pass what the worker prints on to the log, without credentials."""
        if self._process.stderr is None:
            return
        async for line in self._process.stderr:
            text = redact(line.decode(errors="replace").rstrip())
            _log.warning("camera %s: worker: %s", self._camera, text[:500])


@contextlib.asynccontextmanager
async def started(camera: str, memory_fd: int) -> AsyncIterator[WorkerProcess]:
    """Start a worker and end it with the context.

    Args:
        camera: The camera's id, for logs.
        memory_fd: Shared memory for its detect frames, which the worker inherits.

    Raises:
        OSError: The process can't be started.
    """
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    for end in (ours, theirs):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
    try:
        with theirs:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "heatwall.camera.worker",
                str(theirs.fileno()),
                str(memory_fd),
                stdin=DEVNULL,
                stdout=DEVNULL,
                stderr=PIPE,
                pass_fds=(theirs.fileno(), memory_fd),
            )
    except BaseException:  # cancellation too must not leave the socket open
        ours.close()
        raise
    reader, writer = await asyncio.open_connection(sock=ours, limit=1 << 22)
    worker = WorkerProcess(camera, process, reader, writer)
    try:
        yield worker
    finally:
        await asyncio.shield(worker.close())
