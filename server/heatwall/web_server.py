"""The socket that the page and the API are served on."""

from __future__ import annotations

import asyncio
import contextlib
import errno
from collections.abc import AsyncIterator

from aiohttp import web

from heatwall.api.limits import REFUSALS
from heatwall.api.peer_address import PROXY
from heatwall.doors import IDLE_S, House, keeping_room
from heatwall.errors import PortInUseError, StartError
from heatwall.roles import is_loopback
from heatwall.tls import HANDSHAKE_S, Certificate, renewing

_SHUTDOWN_S = 0.5
"""What open requests get to end after all else has ended; WebSockets were told before."""

_LINGER_S = 2.0
"""How long a client that was answered may go on with its body, to then read the answer, before
its connection is closed."""

_BACKLOG = 128
"""Connections that the system holds until they are taken."""


@contextlib.asynccontextmanager
async def listening(
    app: web.Application, host: str, port: int, certificate: Certificate | None
) -> AsyncIterator[str]:
    """Serve an application while the context lasts.

    Args:
        app: What is served.
        host: Address to listen on.
        port: TCP port, 0 for a free one.
        certificate: For TLS; None for plain HTTP.

    Yields:
        The address of the page.

    Raises:
        StartError: The address is not this machine's, or its port is taken.
    """
    runner = web.AppRunner(
        app,
        access_log=None,
        shutdown_timeout=_SHUTDOWN_S,
        lingering_time=_LINGER_S,
        keepalive_timeout=IDLE_S,
    )
    await runner.setup()
    try:
        server = await _opened(runner, host, port, certificate)
        bound = server.sockets[0].getsockname()[1]
        shown = "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host
        scheme = "https" if certificate else "http"
        try:
            async with keeping_room(runner, _house(app)), _renewing(certificate):
                yield f"{scheme}://{f'[{shown}]' if ':' in shown else shown}:{bound}"
        finally:
            server.close()
    finally:
        await runner.cleanup()


async def _opened(
    runner: web.AppRunner, host: str, port: int, certificate: Certificate | None
) -> asyncio.Server:
    """Listen, as aiohttp's `TCPSite` does, which leaves a TLS handshake a minute."""
    protocol = runner.server
    if protocol is None:
        raise StartError("the web server is not set up")
    context = None if certificate is None else certificate.context
    try:
        return await asyncio.get_running_loop().create_server(
            protocol,
            host,
            port,
            ssl=context,
            backlog=_BACKLOG,
            ssl_handshake_timeout=None if context is None else HANDSHAKE_S,
        )
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortInUseError(
                f"port {port} on {host} is in use; stop what listens there, or choose another "
                "with --port or server.port"
            ) from error
        raise StartError(f"can't listen on {host}:{port}: {error.strerror}") from error


def _house(app: web.Application) -> House:
    proxy = app[PROXY]
    return House(
        is_proxy=lambda address: is_loopback(address) or proxy.trusts(address),
        note=app[REFUSALS].note,
    )


def _renewing(certificate: Certificate | None) -> contextlib.AbstractAsyncContextManager[None]:
    return renewing(certificate) if certificate else contextlib.nullcontext()
