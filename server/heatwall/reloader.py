"""The config file, watched: what changes in it changes the running server."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from watchfiles import awatch

from heatwall.clock import Clock
from heatwall.config import Config, load_config, read_text
from heatwall.errors import ConfigError, ConfigFault, DeliveryError, ModelError
from heatwall.status import ConfigStatus

_DEBOUNCE_MS = 200
"""An editor writes in several steps; a quarter of a second of silence ends them."""

_LOOK_EVERY_MS = 3000
"""How often the file is looked at though nothing was told: not all network disks tell."""

_MISSING_S = 2.0
"""How long a file may be away or empty: some editors remove it before they write it anew."""

_LOOK_AGAIN_S = 0.1
"""How often a file that is away is looked for meanwhile."""

_SECRET = re.compile(r"\$\{file:([^}]*)\}")

_log = logging.getLogger(__name__)

_Mark = tuple[object, ...]
"""Which files were read, and in which state."""


class Reloaded(Protocol):
    """What takes the new config first; see `heatwall.wall.Wall`."""

    async def reconfigure(self, config: Config) -> None:
        """Take another config, all or nothing."""

    def tell_config(self, status: ConfigStatus) -> None:
        """Tell what became of the file from now on."""


Load = Callable[[Path], Config]
"""Loads a config file; blocks."""


class Reloader:
    """Keeps the server as its config file says. Event loop only.

    A file that can't be used is refused as a whole: what ran before goes on, and the reason is
    told. One that means the same as before changes nothing.

    Args:
        path: The file.
        config: What it said when the server started.
        wall: Takes a new config first, and may refuse it.
        listeners: Take it then, in this order.
        clock: Seconds since 1970 UTC.
        load: Loads the file.
    """

    def __init__(
        self,
        path: Path,
        config: Config,
        wall: Reloaded,
        listeners: Sequence[Callable[[Config], None]],
        clock: Clock,
        load: Load = load_config,
    ) -> None:
        self._path = path.absolute()
        self._shown = path
        self._first = self._config = config
        self._wall = wall
        self._listeners = listeners
        self._clock = clock
        self._load = load
        self._mark: _Mark | None = None
        self._status = ConfigStatus()
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """Read the file again, also when it looks as before; for SIGHUP."""
        self._mark = None
        self._asked.set()

    async def keep(self) -> None:
        """Watch until cancelled."""
        await self.look()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._answer_asks(), name="reload asked for")
            while True:
                folders = await asyncio.to_thread(_folders, self._path)
                with contextlib.suppress(OSError):
                    await self._watch(folders)
                await asyncio.sleep(_LOOK_EVERY_MS / 1000)

    async def _answer_asks(self) -> None:
        while True:
            await self._asked.wait()
            self._asked.clear()
            _log.info("asked to read %s again", self._shown)
            await self.look()

    async def _watch(self, folders: frozenset[Path]) -> None:
        """Look whenever something changes in `folders`, until others are to be watched."""
        async for _ in awatch(
            *folders,
            watch_filter=None,
            debounce=_DEBOUNCE_MS,
            step=50,
            rust_timeout=_LOOK_EVERY_MS,
            yield_on_timeout=True,
            recursive=False,
        ):
            await self.look()
            if await asyncio.to_thread(_folders, self._path) != folders:
                return

    async def look(self) -> None:
        """Read the file if it changed, and let the server be as it says."""
        mark = await asyncio.to_thread(_mark, self._path)
        if mark == self._mark:
            return
        try:
            config = await self._read()
            if config != self._config:
                await self._apply(config)
        except (ConfigError, ModelError, DeliveryError) as error:
            self._refuse(error)
        else:
            self._accept()
        self._mark = mark

    async def _read(self) -> Config:
        """Load the file; one that is away or empty is waited for.

        Raises:
            ConfigError: It can't be used.
        """

        async def is_there() -> bool:
            with contextlib.suppress(OSError):
                return (await asyncio.to_thread(self._path.stat)).st_size > 0
            return False

        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_MISSING_S):
                while not await is_there():  # noqa: ASYNC110 - a disk wakes nobody
                    await asyncio.sleep(_LOOK_AGAIN_S)
        return await asyncio.to_thread(self._load, self._path)

    async def _apply(self, config: Config) -> None:
        await self._wall.reconfigure(config)
        self._config = config
        for listener in self._listeners:
            listener(config)
        _log.info("%s is read again: %d cameras", self._shown, len(config.cameras))

    def _accept(self) -> None:
        changed = needs_restart(self._first, self._config)
        status = ConfigStatus(needs_restart=changed)
        if changed and changed != self._status.needs_restart:
            _log.warning("only a restart of the server takes over: %s", ", ".join(changed))
        if self._status.error is not None:
            _log.info("%s can be used again", self._shown)
        if status != self._status or self._mark is not None:
            self._status = status
            self._wall.tell_config(status)

    def _refuse(self, error: ConfigError | ModelError | DeliveryError) -> None:
        if isinstance(error, ConfigError):
            faults = [str(_named(fault, self._shown)) for fault in error.faults]
        else:
            faults = [f"{self._shown}: {error}"]
        for fault in faults:
            _log.error("the config file is refused, all goes on as before: %s", fault)
        since = self._status.since if self._status.error else self._clock()
        self._status = ConfigStatus(faults[0], since, self._status.needs_restart)
        self._wall.tell_config(self._status)


def needs_restart(running: Config, config: Config) -> tuple[str, ...]:
    """Return the keys that differ and that a running server can't take over."""
    found = []
    for section in ("server", "model"):
        before, after = getattr(running, section), getattr(config, section)
        for name, field in type(after).model_fields.items():
            if name != "max_viewers" and getattr(before, name) != getattr(after, name):
                found.append(f"{section}.{field.serialization_alias or name}")
    return tuple(found)


def _named(fault: ConfigFault, path: Path) -> ConfigFault:
    """Return a fault that names the file as the user did, without the folder."""
    return replace(fault, file=path.name)


def _files(path: Path) -> list[Path]:
    """Return the config file and the secrets that it names."""
    try:
        names = _SECRET.findall(read_text(path))
    except ConfigError:
        names = []
    return [path, *(path.parent / Path(name.strip()).expanduser() for name in names)]


def _folders(path: Path) -> frozenset[Path]:
    """Return the folders to watch: of the files, and of what they lead to as links."""
    found = {folder for one in _files(path) for folder in (one.parent, one.resolve().parent)}
    return frozenset(folder for folder in found if folder.is_dir())


def _mark(path: Path) -> _Mark:
    """Return what changes whenever a file changes."""
    marks: list[object] = []
    for one in _files(path):
        try:
            stat = one.stat()
        except OSError:
            marks.append((one, None))
        else:
            marks.append((one, stat.st_mtime_ns, stat.st_size, stat.st_ino))
    return tuple(marks)
