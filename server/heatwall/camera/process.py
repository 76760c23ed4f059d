"""Starting one worker process with its link to main."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import deque
from collections.abc import AsyncIterator

from heatwall.camera.link import HEADER, ToMain, ToWorker, body_length, pack, unpack_to_main
from heatwall.camera.outbox import BUFFER_BYTES
from heatwall.redaction import environment_without_secrets, redact

_log = logging.getLogger(__name__)

_OVERLAY_LIMIT_BYTES = 256 * 1024
"""Overlays are held back while more than this waits for a worker: the next one replaces them."""

_LINES_KEPT = 100
"""Of what a worker prints: the stacks of all its threads when it crashes."""

_LONGEST_LINE = 500
"""Characters; what is longer is no message."""

_AT_ONCE = 32
"""Messages that are taken before the event loop has its turn. A healthy worker sends a few dozen a
second; what one that floods has sent waits in the reader, whose reads then never let go."""

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
        self._printed: deque[str] = deque(maxlen=_LINES_KEPT)
        self._has_said_all = asyncio.Event()
        self._received = 0
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

        However many wait, the event loop has its turn between them.

        Raises:
            LinkError: It sent what is no message.
        """
        self._received += 1
        if self._received % _AT_ONCE == 0:
            await asyncio.sleep(0)
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

    async def last_words(self) -> str:
        """Return the last lines that an ended process printed, redacted: why it died, if any do."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_END_S):
                await self._has_said_all.wait()
        return "\n".join(self._printed)

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
        while True:
            try:
                line = await self._process.stderr.readline()
            except ValueError:
                continue  # longer than the reader's 64 KiB, which it has thrown away
            if not line:
                break
            text = redact(line.decode(errors="replace").rstrip())[:_LONGEST_LINE]
            self._printed.append(text)
            _log.warning("its process says: %s", text, extra={"camera": self._camera})
        self._has_said_all.set()


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
                env=environment_without_secrets(os.environ),
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
