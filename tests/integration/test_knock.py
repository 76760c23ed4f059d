"""A knock at real cameras, and at ones that are not well."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from heatwall.camera.knock import Knocker
from heatwall.simulator.auth import Credentials
from heatwall.simulator.faults import Fault
from heatwall.simulator.simulate import SimulationOptions
from heatwall.values import SecretUrl
from support.cameras import simulated
from support.scripted_camera import ScriptedCamera, scripted_camera


@pytest.mark.parametrize("account", [None, Credentials("viewer", "canary-4711")])
async def test_a_camera_answers_as_its_fault_lets_it(
    tmp_path: Path, account: Credentials | None
) -> None:
    async with simulated(tmp_path, options=SimulationOptions(credentials=account)) as store:
        knocker = Knocker(store.urls[0])
        assert await knocker.is_answered()
        for fault in (Fault.OFF, Fault.REFUSE, Fault.CUT, Fault.HANG):
            store.camera("cam1").fault = fault
            assert not await knocker.is_answered(), fault
        store.camera("cam1").fault = Fault.NONE
        assert await knocker.is_answered()
        by_name = SecretUrl(store.urls[0].secret.replace("127.0.0.1", "localhost"))
        assert await Knocker(by_name).is_answered()


async def test_nobody_answers_at_a_closed_port_or_an_unknown_host(unused_tcp_port: int) -> None:
    for url in (
        f"rtsp://127.0.0.1:{unused_tcp_port}/x",
        f"http://127.0.0.1:{unused_tcp_port}/x",
        "rtsp://nowhere.invalid/x",
        "rtsp://[broken/x",
        "rtsp://",
    ):
        assert not await Knocker(SecretUrl(url)).is_answered(), url


@pytest.mark.parametrize("words", [b"SSH-2.0-nonsense\r\n\r\n", b"x" * 100_000, b"RTSP/1.0 ", b""])
async def test_what_is_no_camera_does_not_answer(words: bytes) -> None:
    with scripted_camera(ScriptedCamera(answers={"DESCRIBE": lambda _: words})) as camera:
        assert not await Knocker(camera.url).is_answered()


async def test_without_a_thread_for_the_look_up_nobody_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert not await Knocker(SecretUrl("rtsp://camera.invalid/")).is_answered()
