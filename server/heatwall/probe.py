"""`heatwall check --probe`: opens each camera of a config once and says what it sends."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable

import msgspec

from heatwall.camera.probing import LOOK_S, Probed, ProbeOrder
from heatwall.config import CameraConfig, Config
from heatwall.redaction import environment_without_secrets

_AT_ONCE = 8
"""Cameras looked at side by side: each decodes, and takes a processor for some of the time."""

_START_S = 15.0
"""What a process may take to start on a busy machine."""


async def probe_all(config: Config, say: Callable[[str], None]) -> bool:
    """Look at every stream of every camera; returns whether all can be shown.

    Each look is bounded and eight go on at once, so that the whole is: 64 cameras of which none
    answers take four minutes at most with the usual timeout.

    Args:
        config: All settings.
        say: Takes a line for each stream, in the config's order.
    """
    turns = asyncio.Semaphore(_AT_ONCE)
    async with asyncio.TaskGroup() as group:
        looks = [
            (name, camera, group.create_task(_look(order, turns)))
            for camera, settings in config.cameras.items()
            for name, order in _orders(settings)
        ]
        is_fine = True
        for name, camera, look in looks:
            found = await look
            is_fine = is_fine and not found.fault
            say(f"cameras.{camera}.{name}: {_in_words(found, config.cameras[camera])}")
    return is_fine


def _orders(settings: CameraConfig) -> list[tuple[str, ProbeOrder]]:
    urls = {"url": settings.url, "substream": settings.substream}
    return [
        (name, ProbeOrder(url.secret, settings.transport, settings.timeout_s))
        for name, url in urls.items()
        if url is not None
    ]


async def _look(order: ProbeOrder, turns: asyncio.Semaphore) -> Probed:
    """Look at one stream in a process of its own, which is killed when it takes too long."""
    limit_s = _START_S + 2 * order.timeout_s + LOOK_S
    command = (sys.executable, "-m", "heatwall.camera.probing")
    async with turns:
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                env=environment_without_secrets(os.environ),
            )
        except OSError as error:
            return Probed(fault=f"no process could be started: {error.strerror}")
        try:
            async with asyncio.timeout(limit_s):
                answer, _ = await process.communicate(msgspec.json.encode(order))
            return msgspec.json.decode(answer, type=Probed)
        except TimeoutError:
            return Probed(fault=f"did not come to an end within {limit_s:g} s")
        except msgspec.DecodeError:
            return Probed(fault="what opened it ended without an answer")
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


def _in_words(found: Probed, settings: CameraConfig) -> str:
    if found.fault:
        return f"failed: {found.fault}"
    idr = "over 5 s apart" if found.idr_s is None else f"every {found.idr_s:g} s"
    return (
        f"{found.codec} {found.width}x{found.height}, {found.fps:g} fps, IDR {idr}, "
        f"over {settings.transport}"
    )
