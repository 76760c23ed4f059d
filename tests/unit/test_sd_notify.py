from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from heatwall.sd_notify import ServiceManager
from support.eventually import eventually_async


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.setblocking(False)
        yield listening


def heard(manager: socket.socket) -> list[str]:
    messages = []
    while True:
        try:
            messages.append(manager.recv(4096).decode())
        except BlockingIOError:
            return messages


def test_without_a_manager_nothing_is_said_and_nothing_is_open() -> None:
    one = ServiceManager.of({"WATCHDOG_USEC": "1000000"})
    assert not one.tell("READY=1")
    assert one.watchdog_s is None
    one.close()


def test_lines_go_in_one_message(manager: socket.socket, tmp_path: Path) -> None:
    one = ServiceManager.of({"NOTIFY_SOCKET": str(tmp_path / "notify")})
    assert one.tell("READY=1", "STATUS=fine")
    assert heard(manager) == ["READY=1\nSTATUS=fine"]
    assert one.watchdog_s is None
    one.close()
    one.close()
    assert not one.tell("READY=1")


def test_an_address_without_a_file_is_known_by_its_at_sign() -> None:
    name = f"heatwall-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(f"\0{name}")
        listening.setblocking(False)
        one = ServiceManager.of({"NOTIFY_SOCKET": f"@{name}"})
        assert one.tell("STOPPING=1")
        assert heard(listening) == ["STOPPING=1"]
        one.close()


def test_a_manager_that_is_gone_is_no_trouble(tmp_path: Path) -> None:
    one = ServiceManager.of({"NOTIFY_SOCKET": str(tmp_path / "nobody")})
    assert not one.tell("READY=1")
    one.close()


async def test_signs_of_life_come_in_time_and_a_new_process_is_asked_for_when_lost(
    manager: socket.socket, tmp_path: Path
) -> None:
    address = {"NOTIFY_SOCKET": str(tmp_path / "notify")}
    one = ServiceManager.of(address | {"WATCHDOG_USEC": "40000", "WATCHDOG_PID": str(os.getpid())})
    assert one.watchdog_s == 0.04
    said: list[str] = []
    living = asyncio.create_task(one.keep_alive(lambda: len(said) > 2))

    def hear() -> bool:
        said.extend(heard(manager))
        return "WATCHDOG=trigger" in said

    await eventually_async(hear)
    assert said[:3] == ["WATCHDOG=1"] * 3
    living.cancel()
    await asyncio.wait({living})
    one.close()


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"WATCHDOG_USEC": "0"},
        {"WATCHDOG_USEC": "soon"},
        {"WATCHDOG_USEC": "9", "WATCHDOG_PID": "1"},
    ],
    ids=str,
)
async def test_where_no_sign_of_life_is_wanted_none_is_given(
    manager: socket.socket, tmp_path: Path, environ: dict[str, str]
) -> None:
    one = ServiceManager.of({"NOTIFY_SOCKET": str(tmp_path / "notify")} | environ)
    await asyncio.wait_for(one.keep_alive(lambda: False), 10)
    assert heard(manager) == []
    one.close()
