"""The config file, watched: what changes in it changes the running server."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from watchfiles import awatch

from heatwall.clock import Clock
from heatwall.config import Config, load_config, read_text
from heatwall.errors import ConfigError, ConfigFault, DeliveryError, HeatwallError
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

_Mark = tuple[tuple[object, ...], ...]
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
        self._trackers = _trackers_of(config)
        self._tracked: _Mark | None = None
        self._is_whole = True
        self._status = ConfigStatus()
        self._asked = asyncio.Event()
        self._is_asked = False
        self._turn = asyncio.Lock()
        self._is_unfinished = False
        self._is_deaf = False

    def ask(self) -> None:
        """Read the file again, also when it looks as before; for SIGHUP."""
        self._is_asked = True
        self._asked.set()

    async def keep(self) -> None:
        """Watch until cancelled; where nothing can be watched, look now and then."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._answer_asks(), name="reload asked for")
            while True:
                await self.look()
                try:
                    await self._watch(await self._folders())
                except Exception as error:  # noqa: BLE001 - a watcher's library raises what it likes
                    self._go_deaf(error)
                await asyncio.sleep(_LOOK_EVERY_MS / 1000)

    async def _answer_asks(self) -> None:
        while True:
            await self._asked.wait()
            self._asked.clear()
            _log.info("asked to read %s again", self._shown)
            await self.look()

    async def _folders(self) -> frozenset[Path]:
        return await asyncio.to_thread(_folders, self._path, self._trackers)

    def _go_deaf(self, error: Exception) -> None:
        if not self._is_deaf:
            _log.warning("%s can't be watched, only looked at now and then: %s", self._shown, error)
        self._is_deaf = True

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
            if await self._folders() != folders:
                return

    async def look(self) -> None:
        """Read the file if it changed, and let the server be as it says.

        Whatever fails is told; it ends neither the server nor the watching.
        """
        async with self._turn:  # who asks does not wait for who watches
            if self._is_asked:
                self._is_asked = self._is_whole = False  # all is taken over once more
                self._mark = None
            try:
                mark = await asyncio.to_thread(_mark, self._path)
                tracked = await asyncio.to_thread(_states, self._trackers)
                if mark != self._mark or tracked != self._tracked:
                    await self._take(mark, tracked)
            except Exception as error:  # noqa: BLE001 - a fault in here must not end the server
                _log.exception("%s could not be looked at", self._shown)
                self._refuse(error)

    async def _take(self, mark: _Mark, tracked: _Mark) -> None:
        """Take over what the files say, which are in this state."""
        before, self._tracked = self._tracked, tracked
        try:
            config = await self._read()
            is_same = config == self._config and (before is None or tracked == before)
            if not (is_same and self._is_whole):
                await self._apply(config)
        except Exception as error:  # noqa: BLE001 - the server goes on as it is, and that is told
            if not isinstance(error, HeatwallError):
                _log.error("a bug kept %s from being used", self._shown, exc_info=error)
            self._is_whole = self._is_whole and isinstance(error, ConfigError)
            self._refuse(error)
            self._is_unfinished = isinstance(error, DeliveryError)  # is tried again soon
        else:
            self._is_unfinished = False
            self._accept()
        self._mark = None if self._is_unfinished else mark

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
        trackers = _trackers_of(config)
        # Before they are read: what changes meanwhile is another change.
        tracked = await asyncio.to_thread(_states, trackers)
        await self._wall.reconfigure(config)
        faults = [fault for one in self._listeners if (fault := _heard(one, config)) is not None]
        self._config, self._trackers, self._tracked = config, trackers, tracked
        if faults:
            raise faults[0]
        self._is_whole = True
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

    def _refuse(self, error: Exception) -> None:
        if isinstance(error, ConfigError):
            faults = [str(_named(fault, self._shown)) for fault in error.faults]
        elif isinstance(error, HeatwallError):
            faults = [f"{self._shown}: {error}"]
        else:  # its text is for those who read the log: nobody knows what stands in it
            faults = [f"{self._shown}: a bug kept it from being taken over, see the log"]
        for fault in faults:
            _log.error("the config file is refused, all goes on as before: %s", fault)
        since = self._status.since if self._status.error else self._clock()
        self._status = ConfigStatus(faults[0], since, self._status.needs_restart)
        self._wall.tell_config(self._status)


_LIVE = {("server", "max_viewers"), ("server", "max_sessions_per_user")}
"""What a running server takes over of the sections that it can't."""


def needs_restart(running: Config, config: Config) -> tuple[str, ...]:
    """Return the keys that differ and that a running server can't take over."""
    found = []
    for section in ("server", "model", "log"):
        before, after = getattr(running, section), getattr(config, section)
        for name, field in type(after).model_fields.items():
            if (section, name) not in _LIVE and getattr(before, name) != getattr(after, name):
                found.append(f"{section}.{field.serialization_alias or name}")
    return tuple(found)


def _heard(listener: Callable[[Config], None], config: Config) -> Exception | None:
    """Let a listener take a config; returns why it could not, for the others are to hear it too."""
    try:
        listener(config)
    except Exception as error:  # noqa: BLE001 - one that fails must not keep it from the others
        _log.error("the changed config could not be taken over wholly: %s", error)
        return error
    return None


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


def _trackers_of(config: Config) -> tuple[Path, ...]:
    """Return the files of the users' own trackers."""
    own = {camera.tracker for camera in config.cameras.values() if camera.has_own_tracker}
    return tuple(map(Path, sorted(own)))


def _folders(path: Path, trackers: Sequence[Path]) -> frozenset[Path]:
    """Return the folders to watch: of the files, and of what they lead to as links."""
    files = (*_files(path), *trackers)
    found = {folder for one in files for folder in (one.parent, one.resolve().parent)}
    return frozenset(folder for folder in found if folder.is_dir())


def _mark(path: Path) -> _Mark:
    """Return what changes whenever the config file or a secret changes."""
    return _states(_files(path))


def _states(files: Iterable[Path]) -> _Mark:
    marks: list[tuple[object, ...]] = []
    for one in files:
        try:
            stat = one.stat()
        except OSError:
            marks.append((one, None))
        else:
            marks.append((one, stat.st_mtime_ns, stat.st_size, stat.st_ino))
    return tuple(marks)
