"""Simulated cameras in a thread of their own, so that any test can use and break them."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator

from heatwall.simulator.cameras import SimulatedCamera
from heatwall.simulator.faults import Fault
from heatwall.simulator.simulate import SimulatedCameras, SimulationOptions

_START_S = 30.0
"""Reading the clips takes a second; a busy machine some more."""


class Store:
    """Running simulated cameras. Its methods may be called from any thread."""

    def __init__(self, cameras: SimulatedCameras, loop: asyncio.AbstractEventLoop) -> None:
        self._cameras = cameras
        self._loop = loop
        self.urls = [url.secret for url in cameras.urls]

    def camera(self, name: str) -> SimulatedCamera:
        """Return a camera, for reading."""
        return self._cameras.camera(name)

    def break_camera(self, name: str, fault: Fault) -> None:
        """Switch a camera's fault, `Fault.NONE` to mend it."""
        self._loop.call_soon_threadsafe(setattr, self._cameras.camera(name), "fault", fault)


@contextlib.contextmanager
def running_store(
    count: int, options: SimulationOptions, faults: dict[str, Fault] | None = None
) -> Iterator[Store]:
    """Run cameras until the context ends; `faults` are there from the start."""
    ready = threading.Event()
    made: list[Store] = []
    stop: list[asyncio.Event] = []

    async def serve() -> None:
        async with SimulatedCameras(count, options) as cameras:
            for name, fault in (faults or {}).items():
                cameras.camera(name).fault = fault
            stop.append(asyncio.Event())
            made.append(Store(cameras, asyncio.get_running_loop()))
            ready.set()
            await stop[0].wait()

    def run() -> None:
        try:
            asyncio.run(serve())
        finally:
            ready.set()

    thread = threading.Thread(target=run, name="store", daemon=True)
    thread.start()
    ready.wait(_START_S)
    assert made, "the simulated cameras did not start"
    try:
        yield made[0]
    finally:
        made[0]._loop.call_soon_threadsafe(stop[0].set)
        thread.join(10)
