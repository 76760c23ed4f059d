"""The viewers' ways to this server: which addresses they are told, and what servers help them."""

from __future__ import annotations

import asyncio
import dataclasses
import ipaddress
import logging
import socket
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

from heatwall.clock import Clock
from heatwall.config import Config, IceUrl, TurnConfig, WebRtcConfig
from heatwall.delivery.ice import try_out
from heatwall.delivery.ice_servers import IceServer, account_of, servers_for_viewers
from heatwall.delivery.ice_way import Relay, Stun, Way
from heatwall.delivery.network_words import Line, Sight, changes, network_lines
from heatwall.delivery.offer import Offer
from heatwall.delivery.peer import Peer, PeerState, check_ice
from heatwall.errors import DeliveryError
from heatwall.side_thread import SideThread
from heatwall.side_work import kept_up

_LOOK_S = 60.0
"""How often names are looked up and servers tried again: a server that was away is of use a
minute after it is back."""

_NAMES_S = 3.0
"""Longest wait for names."""

_MOST_NAMES = 64
"""That may wait to be looked up: more than a config can have."""

_SERVERS_S = 3.0
"""Longest wait for servers in a look, which nobody waits for: they get three tries."""

_log = logging.getLogger(__name__)


class Network:
    """Knows how viewers reach this server; an async context manager that keeps looking.

    A server that does not answer is left out until a look finds it again, so that no viewer waits
    for it. Event loop only.

    Args:
        config: All settings.
        wall_clock: Seconds since 1970 UTC, which passwords for TURN are made of.
    """

    def __init__(self, config: Config, wall_clock: Clock) -> None:
        self._config = config.webrtc
        self._max_viewers = config.server.max_viewers
        self._wall_clock = wall_clock
        self._hosts: dict[str, str] = {}
        self._states: dict[str, str | None] = {}
        self._is_new = True
        # Not asyncio's own threads: a name server that hangs would keep the process from ending.
        self._names = SideThread("names", _MOST_NAMES)
        self._wake = asyncio.Event()
        self._tasks = asyncio.TaskGroup()
        self._keeper: asyncio.Task[None] | None = None
        if self._config != WebRtcConfig():
            check_ice()

    async def __aenter__(self) -> Self:
        """Begin to look."""
        await self._tasks.__aenter__()
        looking = kept_up("network", self._keep_looking)
        self._keeper = self._tasks.create_task(looking, name="network")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Look no more."""
        if self._keeper is not None:
            self._keeper.cancel()
        await self._tasks.__aexit__(kind, error, traceback)
        await self.close()

    async def close(self) -> None:
        """Look no more names up; idempotent."""
        await self._names.close(within_s=0)

    def reconfigure(self, config: Config) -> None:
        """Take new settings for the viewers that come; those that are there stay.

        Raises:
            StartError: This aioice can't do what they ask for; the old ones stay.
        """
        self._max_viewers = config.server.max_viewers
        if config.webrtc == self._config:
            return
        if config.webrtc != WebRtcConfig():
            check_ice()
        self._config = config.webrtc
        self._states = {}
        self._is_new = True
        self._wake.set()

    def connect(self, offer: Offer, on_state: Callable[[PeerState], None]) -> Peer:
        """Make the connection for a viewer's offer."""
        return Peer(offer, on_state, self.way())

    def ice_servers(self) -> tuple[IceServer, ...]:
        """Return what a viewer's browser is told, with passwords that begin to run out now."""
        return servers_for_viewers(self._config, self._wall_clock())

    def way(self) -> Way | None:
        """Return how the next viewer may be reached; None when the config says nothing of it."""
        config = self._config
        if config == WebRtcConfig():
            return None
        # One of each kind: several would bring nothing but more waiting. A server that others
        # reach by an announced address needs no relay of its own.
        stun = [Stun(at, str(url)) for url in config.stun if (at := self._usable(url))]
        turn = [] if config.announce else [one for one in config.turn if self._usable(one.url)]
        return Way(
            ports=config.ports,
            networks=config.networks,
            announced=self._announced(),
            stun=tuple(stun[:1]),
            relays=tuple(self._relay(one) for one in turn[:1]),
            on_outcome=self._noted,
        )

    async def look(self) -> Sight:
        """Look names up, try all servers, and return what viewers would be told."""
        config = self._config
        await self._look_up(config)
        names = tuple(name for name in config.announce if self._address(name) is None)
        servers: dict[str, str | None] = {
            str(url): None if self._address(url.host) else "has a name that can't be looked up"
            for url in (*config.stun, *(one.url for one in config.turn))
        }
        trial = Way(
            ports=config.ports,
            networks=config.networks,
            stun=tuple(
                Stun(at, str(url)) for url in config.stun if (at := self._resolved(url)) is not None
            ),
            relays=tuple(
                self._relay(one) for one in config.turn if self._resolved(one.url) is not None
            ),
            wait_s=_SERVERS_S,
            on_outcome=servers.__setitem__,
        )
        announced = self._announced()
        try:
            told = await try_out(trial)
        except DeliveryError as error:
            if error.code != "no_address" or not announced:
                return Sight(servers=tuple(servers.items()), names=names, fault=str(error))
            told = ()
        by_kind: dict[str, list[str]] = {"host": [], "srflx": [], "relay": []}
        for one in told:
            by_kind[one.kind].append(one.address)
        return Sight(
            own=tuple(by_kind["host"]),
            announced=announced,
            seen_as=tuple(dict.fromkeys(by_kind["srflx"])),
            relays=tuple(dict.fromkeys(by_kind["relay"])),
            servers=tuple(servers.items()),
            names=names,
        )

    def lines(self, sight: Sight) -> tuple[Line, ...]:
        """Return what is to be said of a look."""
        return network_lines(sight, self._config, self._max_viewers)

    async def _keep_looking(self) -> None:
        while True:
            config = self._config
            sight = await self.look()
            if config is not self._config:
                continue  # changed meanwhile: what was found is of the old one
            after = dict(sight.servers)
            lines = self.lines(sight) if self._is_new else changes(self._states, after)
            self._is_new = False
            self._states = after
            _say(lines)
            has_more = bool(
                config.stun or config.turn or not all(map(_is_address, config.announce))
            )
            try:
                async with asyncio.timeout(_LOOK_S if has_more else None):
                    await self._wake.wait()
            except TimeoutError:
                continue
            self._wake.clear()

    def _noted(self, name: str, reason: str | None) -> None:
        """Hear from a viewer's connection whether a server is of use."""
        if name in self._states and self._states[name] != reason:
            _say(changes(self._states, {name: reason}))
            self._states[name] = reason

    def _usable(self, url: IceUrl) -> IceUrl | None:
        """Return a server's URL with its address, unless it is known to be of no use."""
        return None if self._states.get(str(url)) is not None else self._resolved(url)

    def _resolved(self, url: IceUrl) -> IceUrl | None:
        address = self._address(url.host)
        if address is None:
            return None
        # TLS checks the server's certificate by its name.
        return url if url.scheme == "turns" else dataclasses.replace(url, host=address)

    def _relay(self, turn: TurnConfig) -> Relay:
        username, password = account_of(turn, self._wall_clock())
        return Relay(self._resolved(turn.url) or turn.url, str(turn.url), username, password)

    def _announced(self) -> tuple[str, ...]:
        found = map(self._address, self._config.announce)
        return tuple(dict.fromkeys(address for address in found if address is not None))

    def _address(self, host: str) -> str | None:
        return host if _is_address(host) else self._hosts.get(host)

    async def _look_up(self, config: WebRtcConfig) -> None:
        """Look all names up at once; a name that can't be keeps the address that it had."""
        urls = (*config.stun, *(one.url for one in config.turn))
        hosts = {*config.announce, *(url.host for url in urls)}
        names = [host for host in hosts if not _is_address(host)]
        found = await asyncio.gather(*map(self._address_of, names))
        self._hosts |= {
            name: address for name, address in zip(names, found, strict=True) if address is not None
        }

    async def _address_of(self, host: str) -> str | None:
        """Return the address of a name; None when there is none in time."""
        try:
            async with asyncio.timeout(_NAMES_S):
                return await self._names.begin(lambda: _first_address(host))
        except (OSError, TimeoutError, UnicodeError, DeliveryError):
            return None


def _first_address(host: str) -> str | None:
    """Return the address of a name, IPv4 before IPv6. Blocks."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
    found.sort(key=lambda one: one[0] is not socket.AF_INET)
    return str(found[0][4][0]) if found else None


async def describe_network(config: Config, wall_clock: Clock) -> tuple[Line, ...]:
    """Return what viewers will be told, and whether STUN and TURN servers are of use.

    Takes six seconds at most. The server need not run; where it does, its ports count as taken.

    Raises:
        StartError: This aioice can't do what the config asks for.
    """
    network = Network(config, wall_clock)
    try:
        return network.lines(await network.look())
    finally:
        await network.close()


def _say(lines: Iterable[Line]) -> None:
    for line in lines:
        _log.log(logging.WARNING if line.is_warning else logging.INFO, "%s", line.text)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
