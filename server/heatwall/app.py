"""The server, put together: what starts, in which order, and what ends it."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import sys
from collections.abc import AsyncIterator, Callable
from importlib.resources import files
from pathlib import Path

from aiohttp import web

from heatwall.api import make_app
from heatwall.camera.hardware import find_hardware
from heatwall.clock import monotonic, wall
from heatwall.config import Config
from heatwall.delivery.peer import check_aiortc, packetise
from heatwall.delivery.session import Sessions
from heatwall.doors import IDLE_S, keeping_room
from heatwall.ending import Ending
from heatwall.errors import PortInUseError, StartError
from heatwall.machine import raise_descriptor_limit, share_memory
from heatwall.roles import open_role
from heatwall.sd_notify import ServiceManager
from heatwall.wall import Wall

_GIL_SWITCH_S = 0.001
"""How long the analyst's Python code may hold the interpreter before the event loop gets its turn.
With Python's 5 ms every packet of every viewer would wait for that long on a busy analyst."""

_SHUTDOWN_S = 0.5
"""What open requests get to end after all else has ended; WebSockets were told before."""

_FAREWELL_S = 1.0
"""What the viewers get to take their goodbye, all together."""

_LINGER_S = 2.0
"""How long a client that was answered may go on with its body, to then read the answer, before
its connection is closed."""


def page_dir() -> Path:
    """Return the folder of the page: inside the wheel, or beside the source in a checkout.

    Raises:
        StartError: It is in neither place.
    """
    installed = Path(str(files("heatwall") / "web"))
    checkout = Path(__file__).resolve().parents[2] / "web"
    for folder in (installed, checkout):
        if (folder / "index.html").is_file():
            return folder
    raise StartError("the page's files are missing from this installation; install it again")


@contextlib.asynccontextmanager
async def running(
    config: Config, model_path: str, host: str, port: int, config_file: Path | None = None
) -> AsyncIterator[tuple[Wall, str]]:
    """Run the server; everything ends with the context, in reverse order.

    Args:
        config: All settings.
        model_path: The model's file or name.
        host: Address to listen on.
        port: TCP port, 0 for a free one.
        config_file: The file that the config came from; None for one made in code.

    Yields:
        The wall, and the address of the page.

    Raises:
        StartError: The port is taken, or the page or the model is missing; the last one inside
            an ExceptionGroup.
    """
    check_aiortc()
    hardware = await asyncio.to_thread(find_hardware)
    store = Wall(config, model_path, packetise, monotonic, wall, hardware, config_file)
    async with Sessions(
        store.fanout,
        knows=config.cameras.__contains__,
        max_viewers=config.server.max_viewers,
        clock=monotonic,
    ) as sessions:
        edge = _app(store, sessions, config, host, config_file)
        async with (
            _listening(edge, host, port) as address,
            store.running(),
            _farewell(edge),
        ):
            yield store, address


def _app(
    store: Wall, sessions: Sessions, config: Config, host: str, config_file: Path | None
) -> web.Application:
    return make_app(
        store,
        store.desk,
        sessions,
        page_dir(),
        open_role=open_role(config.server.role, host),
        config_file=config_file,
    )


@contextlib.asynccontextmanager
async def _farewell(edge: web.Application) -> AsyncIterator[None]:
    """Tell the viewers that the server stops before the cameras do, and not after."""
    try:
        yield
    finally:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_FAREWELL_S):
                await edge.shutdown()


@contextlib.asynccontextmanager
async def _told(manager: ServiceManager, store: Wall) -> AsyncIterator[None]:
    """Tell the system's service manager, if there is one, how the server does."""
    try:
        async with asyncio.TaskGroup() as group:
            living = group.create_task(
                manager.keep_alive(lambda: store.detection().is_lost), name="signs of life"
            )
            manager.tell("READY=1")
            yield
            manager.tell("STOPPING=1")
            living.cancel()
    finally:
        manager.close()


@contextlib.asynccontextmanager
async def _listening(app: web.Application, host: str, port: int) -> AsyncIterator[str]:
    runner = web.AppRunner(
        app,
        access_log=None,
        shutdown_timeout=_SHUTDOWN_S,
        lingering_time=_LINGER_S,
        keepalive_timeout=IDLE_S,
    )
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortInUseError(
                    f"port {port} on {host} is in use; stop what listens there, or choose another "
                    "with --port or server.port"
                ) from error
            raise StartError(f"can't listen on {host}:{port}: {error.strerror}") from error
        bound = runner.addresses[0][1]
        shown = "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host
        async with keeping_room(runner):
            yield f"http://{f'[{shown}]' if ':' in shown else shown}:{bound}"
    finally:
        await runner.cleanup()


async def serve(
    config: Config,
    model_path: str,
    host: str,
    port: int,
    announce: Callable[[str], None],
    config_file: Path | None = None,
) -> None:
    """Run the server until SIGINT or SIGTERM.

    Args:
        config: All settings.
        model_path: The model's file or name.
        host: Address to listen on.
        port: TCP port, 0 for a free one.
        announce: Called with the page's address once it can be opened.
        config_file: The file that the config came from; None for one made in code.

    Raises:
        StartError: Something the server needs is missing.
    """
    sys.setswitchinterval(_GIL_SWITCH_S)
    share_memory()
    raise_descriptor_limit()
    ending = Ending()
    manager = ServiceManager.of(os.environ)
    try:
        async with (
            running(config, model_path, host, port, config_file) as (store, address),
            _told(manager, store),
        ):
            announce(address)
            await ending.wait()
    except* StartError as group:
        raise _first(group) from None


def _first(group: BaseExceptionGroup[StartError]) -> StartError:
    """Return the first error of a group of groups."""
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
