"""The server, put together: what starts, in which order, and what ends it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from aiohttp import web

from heatwall.access.door import Access
from heatwall.alarms.alarms import Alarms
from heatwall.api import make_app
from heatwall.camera.hardware import find_hardware
from heatwall.clock import monotonic, wall
from heatwall.config import Config, ProxyConfig, require_auth
from heatwall.delivery.network import Network
from heatwall.delivery.peer import check_aiortc, packetise
from heatwall.delivery.session import Sessions
from heatwall.ending import Ending
from heatwall.errors import StartError
from heatwall.forwarded import Proxy
from heatwall.machine import raise_descriptor_limit, share_memory
from heatwall.reloader import Reloader
from heatwall.roles import open_role
from heatwall.sd_notify import ServiceManager
from heatwall.tls import Certificate
from heatwall.wall import Wall
from heatwall.web_server import listening

_log = logging.getLogger(__name__)

_GIL_SWITCH_S = 0.001
"""How long the analyst's Python code may hold the interpreter before the event loop gets its turn.
With Python's 5 ms every packet of every viewer would wait for that long on a busy analyst."""

_FAREWELL_S = 1.0
"""What the viewers get to take their goodbye, all together."""


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
        StartError: Anybody in the network could watch, the port is taken, or the page or the model
            is missing; the last one inside an ExceptionGroup.
    """
    require_auth(config, host)
    check_aiortc()
    tls = config.server.tls
    certificate = (
        await asyncio.to_thread(Certificate, tls.certificate, tls.key) if tls is not None else None
    )
    hardware = await asyncio.to_thread(find_hardware)
    store = Wall(config, model_path, packetise, monotonic, wall, hardware, config_file)
    alarms = Alarms(config, store, store.desk, monotonic, wall)
    async with (
        Access(
            config, open_role(config.server.role, host), monotonic, wall, config.server.state
        ) as access,
        Network(config, wall) as network,
        Sessions(
            store.fanout,
            knows=store.knows,
            max_viewers=config.server.max_viewers,
            clock=monotonic,
            most_each=config.server.max_sessions_per_user,
            connect=network.connect,
        ) as sessions,
    ):
        parts = _Parts(config, config_file, certificate, store, sessions, access, network, alarms)
        edge = _app(parts)
        async with (
            listening(edge, host, port, certificate) as address,
            store.running(),
            alarms.running(),
            _reloading(parts),
            _farewell(edge),
        ):
            yield store, address


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the server is put together of."""

    config: Config
    config_file: Path | None
    certificate: Certificate | None
    store: Wall
    sessions: Sessions
    access: Access
    network: Network
    alarms: Alarms

    def expires_at(self) -> float | None:
        """Return until when the certificate is good, seconds since 1970 UTC; None without one."""
        return None if self.certificate is None else self.certificate.expires_at


def _app(parts: _Parts) -> web.Application:
    return make_app(
        parts.store,
        parts.store.desk,
        parts.sessions,
        page_dir(),
        config_file=parts.config_file,
        access=parts.access,
        ice_servers=parts.network.ice_servers,
        alarms=parts.alarms,
        proxy=_proxy(parts.config.server.proxy),
        expiry=parts.expires_at,
    )


def _proxy(config: ProxyConfig) -> Proxy:
    return Proxy(config.trusted, config.header == "forwarded", config.prefix)


@contextlib.asynccontextmanager
async def _reloading(parts: _Parts) -> AsyncIterator[None]:
    """Keep all as the config file says, which SIGHUP asks to read again."""
    loop = asyncio.get_running_loop()
    if parts.config_file is None:
        loop.add_signal_handler(signal.SIGHUP, _log.info, "SIGHUP: there is no config file to read")
        yield
        loop.remove_signal_handler(signal.SIGHUP)
        return
    listeners = (
        parts.access.reconfigure,  # first: nobody sees by a right of before what is new
        lambda new: parts.sessions.allow(new.server.max_viewers, new.server.max_sessions_per_user),
        parts.alarms.reconfigure,
        parts.network.reconfigure,
    )
    reloader = Reloader(parts.config_file, parts.config, parts.store, listeners, wall)
    loop.add_signal_handler(signal.SIGHUP, reloader.ask)
    try:
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(reloader.keep(), name="config file")
            yield
            watching.cancel()
    finally:
        loop.remove_signal_handler(signal.SIGHUP)


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
        ending.done()
    except* StartError as group:
        raise _first(group) from None


def _first(group: BaseExceptionGroup[StartError]) -> StartError:
    """Return the first error of a group of groups."""
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
