"""A store with a real server and its viewers, in which things are broken at random."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import os
import random
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from heatwall.capacity.arrivals import CameraClock
from heatwall.capacity.clips import numbered_clips
from heatwall.capacity.viewer import LightViewer, watch_all
from heatwall.simulator.faults import Fault
from heatwall.simulator.simulate import SimulationOptions
from support.eventually import eventually_async
from support.server import Server, running_server
from support.store import Store, running_store

CAMERAS, VIEWERS = 8, 3
FPS = 10
SIZE = (320, 180)

OF_CAMERAS = tuple(str(fault) for fault in Fault if fault is not Fault.NONE)
OF_WORKERS = ("worker-killed", "worker-hangs")
OF_MODEL = {"model-raises": "raise", "model-hangs": "hang"}
OF_VIEWERS = ("viewer-vanishes",)
OF_CONFIG = ("config-edited", "config-broken")
NOTHING = "nothing"
"""To measure what it is like without a fault."""

FAULTS = (*OF_CAMERAS, *OF_WORKERS, *OF_MODEL, *OF_VIEWERS, *OF_CONFIG)

_IS_DOWN = "detection is down"
"""Part of the notice on each tile."""

_LOOK_S = 0.1
_ASK_AGAIN_S = 5.0

_WITHIN_S = 90.0
"""For the first pictures, and for a camera to come back, on a busy machine."""


@dataclass(frozen=True)
class Seen:
    """What a viewer got of one camera in a while.

    Attributes:
        pictures: How many.
        missing: Frames that the camera captured between the first and the last, and that did not
            come.
        lost: Packets that did not come.
        latency_s: Capture to last packet of each picture.
    """

    pictures: int
    missing: int
    lost: int
    latency_s: tuple[float, ...]


@dataclass(frozen=True)
class Held:
    """What the server holds of the machine.

    Attributes:
        main_mb: Memory of main.
        worker_mb: Memory of the largest worker.
        descriptors: Of main.
        workers: How many.
        threads: Of main.
    """

    main_mb: float
    worker_mb: float
    descriptors: int
    workers: int
    threads: int


@dataclass
class Outcome:
    """One fault and what came of it.

    Attributes:
        what: Its name.
        camera: Whom it struck; empty for the box.
        noticed_s: From the fault until the server told of it; None when it never did.
        recovered_s: From the fault's end until all cameras were live and the struck one's pictures
            came in the old sessions.
        pictures: Pictures of other cameras that viewers got meanwhile, over all viewers.
        missing: Frames of other cameras that they did not get.
        late: Those of them that the server left out since the machine was busy; it says so.
        lost: Packets of other cameras that they did not get.
        restarts: Workers of other cameras that were started again.
        latency_s: Of the other cameras' pictures, capture to last packet.
    """

    what: str
    camera: str
    noticed_s: float | None = None
    recovered_s: float = 0.0
    pictures: int = 0
    missing: int = 0
    late: int = 0
    lost: int = 0
    restarts: int = 0
    latency_s: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        """Return a row of the table."""
        noticed = "-" if self.noticed_s is None else f"{self.noticed_s:.1f} s"
        return (
            f"{self.what:<16} {self.camera or 'box':<5} noticed {noticed:>7}, back "
            f"{self.recovered_s:5.1f} s; others: {self.pictures} pictures, {self.missing} missing "
            f"({self.late} late), {self.lost} packets lost, {self.restarts} restarts"
        )


class Shop:
    """What chaos is let loose on; made by `open_shop`."""

    def __init__(
        self, store: Store, server: Server, viewers: Sequence[LightViewer], folder: Path
    ) -> None:
        self.store = store
        self.server = server
        self.viewers = viewers
        self.names = [slot.camera for slot in viewers[0].slots]
        self._model_fault = folder / "model.fault"
        self._config = folder / "wall.yaml"
        self._text = self._config.read_text()
        self._edits = 0

    async def settle(self) -> None:
        """Wait until every viewer gets every camera and knows when its pictures were captured."""
        for viewer in self.viewers:
            await eventually_async(functools.partial(self._knows_times, viewer), _WITHIN_S)
        await eventually_async(self._all_live, timeout_s=_WITHIN_S)
        self.seen()

    async def _knows_times(self, viewer: LightViewer) -> bool:
        """Whether a viewer knows when its pictures were captured; else it asks for IDRs."""
        known = (slot.times_known.wait() for slot in viewer.slots)
        try:
            await asyncio.wait_for(asyncio.gather(*known), _ASK_AGAIN_S)
        except TimeoutError:  # an IDR that came before the keys is never asked for again
            await viewer.look_again()
            return False
        return True

    def seen(self) -> dict[str, list[Seen]]:
        """Return what each viewer got of each camera since the last call."""
        found: dict[str, list[Seen]] = {name: [] for name in self.names}
        for viewer in self.viewers:
            for slot, taken in zip(viewer.slots, viewer.take(), strict=True):
                captured = [
                    (slot.times.captured_s(rtp_time), arrival_s)
                    for rtp_time, arrival_s in taken.pictures
                    if slot.times.is_known
                ]
                expected = round((captured[-1][0] - captured[0][0]) * FPS) + 1 if captured else 0
                latency_s = tuple(arrival_s - at_s for at_s, arrival_s in captured)
                missing = max(0, expected - len(captured))
                found[slot.camera].append(Seen(len(captured), missing, taken.lost, latency_s))
        return found

    def held(self) -> Held:
        """Return what the server holds of the machine now."""
        workers = self.server.worker_pids()
        return Held(
            main_mb=_memory_mb(self.server.pid),
            worker_mb=max((_memory_mb(pid) for pid in workers), default=0.0),
            descriptors=len(list(Path(f"/proc/{self.server.pid}/fd").iterdir())),
            workers=len(workers),
            threads=len(list(Path(f"/proc/{self.server.pid}/task").iterdir())),
        )

    async def strike(self, what: str, camera: str, hold_s: float) -> Outcome:
        """Break something for a while, mend it, and wait until all is as it was.

        Args:
            what: One of `FAULTS`.
            camera: Whom it strikes, for a fault of a camera.
            hold_s: How long it lasts, seconds.
        """
        is_cameras = what in OF_CAMERAS or what == "config-edited"
        outcome = Outcome(what, camera if is_cameras else "")
        restarts, late = await self._restarts(), await self._late()
        tally = _Tally(self.names)
        tally.add(self.seen())
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        mend = await self._break(what, camera)
        while loop.time() < began_s + hold_s:
            if outcome.noticed_s is None and await self._is_noticed(what):
                outcome.noticed_s = loop.time() - began_s
            tally.add(self.seen())
            await asyncio.sleep(_LOOK_S)
        await mend()
        mended_s = loop.time()
        if what in OF_WORKERS:
            outcome.camera = await self._whose(restarts)
        if outcome.camera:
            tally.add(self.seen())
            await eventually_async(lambda: self._gets(outcome.camera, tally), _WITHIN_S)
        await eventually_async(self._is_well, timeout_s=_WITHIN_S)
        outcome.recovered_s = loop.time() - mended_s
        tally.add(self.seen())
        after, late_now = await self._restarts(), await self._late()
        for name in self.names:
            if name != outcome.camera:
                tally.tell(name, outcome)
                outcome.late += round(late_now[name] - late[name]) * len(self.viewers)
                outcome.restarts += round(after[name] - restarts[name])
        return outcome

    async def _statuses(self) -> list[dict[str, Any]]:
        text = await asyncio.to_thread(self.server.get, "/api/cameras")
        cameras: list[dict[str, Any]] = json.loads(text)["cameras"]
        return cameras

    async def _restarts(self) -> dict[str, float]:
        """Return how often each camera's worker was started again."""
        metric, name = self.server.metric, "heatwall_worker_restarts_total"
        return {
            camera: await asyncio.to_thread(metric, name, camera=camera) for camera in self.names
        }

    async def _late(self) -> dict[str, float]:
        """Return how many pictures of each camera were left out since its worker was late."""
        metric, name = self.server.metric, "heatwall_frames_dropped_total"
        return {
            camera: await asyncio.to_thread(metric, name, camera=camera, reason="late")
            for camera in self.names
        }

    async def _whose(self, before: dict[str, float]) -> str:
        """Return the camera whose worker was started again."""

        async def found() -> str | None:
            after = await self._restarts()
            return next((name for name in self.names if after[name] > before[name]), None)

        return str(await eventually_async(found, timeout_s=_WITHIN_S))

    def _gets(self, camera: str, tally: _Tally) -> bool:
        """Whether every viewer got pictures of `camera` since the last look."""
        seen = self.seen()
        tally.add(seen)
        return all(one.pictures for one in seen[camera])

    async def _is_noticed(self, what: str) -> bool:
        """Whether the server tells of a fault."""
        statuses = await self._statuses()
        if what in OF_MODEL:
            return any(_IS_DOWN in " ".join(one["notices"]) for one in statuses)
        if what == "config-broken":
            return await self._told("heatwall_config_valid") == 0
        return any(one["state"] != "live" for one in statuses)

    async def _all_live(self) -> bool:
        return all(one["state"] == "live" for one in await self._statuses())

    async def _is_well(self) -> bool:
        """Whether all cameras are live, and looked at."""
        statuses = await self._statuses()
        return all(
            one["state"] == "live" and _IS_DOWN not in " ".join(one["notices"]) for one in statuses
        )

    async def _break(self, what: str, camera: str) -> Callable[[], Awaitable[None]]:
        """Break it now; returns what mends it."""
        if what in OF_WORKERS:
            pids = await asyncio.to_thread(self.server.worker_pids)
            signals = {"worker-killed": signal.SIGKILL, "worker-hangs": signal.SIGSTOP}
            os.kill(random.choice(sorted(pids)), signals[what])
        elif what in OF_MODEL:
            self._model_fault.write_text(OF_MODEL[what])
        elif what == "config-edited":
            self._edit(camera)
        elif what == "config-broken":
            self._write(self._text + f"  {camera}: {{url: 7}}\n")
        elif what in OF_VIEWERS:
            await self._vanish()
        elif what in OF_CAMERAS:
            self.store.break_camera(camera, Fault(what))

        async def mend() -> None:
            if what in OF_MODEL:
                self._model_fault.write_text("")
            elif what in OF_CAMERAS:
                self.store.break_camera(camera, Fault.NONE)
            elif what == "config-broken":
                self._write(self._text)

        return mend

    def _edit(self, camera: str) -> None:
        """Give a camera another time-out, for which its worker is started again."""
        config: dict[str, Any] = yaml.safe_load(self._text)
        self._edits += 1
        config["cameras"][camera]["timeout"] = f"{5000 + self._edits}ms"
        self._text = yaml.safe_dump(config, sort_keys=False)
        self._write(self._text)

    def _write(self, text: str) -> None:
        partial = self._config.with_suffix(".partial")
        partial.write_text(text)
        partial.replace(self._config)

    async def _told(self, metric: str) -> float:
        return await asyncio.to_thread(self.server.metric, metric)

    async def _vanish(self) -> None:
        """Let one more viewer come, and go without telling anybody."""
        clocks = {slot.camera: CameraClock(0, FPS, 1) for slot in self.viewers[0].slots[:2]}
        (viewer,) = await watch_all(self.server.address, clocks, 1)
        await eventually_async(lambda: any(taken.packets for taken in viewer.take()), _WITHIN_S)
        ice: Any = viewer._dtls.transport._connection
        for protocol in ice._protocols:
            protocol.transport.abort()
        viewer._location = ""
        with contextlib.suppress(ConnectionError):
            await viewer.close()


class _Tally:
    """What viewers got of each camera, over several looks."""

    def __init__(self, names: Sequence[str]) -> None:
        self._seen: dict[str, list[Seen]] = {name: [] for name in names}

    def add(self, seen: dict[str, list[Seen]]) -> None:
        for name, parts in seen.items():
            self._seen[name] += parts

    def tell(self, name: str, outcome: Outcome) -> None:
        for one in self._seen[name]:
            outcome.pictures += one.pictures
            outcome.missing += one.missing
            outcome.lost += one.lost
            outcome.latency_s += one.latency_s


@contextlib.asynccontextmanager
async def open_shop(folder: Path) -> AsyncIterator[Shop]:
    """Run cameras, a server whose model can be broken, and viewers of all cameras."""
    clips = await asyncio.to_thread(numbered_clips, CAMERAS, *SIZE, FPS)
    options = SimulationOptions(clips=tuple(clip.path for clip in clips))
    with running_store(CAMERAS, options) as store:
        names = [f"cam{number + 1}" for number in range(CAMERAS)]
        small = {"width": SIZE[0], "height": SIZE[1], "fps": FPS}
        config = {
            "model": {"path": "demo", "imgsz": 160},
            "defaults": {"detect": {"fps": 1}, "tile": small},
            "cameras": {name: {"url": url} for name, url in zip(names, store.urls, strict=True)},
        }
        clocks = {
            name: CameraClock(store.camera(name).epoch_s, FPS, clips[index % len(clips)].frames)
            for index, name in enumerate(names)
        }
        with running_server(folder, config, "support.broken_server") as server:
            viewers = await watch_all(server.address, clocks, VIEWERS)
            try:
                shop = Shop(store, server, viewers, folder)
                await shop.settle()
                yield shop
            finally:
                for viewer in viewers:
                    await viewer.close()


def _memory_mb(pid: int) -> float:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    return 0.0
