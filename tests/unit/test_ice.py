from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from aioice import Candidate, Connection

from heatwall.clock import monotonic
from heatwall.config import PortRange
from heatwall.delivery import ice
from heatwall.delivery.ice import Stun, Told, Way, gather_by, own_addresses, try_out
from heatwall.errors import DeliveryError
from support.eventually import eventually_async
from support.stun_server import stun_server

OWN = ["127.0.0.1", "127.0.0.2"]


@pytest.fixture(autouse=True)
def _addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this machine have two addresses that every machine has."""
    monkeypatch.setattr(ice, "get_host_addresses", lambda **_kinds: list(OWN))


def _free_range(count: int) -> PortRange:
    """Return ports of which all are free; others of this machine take theirs elsewhere."""
    for low in range(20_000, 30_000, count):
        with ExitStack() as stack:
            try:
                for port in range(low, low + count):
                    stack.enter_context(_taken(port))
            except OSError:
                continue
            return PortRange(low, low + count - 1)
    raise AssertionError("no range is free")


@contextmanager
def _taken(port: int, address: str = "127.0.0.1") -> Iterator[None]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((address, port))
        yield


def _sockets() -> int:
    links = Path("/proc/self/fd").iterdir()
    return sum("socket:" in str(link.readlink()) for link in links if link.is_symlink())


def _of(candidates: list[Candidate]) -> list[tuple[str, str]]:
    return [(candidate.type, candidate.host) for candidate in candidates]


async def test_a_viewer_gets_one_port_of_the_range_on_every_address() -> None:
    ports = _free_range(4)
    told = await try_out(Way(ports=ports))
    assert [(one.kind, one.address) for one in told] == [("host", own) for own in OWN]
    assert len({one.port for one in told}) == 1
    assert ports.low <= told[0].port <= ports.high


async def test_without_a_range_it_is_one_port_on_every_address_too() -> None:
    told = await try_out(Way())
    assert len({one.port for one in told}) == 1


async def test_a_port_that_is_taken_on_one_address_is_passed_over() -> None:
    ports = _free_range(2)
    with _taken(ports.low, OWN[1]):
        for _ in range(8):  # wherever it starts
            assert {one.port for one in await try_out(Way(ports=ports))} == {ports.high}


async def test_when_all_ports_are_taken_the_viewer_is_told_so_and_none_is_kept() -> None:
    ports = _free_range(2)
    before = _sockets()
    connections = [Connection(ice_controlling=False) for _ in range(2)]
    for connection in connections:
        await gather_by(connection, Way(ports=ports))
    with pytest.raises(DeliveryError, match=rf"{ports}, are taken") as caught:
        await try_out(Way(ports=ports))
    assert (caught.value.status, caught.value.code) == (503, "no_port")
    assert caught.value.retry_after_s is not None
    await connections[0].close()
    assert await try_out(Way(ports=ports))
    await connections[1].close()
    await asyncio.sleep(0)
    assert _sockets() == before


async def test_viewers_begin_at_different_ports() -> None:
    ports = _free_range(64)
    assert len({(await try_out(Way(ports=ports)))[0].port for _ in range(12)}) > 1


async def test_only_addresses_in_the_networks_are_used() -> None:
    told = await try_out(Way(networks=("127.0.0.2/32",)))
    assert [one.address for one in told] == ["127.0.0.2"]


async def test_a_server_without_any_address_says_so() -> None:
    with pytest.raises(DeliveryError, match="no address") as caught:
        await try_out(Way(networks=("192.0.2.0/24",)))
    assert caught.value.code == "no_address"


async def test_what_is_announced_is_told_after_the_own_addresses_with_their_port() -> None:
    connection = Connection(ice_controlling=False)
    way = Way(announced=("203.0.113.5", OWN[0], "2001:db8::1"))
    candidates = await gather_by(connection, way)
    # No own address is of IPv6, and what is an own address is told as such.
    assert _of(candidates) == [("host", OWN[0]), ("host", OWN[1]), ("srflx", "203.0.113.5")]
    assert len({candidate.port for candidate in candidates}) == 1
    announced = candidates[-1]
    assert announced.priority < candidates[0].priority
    assert (announced.related_address, announced.related_port) == (OWN[0], announced.port)
    await connection.close()


async def test_a_stun_server_tells_how_this_machine_is_seen() -> None:
    outcomes: dict[str, str | None] = {}
    async with stun_server(("203.0.113.9", 4444)) as server:
        stun = Stun(server.url, "stun:shop")
        told = await try_out(Way(stun=(stun,), on_outcome=outcomes.__setitem__))
    assert told[-1] == Told("srflx", "203.0.113.9", 4444)
    assert len(told) == 3  # asked from both addresses, told once
    assert outcomes == {"stun:shop": None}


async def test_a_stun_server_that_is_silent_holds_nobody_up_for_long() -> None:
    outcomes: dict[str, str | None] = {}
    async with stun_server(None) as server:
        stun = Stun(server.url, "stun:shop")
        begun_s = monotonic()
        told = await try_out(Way(stun=(stun,), on_outcome=outcomes.__setitem__))
        assert monotonic() - begun_s < ice.WAIT_S + 1.5
    assert [one.kind for one in told] == ["host", "host"]
    assert outcomes == {"stun:shop": "does not answer"}


async def test_a_viewer_who_leaves_while_servers_are_asked_leaves_nothing_behind() -> None:
    before = _sockets()
    async with stun_server(None) as server:
        connection = Connection(ice_controlling=False)
        way = Way(stun=(Stun(server.url, "stun:shop"),))
        gathering = asyncio.create_task(gather_by(connection, way))
        await eventually_async(lambda: server.heard > 0)
        await connection.close()
        await gathering
        assert connection._protocols == []

        connection = Connection(ice_controlling=False)
        gathering = asyncio.create_task(gather_by(connection, way))
        heard = server.heard
        await eventually_async(lambda: server.heard > heard)
        gathering.cancel()
        await asyncio.gather(gathering, return_exceptions=True)
        await connection.close()
    await asyncio.sleep(0)
    assert _sockets() == before


def test_own_addresses_are_told_by_network() -> None:
    assert own_addresses(["127.0.0.0/31"]) == ["127.0.0.1"]
    assert own_addresses(["::/0"]) == []
